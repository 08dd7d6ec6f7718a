"""Who reported: for the person, and for those who keep the register of that community (domain reference 3.8)."""

from typing import Annotated

from govkit.domain import Actor, Ref, Role
from govkit.graphql.edges import Reference
from govkit.graphql.functions import Computed, computed
from govkit.graphql.request import RequestContext
from petition.domain.check_ins import PartyMemberCheckIn

KEEPERS = frozenset({Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY, Role.ORG_ADMIN})


def may_know_member(actor: Actor, record: PartyMemberCheckIn) -> bool:
    """Whether the caller is the member, or keeps the register where the member lives."""
    return record.resident_id == actor.id or any(actor.reaches(role, record.place()) for role in actor.roles & KEEPERS)


@computed(PartyMemberCheckIn)
async def resident(record: PartyMemberCheckIn, context: RequestContext) -> Annotated[Reference, Ref("Resident")]:
    """党员 Party member; for the member and the organization staff of the community, null for everyone else"""
    known = may_know_member(context.actor, record)
    return Reference("Resident", "id", record.resident_id) if known else None  # type: ignore[return-value]


COMPUTED: list[Computed] = [resident]
