"""Commands on property contracts, red/black lists, consequences and hand-over plans."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Month, Range, Role, Text
from organization.domain.property import (
    ConsequenceKind,
    ContractKind,
    HandoverPlan,
    HandoverStage,
    LinkedConsequence,
    ListEntry,
    PropertyContract,
    PropertyEnterprise,
    RedBlackList,
    SubjectType,
)
from organization.domain.territory import PropertyStatus, ResidentialArea

MANAGED_BY = {
    ContractKind.MARKET: PropertyStatus.MARKET_MANAGED,
    ContractKind.FALLBACK: PropertyStatus.FALLBACK_MANAGED,
}


def set_property_status(area: ResidentialArea, status: PropertyStatus) -> None:
    """Every change of management goes through here, so that it is always published."""
    area.property_status = status
    area.registered("changed")


@dataclass(frozen=True, kw_only=True)
class SignPropertyContract:
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    kind: Annotated[ContractKind, Doc("类型 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    fee_per_m2_fen: Annotated[int | None, Doc("物业费(分/平方米·月) Fee in fen"), Range(0, 100_000)] = None


@command(Role.HOUSING_AUTHORITY)
async def sign_property_contract(context: Context, input: SignPropertyContract) -> PropertyContract:
    """签订物业合同 Sign a property contract; the area's management follows."""
    area = await context.get(ResidentialArea, input.residential_area_id, "residentialAreaId")
    contract = PropertyContract.sign(
        id=context.new_id(),
        residential_area_id=area.id,
        community_id=area.community_id,
        enterprise_id=input.enterprise_id,
        kind=input.kind,
        start_on=input.start_on,
        fee_per_m2_fen=input.fee_per_m2_fen,
    )
    set_property_status(area, MANAGED_BY[input.kind])
    return await context.add(contract)


@dataclass(frozen=True, kw_only=True)
class EndPropertyContract:
    id: Annotated[Id, Doc("合同 Contract")]
    on: Annotated[date, Doc("结束日期 To")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=PropertyContract)
async def end_property_contract(context: Context, input: EndPropertyContract) -> PropertyContract:
    """终止物业合同 End a property contract; the area is then without property management."""
    contract = await context.load(PropertyContract, input.id)
    contract.end(input.on)
    set_property_status(
        await context.get(ResidentialArea, contract.residential_area_id, "residentialAreaId"), PropertyStatus.NONE
    )
    return contract


@dataclass(frozen=True, kw_only=True)
class DraftList:
    period: Annotated[Month, Doc("月份 Month")]
    entries: Annotated[list[ListEntry], Doc("条目 Entries")]
    corrects_id: Annotated[Id | None, Doc("更正的榜单 Published list that it corrects")] = None


@command(Role.HOUSING_AUTHORITY, Role.STREET_OFFICER)
async def draft_list(context: Context, input: DraftList) -> RedBlackList:
    """起草红黑榜 Draft the list of a month, or a correction of a published one."""
    editions = await context.count(RedBlackList, period=input.period)
    draft = RedBlackList(
        id=context.new_id(),
        period=input.period,
        edition=editions + 1 if input.corrects_id else 1,
        entries=input.entries,
        drafted_by=context.actor.id,
        corrects_id=input.corrects_id,
    )
    return await context.add(draft)


@dataclass(frozen=True, kw_only=True)
class PublishList:
    id: Annotated[Id, Doc("榜单 List")]


@command(on=RedBlackList)
async def publish_list(context: Context, input: PublishList) -> RedBlackList:
    """发布红黑榜 Publish a list; a correction replaces the list that it names."""
    draft = await context.load(RedBlackList, input.id)
    draft.publish(context.actor.id, context.now)
    return draft


@dataclass(frozen=True, kw_only=True)
class ActivateConsequence:
    subject_type: Annotated[SubjectType, Doc("对象类型 Subject type")]
    subject_id: Annotated[Id, Doc("对象 Subject")]
    kind: Annotated[ConsequenceKind, Doc("措施 Kind")]
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date, Doc("结束日期 To")]
    basis_list_id: Annotated[Id, Doc("依据榜单 Published list that it follows from")]


@command(Role.HOUSING_AUTHORITY)
async def activate_consequence(context: Context, input: ActivateConsequence) -> LinkedConsequence:
    """启动挂钩措施 Put a consequence of a published list into effect."""
    consequence = LinkedConsequence(
        id=context.new_id(),
        subject_type=input.subject_type,
        subject_id=input.subject_id,
        kind=input.kind,
        start_on=input.start_on,
        end_on=input.end_on,
        basis_list_id=input.basis_list_id,
    )
    return await context.add(consequence.activate())


@dataclass(frozen=True, kw_only=True)
class LiftConsequence:
    id: Annotated[Id, Doc("措施 Consequence")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=LinkedConsequence)
async def lift_consequence(context: Context, input: LiftConsequence) -> LinkedConsequence:
    """解除挂钩措施 Lift a consequence before its end."""
    consequence = await context.load(LinkedConsequence, input.id)
    consequence.lift(context.today)
    return consequence


@dataclass(frozen=True, kw_only=True)
class DraftHandoverPlan:
    residential_area_id: Annotated[Id, Doc("小区 Residential area without property management")]
    enterprise_id: Annotated[Id, Doc("国有物业企业 State-owned enterprise")]
    batch_number: Annotated[int, Doc("批次 Batch"), Range(1, 1_000)]
    stages: Annotated[list[HandoverStage], Doc("阶段 Stages in order")]
    responsibility_split: Annotated[Text | None, Doc("责任划分 Division of duties")] = None
    charge_standard: Annotated[Text | None, Doc("收费标准 Charges")] = None


@command(Role.STREET_OFFICER, Role.HOUSING_AUTHORITY)
async def draft_handover_plan(context: Context, input: DraftHandoverPlan) -> HandoverPlan:
    """拟定移交方案 Draft the hand-over plan of an area."""
    area = await context.get(ResidentialArea, input.residential_area_id, "residentialAreaId")
    enterprise = await context.get(PropertyEnterprise, input.enterprise_id, "enterpriseId")
    HandoverPlan.require_possible(area.property_status, enterprise.state_owned)
    plan = HandoverPlan(
        id=context.new_id(),
        residential_area_id=area.id,
        community_id=area.community_id,
        enterprise_id=enterprise.id,
        batch_number=input.batch_number,
        stages=input.stages,
        responsibility_split=input.responsibility_split,
        charge_standard=input.charge_standard,
    )
    return await context.add(plan)


@dataclass(frozen=True, kw_only=True)
class ApproveHandoverPlan:
    id: Annotated[Id, Doc("方案 Plan")]


@command(on=HandoverPlan)
async def approve_handover_plan(context: Context, input: ApproveHandoverPlan) -> HandoverPlan:
    """批准移交方案 Approve a plan."""
    plan = await context.load(HandoverPlan, input.id)
    plan.approve()
    return plan


@dataclass(frozen=True, kw_only=True)
class CompleteHandoverStage:
    id: Annotated[Id, Doc("方案 Plan")]
    on: Annotated[date, Doc("完成日期 Done on")]


@command(on=HandoverPlan)
async def complete_handover_stage(context: Context, input: CompleteHandoverStage) -> HandoverPlan:
    """完成移交阶段 Mark the next open stage as done."""
    plan = await context.load(HandoverPlan, input.id)
    plan.complete_stage(input.on)
    return plan


@dataclass(frozen=True, kw_only=True)
class CompleteHandover:
    id: Annotated[Id, Doc("方案 Plan")]
    on: Annotated[date, Doc("完成日期 Completed on")]


@command(on=HandoverPlan)
async def complete_handover(context: Context, input: CompleteHandover) -> HandoverPlan:
    """完成兜底移交 Complete a plan; the area comes under fallback management."""
    plan = await context.load(HandoverPlan, input.id)
    plan.complete(input.on)
    set_property_status(
        await context.get(ResidentialArea, plan.residential_area_id, "residentialAreaId"),
        PropertyStatus.FALLBACK_MANAGED,
    )
    return plan


@dataclass(frozen=True, kw_only=True)
class AbandonHandoverPlan:
    id: Annotated[Id, Doc("方案 Plan")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=HandoverPlan)
async def abandon_handover_plan(context: Context, input: AbandonHandoverPlan) -> HandoverPlan:
    """放弃移交方案 Abandon an open plan."""
    plan = await context.load(HandoverPlan, input.id)
    plan.abandon()
    return plan
