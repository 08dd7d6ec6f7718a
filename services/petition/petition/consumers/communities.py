"""A community becomes known after petitions were located in it: they lie in its street as well."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Doc, Id
from petition.domain.petitions import Petition


@dataclass(frozen=True, kw_only=True)
class CommunitySeen:
    community_id: Annotated[Id, Doc("社区 Community")]
    street_id: Annotated[Id, Doc("街道 Street")]


@consumes("community.established", "community.changed")
async def name_street(context: EventContext, event: CommunitySeen) -> None:
    for petition in await context.find(Petition, community_id=event.community_id, street_id=None):
        petition.street_id = event.street_id
