"""Commands on community workers, red-collar secretaries and visits of leaders."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Phone, Privacy, Range, Role, Text
from organization.domain.errors import OrgError
from organization.domain.territory import Community, ResidentialArea
from organization.domain.visits import ContactVisit
from organization.domain.workforce import CommunityWorker, ContactPoint, RecruitmentChannel, RedCollarSecretary


@dataclass(frozen=True, kw_only=True)
class HireWorker:
    name: Annotated[Name, Doc("姓名 Name")]
    phone: Annotated[Phone | None, Doc("联系电话 Phone"), Privacy.P2] = None
    community_id: Annotated[Id, Doc("社区 Community")]
    recruitment_channel: Annotated[RecruitmentChannel, Doc("招录渠道 Recruitment channel")]
    hired_on: Annotated[date, Doc("入职日期 Hired on")]


@command(Role.ORG_ADMIN, Role.STREET_OFFICER)
async def hire_worker(context: Context, input: HireWorker) -> CommunityWorker:
    """录用专职工作者 Hire a full-time community worker."""
    (await context.get(Community, input.community_id, "communityId")).require_active()
    worker = CommunityWorker.hire(
        id=context.new_id(),
        name=input.name,
        phone=input.phone,
        community_id=input.community_id,
        recruitment_channel=input.recruitment_channel,
        hired_on=input.hired_on,
    )
    return await context.add(worker)


@dataclass(frozen=True, kw_only=True)
class DeployWorker:
    id: Annotated[Id, Doc("工作者 Worker")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    on: Annotated[date, Doc("下沉日期 From")]


@command(on=CommunityWorker)
async def deploy_worker(context: Context, input: DeployWorker) -> CommunityWorker:
    """下沉 Deploy a worker to a residential area of the worker's community."""
    worker = await context.load(CommunityWorker, input.id)
    area = await context.get(ResidentialArea, input.residential_area_id, "residentialAreaId")
    worker.deploy(area.id, area.community_id, input.on)
    return worker


@dataclass(frozen=True, kw_only=True)
class EndEmployment:
    id: Annotated[Id, Doc("工作者 Worker")]
    on: Annotated[date, Doc("离职日期 Left on")]


@command(on=CommunityWorker)
async def end_employment(context: Context, input: EndEmployment) -> CommunityWorker:
    """离职 End a worker's employment."""
    worker = await context.load(CommunityWorker, input.id)
    worker.leave(input.on)
    return worker


@dataclass(frozen=True, kw_only=True)
class DispatchSecretary:
    person_id: Annotated[Id, Doc("人员 Person")]
    origin_department_id: Annotated[Id, Doc("派出单位 Origin unit")]
    batch_id: Annotated[Id, Doc("批次 Batch")]
    community_id: Annotated[Id, Doc("社区 Community")]
    start_on: Annotated[date, Doc("开始日期 From")]
    planned_months: Annotated[int, Doc("计划任期(月) Planned months"), Range(1, 60)]
    help_plan: Annotated[Text | None, Doc("帮扶计划 Help plan")] = None


@command(Role.ORG_ADMIN)
async def dispatch_secretary(context: Context, input: DispatchSecretary) -> RedCollarSecretary:
    """派驻红领书记 Dispatch a red-collar secretary to an active community."""
    (await context.get(Community, input.community_id, "communityId")).require_active()
    secretary = RedCollarSecretary.dispatch(
        id=context.new_id(),
        person_id=input.person_id,
        origin_department_id=input.origin_department_id,
        batch_id=input.batch_id,
        community_id=input.community_id,
        start_on=input.start_on,
        planned_months=input.planned_months,
        help_plan=input.help_plan,
    )
    return await context.add(secretary)


@dataclass(frozen=True, kw_only=True)
class RecallSecretary:
    id: Annotated[Id, Doc("红领书记 Secretary")]
    on: Annotated[date, Doc("结束日期 To")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=RedCollarSecretary)
async def recall_secretary(context: Context, input: RecallSecretary) -> RedCollarSecretary:
    """召回红领书记 Recall a dispatched secretary."""
    secretary = await context.load(RedCollarSecretary, input.id)
    secretary.recall(input.on)
    return secretary


@dataclass(frozen=True, kw_only=True)
class RecordContactVisit:
    contact_point_id: Annotated[Id, Doc("联系点 Contact point")]
    visited_on: Annotated[date, Doc("走访日期 Visited on")]
    topics: Annotated[list[Name], Doc("主题 Topics")]
    problems_raised: Annotated[int, Doc("反映问题数 Problems raised"), Range(0, 1_000)] = 0
    petition_ids: Annotated[list[Id], Doc("形成的诉求 Petitions that came of it")] = field(default_factory=list)


@command(Role.COUNTY_LEADER)
async def record_contact_visit(context: Context, input: RecordContactVisit) -> ContactVisit:
    """登记联系点走访 Record a leader's visit to the community of a contact point."""
    if input.visited_on > context.today:
        raise OrgError.FUTURE_DATE(field="visitedOn")
    visit = ContactVisit.record_visit(
        id=context.new_id(),
        point=await context.get(ContactPoint, input.contact_point_id, "contactPointId"),
        visited_on=input.visited_on,
        topics=input.topics,
        problems_raised=input.problems_raised,
        petition_ids=input.petition_ids,
    )
    return await context.add(visit)
