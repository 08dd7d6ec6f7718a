"""One function a command; plain registers have theirs derived by the kit."""

from govkit.commands import Command
from grid.handlers import base_grids, boundaries, duties, micro_grids, patrols

COMMANDS: list[Command] = [
    base_grids.create_base_grid,
    base_grids.update_base_grid,
    base_grids.retire_base_grid,
    micro_grids.create_micro_grid,
    micro_grids.update_micro_grid,
    micro_grids.retire_micro_grid,
    boundaries.draw_area_boundary,
    duties.assign_duty,
    duties.end_duty,
    patrols.start_patrol,
    patrols.check_in_on_patrol,
    patrols.end_patrol,
    patrols.record_grid_event,
]
