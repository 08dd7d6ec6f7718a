"""Commands on governance supervisors."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Range, Text
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.supervisors import (
    NOMINATORS,
    GovernanceSupervisor,
    SupervisorBatch,
    SupervisorPost,
    SupervisorPostType,
)
from new_employment_group.domain.workers import Worker
from new_employment_group.handlers.days import day_of


async def post_of(context: Context, post: SupervisorPost) -> SupervisorPostType:
    """How the post is set up. Raises NEG_POST_UNKNOWN."""
    found = await context.first(SupervisorPostType, post_type=post)
    if found is None:
        raise NegError.POST_UNKNOWN(field="postType", post=post.name)
    return found


async def batch_of(context: Context, supervisor: GovernanceSupervisor) -> SupervisorBatch:
    (batch,) = await context.find(SupervisorBatch, number=supervisor.batch_number)
    return batch


@dataclass(frozen=True, kw_only=True)
class NominateSupervisor:
    worker_id: Annotated[Id, Doc("从业者 Worker")]
    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]
    batch_number: Annotated[int, Doc("批次 Batch"), Range(1, 1_000)]
    community_ids: Annotated[list[Id], Doc("负责社区 Communities to look after")]


@command(*NOMINATORS)
async def nominate_supervisor(context: Context, input: NominateSupervisor) -> GovernanceSupervisor:
    """提名监督员 Nominate an eligible worker for a post of a batch."""
    worker = await context.get(Worker, input.worker_id, "workerId")
    supervisor = GovernanceSupervisor.nominate(
        id=context.new_id(),
        worker=worker,
        post=await post_of(context, input.post_type),
        batch_number=input.batch_number,
        community_ids=input.community_ids,
        on=context.today,
    )
    return await context.add(supervisor)


@dataclass(frozen=True, kw_only=True)
class AppointSupervisor:
    id: Annotated[Id, Doc("监督员 Supervisor")]
    appointed_on: Annotated[date | None, Doc("聘任日期 First day, today unless told")] = None
    term_ends_on: Annotated[date | None, Doc("届满日期 Last day, one year later unless told")] = None


@command(on=GovernanceSupervisor)
async def appoint_supervisor(context: Context, input: AppointSupervisor) -> GovernanceSupervisor:
    """聘任监督员 Appoint a nominated worker who is still eligible, while the batch has a place of the post."""
    supervisor = await context.load(GovernanceSupervisor, input.id)
    on = day_of(context, input.appointed_on, "appointedOn")
    supervisor.appoint(
        worker=await context.get(Worker, supervisor.worker_id, "workerId"),
        post=await post_of(context, supervisor.post_type),
        batch=await batch_of(context, supervisor),
        on=on,
        term_ends_on=input.term_ends_on or one_year_from(on),
        certificate_number=await context.number("JDY"),
    )
    return supervisor


def one_year_from(day: date) -> date:
    """The last day of a term of one year."""
    # 29 February has no anniversary: the term then ends on the last of February.
    next_year = day.replace(year=day.year + 1, day=28) + timedelta(days=day.day - 28)
    return next_year - timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class SuspendSupervisor:
    id: Annotated[Id, Doc("监督员 Supervisor")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=GovernanceSupervisor)
async def suspend_supervisor(context: Context, input: SuspendSupervisor) -> GovernanceSupervisor:
    """暂停监督员 Suspend a supervisor: no reports for now."""
    supervisor = await context.load(GovernanceSupervisor, input.id)
    supervisor.suspend()
    return supervisor


@dataclass(frozen=True, kw_only=True)
class ResumeSupervisor:
    id: Annotated[Id, Doc("监督员 Supervisor")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=GovernanceSupervisor)
async def resume_supervisor(context: Context, input: ResumeSupervisor) -> GovernanceSupervisor:
    """恢复监督员 Put a suspended supervisor back in office."""
    supervisor = await context.load(GovernanceSupervisor, input.id)
    supervisor.resume()
    return supervisor


@dataclass(frozen=True, kw_only=True)
class EndSupervisor:
    id: Annotated[Id, Doc("监督员 Supervisor")]
    on: Annotated[date | None, Doc("卸任日期 Last day, today unless told")] = None
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=GovernanceSupervisor)
async def end_supervisor(context: Context, input: EndSupervisor) -> GovernanceSupervisor:
    """卸任监督员 End a term, or drop a nomination; the place becomes free."""
    supervisor = await context.load(GovernanceSupervisor, input.id)
    supervisor.end(await batch_of(context, supervisor), day_of(context, input.on, "on"))
    return supervisor
