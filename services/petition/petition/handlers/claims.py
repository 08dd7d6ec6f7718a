"""The three claims: of volunteer posts, wishes and petitions."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Gen, Id, Role, Text
from govkit.domain.aggregate import matches
from petition.domain.claims import CLAIMANTS, TAKEN, TERM, Claim, ClaimTargetType, MicroWish, VolunteerPost
from petition.domain.errors import PetError
from petition.domain.petitions import Petition
from petition.domain.vocabulary import PetitionState

CLAIMABLE = (
    PetitionState.ACCEPTED,
    PetitionState.ASSIGNED,
    PetitionState.IN_PROGRESS,
    PetitionState.REOPENED,
    PetitionState.SUPERVISED,
)


@dataclass(frozen=True, kw_only=True)
class Target:
    """`owner_id`: whose wish or petition it is."""

    community_id: str
    slots: int
    owner_id: str | None


@dataclass(frozen=True, kw_only=True)
class ClaimInput:
    target_type: Annotated[ClaimTargetType, Doc("对象类型 Type of the target")]
    target_id: Annotated[Id, Doc("对象 Target")]


@command(*CLAIMANTS)
async def claim(context: Context, input: ClaimInput) -> Claim:
    """认领 Claim a volunteer post, a wish or a petition for thirty days; one claim a target, or one a slot."""
    target = await find_target(context, input)
    taken = {item.slot for item in await context.find(Claim, target_id=input.target_id, state=TAKEN)}
    slot = next((slot for slot in range(target.slots) if slot not in taken), None)
    if slot is None:
        raise PetError.ALREADY_CLAIMED(field="targetId")
    if input.target_type is ClaimTargetType.VOLUNTEER_POST:
        (await context.get(VolunteerPost, input.target_id, "targetId")).claimed = len(taken) + 1
    made = Claim(
        id=context.new_id(),
        target_type=input.target_type,
        target_id=input.target_id,
        slot=slot,
        community_id=target.community_id,
        claimant_id=context.actor.id,
        partner_id=context.actor.scope.partner_id if context.actor.has(frozenset({Role.PARTNER})) else None,
        claimed_at=context.now,
        due_at=context.now + TERM,
    )
    return await context.add(made.make(target.owner_id))


async def find_target(context: Context, input: ClaimInput) -> Target:
    """Raises GEN_REFERENCE_UNKNOWN, PET_TARGET_NOT_OPEN."""
    match input.target_type:
        case ClaimTargetType.VOLUNTEER_POST:
            post = await context.get(VolunteerPost, input.target_id, "targetId")
            open_, target = not post.closed, Target(community_id=post.community_id, slots=post.slots, owner_id=None)
        case ClaimTargetType.MICRO_WISH:
            wish = await context.get(MicroWish, input.target_id, "targetId")
            open_ = not wish.closed
            target = Target(community_id=wish.community_id, slots=1, owner_id=wish.resident_id)
        case ClaimTargetType.PETITION:
            petition = await context.get(Petition, input.target_id, "targetId")
            if not any(matches(petition, where) for where in Petition.visible_to(context.actor)):
                raise Gen.REFERENCE_UNKNOWN(field="targetId", type="Petition", id=input.target_id)
            open_ = petition.state in CLAIMABLE and petition.community_id is not None
            target = Target(community_id=petition.community_id or "", slots=1, owner_id=petition.reporter_id)
    if not open_:
        raise PetError.TARGET_NOT_OPEN(field="targetId")
    return target


@dataclass(frozen=True, kw_only=True)
class ReleaseClaim:
    id: Annotated[Id, Doc("认领 Claim")]
    reason: Annotated[Text | None, Doc("原因 Reason")] = None


@command(on=Claim)
async def release_claim(context: Context, input: ReleaseClaim) -> Claim:
    """释放认领 Give a claim up; the target is free again."""
    released = await context.load(Claim, input.id)
    released.release(context.now)
    if released.target_type is ClaimTargetType.VOLUNTEER_POST:
        (await context.get(VolunteerPost, released.target_id)).claimed -= 1
    return released


@dataclass(frozen=True, kw_only=True)
class CompleteClaim:
    id: Annotated[Id, Doc("认领 Claim")]


@command(on=Claim)
async def complete_claim(context: Context, input: CompleteClaim) -> Claim:
    """完成认领 Report that what was claimed is done."""
    completed = await context.load(Claim, input.id)
    completed.complete(context.now)
    return completed


@dataclass(frozen=True, kw_only=True)
class ConfirmClaim:
    id: Annotated[Id, Doc("认领 Claim")]


@command(on=Claim)
async def confirm_claim(context: Context, input: ConfirmClaim) -> Claim:
    """确认认领 The community confirms that it was done."""
    confirmed = await context.load(Claim, input.id)
    confirmed.confirm(context.actor.id, context.now)
    return confirmed
