"""Commands on union memberships."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Role, Text
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.unions import (
    HELD_MEMBERSHIP,
    OPEN_MEMBERSHIP,
    IndustryUnion,
    MembershipEndReason,
    UnionMembership,
)
from new_employment_group.domain.workers import Worker
from new_employment_group.handlers.days import day_of


@dataclass(frozen=True, kw_only=True)
class ApplyMembership:
    worker_id: Annotated[Id, Doc("从业者 Worker")]
    union_id: Annotated[Id, Doc("工会 Union")]


@command(Role.UNION_OFFICER, Role.RESIDENT)
async def apply_membership(context: Context, input: ApplyMembership) -> UnionMembership:
    """申请入会 Apply for membership: the worker, or the union's officer on behalf of the worker."""
    worker = await context.get(Worker, input.worker_id, "workerId")
    union = await context.get(IndustryUnion, input.union_id, "unionId")
    membership = UnionMembership.apply(id=context.new_id(), worker=worker, union=union, on=context.today)
    await context.authorise(membership)
    if await context.first(UnionMembership, worker_id=worker.id, union_id=union.id, state=OPEN_MEMBERSHIP):
        raise NegError.ALREADY_MEMBER(field="workerId")
    return await context.add(membership)


@dataclass(frozen=True, kw_only=True)
class ApproveMembership:
    id: Annotated[Id, Doc("会籍 Membership")]
    on: Annotated[date | None, Doc("入会日期 Joined on, today unless told")] = None


@command(on=UnionMembership)
async def approve_membership(context: Context, input: ApproveMembership) -> UnionMembership:
    """批准入会 Approve an application."""
    membership = await context.load(UnionMembership, input.id)
    if await context.first(
        UnionMembership, worker_id=membership.worker_id, sector=membership.sector, state=HELD_MEMBERSHIP
    ):
        raise NegError.SECTOR_UNION_EXISTS(field="id")
    membership.approve(day_of(context, input.on, "on"))
    return membership


@dataclass(frozen=True, kw_only=True)
class RejectMembership:
    id: Annotated[Id, Doc("会籍 Membership")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=UnionMembership)
async def reject_membership(context: Context, input: RejectMembership) -> UnionMembership:
    """驳回申请 Reject an application."""
    membership = await context.load(UnionMembership, input.id)
    membership.reject(await context.get(Worker, membership.worker_id, "id"), context.today)
    return membership


@dataclass(frozen=True, kw_only=True)
class EndMembership:
    id: Annotated[Id, Doc("会籍 Membership")]
    end_reason: Annotated[MembershipEndReason, Doc("终止原因 Why it ends")]
    on: Annotated[date | None, Doc("终止日期 Ended on, today unless told")] = None


@command(on=UnionMembership)
async def end_membership(context: Context, input: EndMembership) -> UnionMembership:
    """终止会籍 End a membership; the worker may leave, everything else is for the union's officer."""
    membership = await context.load(UnionMembership, input.id)
    worker = await context.get(Worker, membership.worker_id, "id")
    if input.end_reason is not MembershipEndReason.LEFT:
        context.actor.require(frozenset({Role.UNION_OFFICER}), membership.place())
    membership.end(worker, day_of(context, input.on, "on"), input.end_reason)
    return membership


@dataclass(frozen=True, kw_only=True)
class TransferMembership:
    id: Annotated[Id, Doc("原会籍 Membership that is left")]
    to_union_id: Annotated[Id, Doc("转入工会 Union that is joined")]
    on: Annotated[date | None, Doc("转会日期 Transferred on, today unless told")] = None


@command(on=UnionMembership)
async def transfer_membership(context: Context, input: TransferMembership) -> UnionMembership:
    """转会 Move a member to another union; answers the membership there."""
    membership = await context.load(UnionMembership, input.id)
    worker = await context.get(Worker, membership.worker_id, "id")
    union = await context.get(IndustryUnion, input.to_union_id, "toUnionId")
    on = day_of(context, input.on, "on")
    follower = membership.transfer(id=context.new_id(), worker=worker, to=union, on=on)
    # The union that is left decides; the other one is told by the new membership in its list.
    await context.check_references(follower)
    return context.work.add(follower)
