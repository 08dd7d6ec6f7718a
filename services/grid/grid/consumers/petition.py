"""Effects of petition's events: a reported grid event knows the petition that it became."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Doc
from grid.domain.patrols import GridEvent


@dataclass(frozen=True, kw_only=True)
class PetitionSubmitted:
    petition_id: Annotated[str, Doc("诉求 Petition")]
    source_type: Annotated[str | None, Doc("来源类型 Source type")] = None
    source_id: Annotated[str | None, Doc("来源 Source")] = None


@consumes("petition.submitted")
async def note_petition(context: EventContext, event: PetitionSubmitted) -> None:
    if event.source_type != "GRID_EVENT" or event.source_id is None:
        return
    found = await context.get(GridEvent, event.source_id)
    if found is not None and found.petition_id is None:
        found.petition_id = event.petition_id
