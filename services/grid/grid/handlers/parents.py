"""What a change of the net hangs on: the active generation, the community, its boundary."""

from typing import Any

from govkit.commands import Context
from govkit.store.codec import Document
from grid.domain.errors import GridError
from grid.domain.net import AreaBoundary, BoundarySubject, Generation, GenerationState


async def active_generation(context: Context) -> Generation:
    """The generation that every change of the net revises; load it before what the change depends on.

    A commit by someone else in between then changes its version, and this command decides again on fresh data.
    Raises GRID_NO_ACTIVE_GENERATION.
    """
    generation = await context.first(Generation, state=GenerationState.ACTIVE)
    if generation is None:
        raise GridError.NO_ACTIVE_GENERATION()
    return generation


async def known_community(context: Context, community_id: str) -> Document:
    """What is known of an active community. Raises GRID_COMMUNITY_UNKNOWN, GRID_COMMUNITY_NOT_ACTIVE."""
    known = await context.store.reference("Community", "id", community_id)
    if known is None:
        raise GridError.COMMUNITY_UNKNOWN(field="communityId", id=community_id)
    if known["data"].get("status", "ACTIVE") != "ACTIVE":
        raise GridError.COMMUNITY_NOT_ACTIVE(field="communityId", status=known["data"]["status"])
    return dict(known["data"])


async def require_area_of(context: Context, residential_area_id: str | None, community_id: str) -> None:
    """Raises GEN_REFERENCE_UNKNOWN, GRID_AREA_OUTSIDE_COMMUNITY."""
    if residential_area_id is None:
        return
    area = await context.reference("ResidentialArea", residential_area_id, "residentialAreaId")
    if area["communityId"] != community_id:
        raise GridError.AREA_OUTSIDE_COMMUNITY(field="residentialAreaId")


async def boundary_of_community(context: Context, generation: Generation, community_id: str) -> dict[str, Any] | None:
    """None as long as nobody has drawn it."""
    where = {
        "generation_id": generation.id,
        "subject": BoundarySubject.COMMUNITY,
        "subject_id": community_id,
    }
    drawn = await context.store.find(AreaBoundary, where, limit=1)
    return drawn[0].boundary if drawn else None
