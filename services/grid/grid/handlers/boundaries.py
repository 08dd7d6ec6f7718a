"""Commands on the boundaries that the net is drawn in."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, GeoJson, Id, Role
from grid.domain.net import AreaBoundary, BoundarySubject
from grid.handlers.geometry import draw
from grid.handlers.parents import active_generation, known_community

KEPT_TYPES = {BoundarySubject.STREET: "Street", BoundarySubject.RESIDENTIAL_AREA: "ResidentialArea"}


@dataclass(frozen=True, kw_only=True)
class DrawAreaBoundary:
    subject: Annotated[BoundarySubject, Doc("对象类型 Subject")]
    subject_id: Annotated[Id, Doc("对象 Subject's id; of the county its division code")]
    boundary: Annotated[GeoJson, Doc("边界 Boundary: Polygon or MultiPolygon, WGS-84")]


@command(Role.ORG_ADMIN, Role.ADMIN)
async def draw_area_boundary(context: Context, input: DrawAreaBoundary) -> AreaBoundary:
    """划定区域边界 Draw the boundary of an area in the active generation, or draw it anew."""
    generation = await active_generation(context)
    if input.subject is BoundarySubject.COMMUNITY:
        await known_community(context, input.subject_id)
    elif input.subject in KEPT_TYPES:
        await context.reference(KEPT_TYPES[input.subject], input.subject_id, "subjectId")
    outline = draw(input.boundary)
    known = await context.first(
        AreaBoundary, generation_id=generation.id, subject=input.subject, subject_id=input.subject_id
    )
    if known is not None:
        if known.redraw(outline):
            generation.revise()
        return known
    generation.revise()
    return await context.add(
        AreaBoundary.of(
            id=context.new_id(),
            subject=input.subject,
            subject_id=input.subject_id,
            generation_id=generation.id,
            outline=outline,
        )
    )
