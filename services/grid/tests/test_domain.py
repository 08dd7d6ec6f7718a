"""The rules of the net without a database: codes, states, duties."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govkit.domain import GeoPoint, GovError
from grid.domain.codes import SCHEME, GridKind
from grid.domain.duties import GridDuty, GridDutyRole, GridDutyState
from grid.domain.grids import BaseGrid, GridStatus
from grid.domain.links import ExternalGridMapping
from grid.domain.micro_grids import MicroGrid
from grid.domain.net import Generation, GenerationState
from grid.domain.patrols import GridEvent, GridEventState, Patrol
from grid.domain.shapes import BoundingBox, Outline

COMMUNITY = "371324001007"
DAY = date(2023, 3, 1)
NOW = datetime(2023, 3, 1, 1, tzinfo=UTC)
OUTLINE = Outline(
    boundary={"type": "Polygon", "coordinates": []},
    bbox=BoundingBox(west=118.0, south=34.8, east=118.1, north=34.9),
    centroid=GeoPoint(longitude=118.05, latitude=34.85),
    area_m2=10_000,
)


def base_grid(**changes: Any) -> BaseGrid:
    values: dict[str, Any] = {
        "id": "grid-1",
        "code": f"{COMMUNITY}001",
        "name": "西城花园第1网格",
        "kind": GridKind.RESIDENTIAL,
        "community_id": "com-7",
        "residential_area_id": None,
        "generation_id": "gen-1",
        "outline": OUTLINE,
        "households": 300,
        "population": 870,
        "active_from": DAY,
    }
    return BaseGrid.create(**values | changes)


def micro_grid(base: BaseGrid, number: int = 1) -> MicroGrid:
    return MicroGrid.create(
        id=f"micro-{number}",
        code=f"{base.code}{number:02}",
        name="第1微网格",
        base=base,
        outline=OUTLINE,
        buildings=[],
        households=40,
    )


def retired() -> BaseGrid:
    grid = base_grid()
    grid.retire(DAY, [], active_duties=0, active_micro_grids=0)
    return grid


def types(record: Any) -> list[str]:
    return [event.TYPE.removeprefix("cn.lanling.").removesuffix(".v1") for event in record.take_events()]


# --- codes ---------------------------------------------------------------------------------------------------------


@given(st.sets(st.integers(1, 998)), st.sampled_from(GridKind))
def test_the_next_code_follows_the_highest_of_its_kind_and_is_never_a_used_one(used: set[int], kind: GridKind) -> None:
    codes = {f"{COMMUNITY}{sequence:03}" for sequence in used}
    ordinary = kind is GridKind.RESIDENTIAL
    mine = {sequence for sequence in used if (sequence < 900) == ordinary}
    expected = max(mine, default=0 if ordinary else 899) + 1
    if ordinary and expected == 900:
        with pytest.raises(GovError, match="GRID_CODES_EXHAUSTED"):
            SCHEME.base_code(COMMUNITY, kind, codes, None)
        return
    assert SCHEME.base_code(COMMUNITY, kind, codes, None) == f"{COMMUNITY}{expected:03}" not in codes


@pytest.mark.parametrize(
    ("wanted", "kind", "error"),
    [
        (f"{COMMUNITY}002", GridKind.RESIDENTIAL, None),
        (f"{COMMUNITY}900", GridKind.EXCLUSIVE, None),
        (f"{COMMUNITY}001", GridKind.RESIDENTIAL, "GRID_CODE_EXISTS"),
        (f"{COMMUNITY}000", GridKind.RESIDENTIAL, "GRID_CODE_INVALID"),
        (f"{COMMUNITY}900", GridKind.RESIDENTIAL, "GRID_CODE_INVALID"),
        (f"{COMMUNITY}002", GridKind.EXCLUSIVE, "GRID_CODE_INVALID"),
        (f"{COMMUNITY}02", GridKind.RESIDENTIAL, "GRID_CODE_INVALID"),
        ("371324001008002", GridKind.RESIDENTIAL, "GRID_CODE_INVALID"),
        (f"{COMMUNITY}00２", GridKind.RESIDENTIAL, "GRID_CODE_INVALID"),
    ],
)
def test_a_wanted_code_follows_the_rule(wanted: str, kind: GridKind, error: str | None) -> None:
    used = {f"{COMMUNITY}001"}
    if error is None:
        assert SCHEME.base_code(COMMUNITY, kind, used, wanted) == wanted
    else:
        with pytest.raises(GovError, match=error):
            SCHEME.base_code(COMMUNITY, kind, used, wanted)


def test_a_base_grid_has_99_micro_grids_at_most() -> None:
    code = f"{COMMUNITY}001"
    assert SCHEME.micro_code(code, set(), None) == f"{code}01"
    assert SCHEME.micro_code(code, {f"{code}07"}, None) == f"{code}08"
    with pytest.raises(GovError, match="GRID_CODES_EXHAUSTED"):
        SCHEME.micro_code(code, {f"{code}99"}, None)


# --- grids ---------------------------------------------------------------------------------------------------------


def test_events_of_a_base_grid_carry_its_boundary_and_no_name() -> None:
    grid = base_grid()
    (created,) = grid.take_events()
    assert created.boundary == OUTLINE.boundary  # type: ignore[attr-defined]
    assert created.code == grid.code  # type: ignore[attr-defined]
    assert not hasattr(created, "name")
    assert not grid.update(households=300, name="西城花园第1网格", outline=OUTLINE)
    assert types(grid) == []
    assert not grid.update(households=310)
    assert (grid.households, grid.population, grid.name) == (310, 870, "西城花园第1网格")
    assert types(grid) == ["grid.updated"]
    assert grid.update(residential_area_id="area-1")
    assert grid.update(outline=replace(OUTLINE, boundary={"type": "Polygon", "coordinates": [[]]}))
    assert types(grid) == ["grid.updated"] * 2


def test_a_grid_is_retired_once_when_nothing_hangs_on_it() -> None:
    grid = base_grid()
    for duties, micro, error in ((1, 0, "GRID_HAS_ACTIVE_DUTY"), (0, 2, "GRID_HAS_MICRO_GRIDS")):
        with pytest.raises(GovError, match=error):
            grid.retire(DAY, [], active_duties=duties, active_micro_grids=micro)
    with pytest.raises(GovError, match="GRID_PERIOD_INVALID"):
        grid.retire(date(2023, 2, 28), [], active_duties=0, active_micro_grids=0)
    grid.retire(DAY, [f"{COMMUNITY}002"], active_duties=0, active_micro_grids=0)
    assert (grid.status, grid.retired_on) == (GridStatus.RETIRED, DAY)
    assert types(grid) == ["grid.created", "grid.retired"]
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        grid.update(households=1)


def test_a_retired_grid_takes_nothing_new() -> None:
    grid = retired()
    with pytest.raises(GovError, match="GRID_NOT_ACTIVE"):
        micro_grid(grid)
    with pytest.raises(GovError, match="GRID_NOT_ACTIVE"):
        duty(grid)
    with pytest.raises(GovError, match="GRID_NOT_ACTIVE"):
        grid_event(grid, solved=True)


def test_a_micro_grid_belongs_to_its_base_grid_and_ends_when_nobody_serves_it() -> None:
    base = base_grid()
    micro = micro_grid(base)
    assert (micro.base_grid_id, micro.base_grid_code, micro.community_id) == (base.id, base.code, base.community_id)
    micro.update(name="东楼微网格")
    with pytest.raises(GovError, match="GRID_HAS_ACTIVE_DUTY"):
        micro.retire(active_duties=1)
    micro.retire(active_duties=0)
    assert types(micro) == ["micro_grid.created", "micro_grid.updated", "micro_grid.retired"]


@given(st.tuples(*[st.integers(0, 6)] * 8))
def test_boxes_touch_exactly_when_they_share_a_point(numbers: tuple[int, ...]) -> None:
    west, width, south, height, west2, width2, south2, height2 = numbers
    one = BoundingBox(west=west, south=south, east=west + width, north=south + height)
    other = BoundingBox(west=west2, south=south2, east=west2 + width2, north=south2 + height2)
    across = set(range(west, west + width + 1)) & set(range(west2, west2 + width2 + 1))
    up = set(range(south, south + height + 1)) & set(range(south2, south2 + height2 + 1))
    assert one.touches(other) == other.touches(one) == bool(across and up)


def test_an_active_generation_says_since_when() -> None:
    generation = Generation(id="gen-1", number=1, name="二十一社区网格", state=GenerationState.ACTIVE)
    with pytest.raises(GovError, match="GRID_PERIOD_INVALID"):
        generation.check()
    generation.activated_on = DAY
    generation.check()
    generation.revise()
    assert generation.revision == 1


# --- duties --------------------------------------------------------------------------------------------------------


def duty(grid: BaseGrid, **changes: Any) -> GridDuty:
    values: dict[str, Any] = {
        "id": "duty-1",
        "grid": grid,
        "role": GridDutyRole.GRID_LEADER,
        "start_on": DAY,
        "staff_id": "w-1",
    }
    return GridDuty.assign(**values | changes)


VOLUNTEER = GridDutyRole.MICRO_GRID_VOLUNTEER


@pytest.mark.parametrize(
    ("holder", "field"),
    [
        ({"staff_id": None}, "staffId"),
        ({"volunteer_id": "res-1"}, "volunteerId"),
        ({"role": VOLUNTEER, "staff_id": None}, "volunteerId"),
        ({"role": VOLUNTEER, "staff_id": None, "volunteer_id": "res-1"}, "microGridCode"),
        ({"role": VOLUNTEER, "volunteer_id": "res-1", "with_micro": True}, "staffId"),
    ],
)
def test_workers_serve_grids_and_residents_serve_micro_grids(holder: dict[str, Any], field: str) -> None:
    grid = base_grid()
    if holder.pop("with_micro", False):
        holder["micro_grid"] = micro_grid(grid)
    with pytest.raises(GovError, match="GEN_VALIDATION") as refused:
        duty(grid, **holder)
    assert refused.value.field == field


def test_a_volunteer_serves_a_micro_grid_of_that_grid() -> None:
    grid, other = base_grid(), base_grid(id="grid-2", code=f"{COMMUNITY}002")
    serving = {"role": VOLUNTEER, "staff_id": None, "volunteer_id": "res-1"}
    assert duty(grid, micro_grid=micro_grid(grid), **serving).micro_grid_code == f"{COMMUNITY}00101"
    with pytest.raises(GovError, match="GEN_VALIDATION"):
        duty(grid, micro_grid=micro_grid(other), **serving)


def test_a_duty_covers_its_first_and_last_day_and_ends_once() -> None:
    leading = duty(base_grid())
    assert leading.covers(date(2050, 1, 1))
    with pytest.raises(GovError, match="GRID_PERIOD_INVALID"):
        leading.end(date(2023, 2, 28))
    leading.end(date(2023, 6, 30), "已交接台账")
    assert leading.state is GridDutyState.ENDED
    days = [date(2023, 2, 28), DAY, date(2023, 6, 30), date(2023, 7, 1)]
    assert [leading.covers(day) for day in days] == [False, True, True, False]
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        leading.end(date(2023, 7, 1))
    started, ended = leading.take_events()
    assert (started.TYPE, ended.TYPE) == ("cn.lanling.duty.started.v1", "cn.lanling.duty.ended.v1")
    assert not hasattr(ended, "handover_note")


# --- patrols and links ---------------------------------------------------------------------------------------------


def grid_event(grid: BaseGrid, solved: bool) -> GridEvent:
    return GridEvent.found(
        id="ev-1",
        number="WG-20230301-000001",
        grid=grid,
        category_code="ENVIRONMENT",
        found_by="w-1",
        found_at=NOW,
        solved_on_spot=solved,
    )


@pytest.mark.parametrize(
    ("solved", "state", "event"),
    [
        (True, GridEventState.SOLVED_ON_SPOT, "grid_event.solved"),
        (False, GridEventState.REPORTED, "grid_event.reported"),
    ],
)
def test_what_a_worker_finds_is_solved_or_reported(solved: bool, state: GridEventState, event: str) -> None:
    found = grid_event(base_grid(), solved)
    assert (found.state, types(found)) == (state, [event])


def test_a_patrol_ends_once_with_its_check_ins() -> None:
    patrol = Patrol.start(id="p-1", duty=duty(base_grid()), at=NOW)
    patrol.check_in(NOW, GeoPoint(longitude=118.0, latitude=34.8))
    patrol.end(NOW)
    (completed,) = patrol.take_events()
    assert completed.checkpoint_count == 1  # type: ignore[attr-defined]
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        patrol.check_in(NOW, GeoPoint(longitude=118.0, latitude=34.8))


def test_a_mapping_does_not_end_before_it_starts() -> None:
    mapping = ExternalGridMapping(
        id="m-1",
        system="PUBLIC_SECURITY",
        external_code="JW-17",
        grid_code=f"{COMMUNITY}001",
        valid_from=DAY,
        valid_to=date(2023, 2, 1),
    )
    with pytest.raises(GovError, match="GRID_PERIOD_INVALID"):
        mapping.check()
