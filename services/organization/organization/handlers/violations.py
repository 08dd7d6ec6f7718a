"""Commands on violations by property enterprises."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Range, Text
from organization.domain.errors import OrgError
from organization.domain.territory import ResidentialArea
from organization.domain.violations import OFFICERS, ViolationCase, ViolationKind


@dataclass(frozen=True, kw_only=True)
class OpenViolationCase:
    kind: Annotated[ViolationKind, Doc("类型 Kind")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    residential_area_id: Annotated[Id, Doc("小区 Residential area")]
    found_on: Annotated[date, Doc("发现日期 Found on")]
    rectify_by: Annotated[date, Doc("整改期限 Put right by")]
    campaign_id: Annotated[Id | None, Doc("所属整治 Campaign")] = None
    petition_id: Annotated[Id | None, Doc("来源诉求 Petition that it came from")] = None
    description: Annotated[Text | None, Doc("情况说明 Description")] = None


@command(*OFFICERS)
async def open_violation_case(context: Context, input: OpenViolationCase) -> ViolationCase:
    """违规立案 Open a case against a property enterprise."""
    if input.found_on > context.today:
        raise OrgError.FUTURE_DATE(field="foundOn")
    area = await context.get(ResidentialArea, input.residential_area_id, "residentialAreaId")
    case = ViolationCase(
        id=context.new_id(),
        kind=input.kind,
        enterprise_id=input.enterprise_id,
        residential_area_id=area.id,
        community_id=area.community_id,
        campaign_id=input.campaign_id,
        petition_id=input.petition_id,
        description=input.description,
        found_on=input.found_on,
        rectify_by=input.rectify_by,
    )
    return await context.add(case.open())


@dataclass(frozen=True, kw_only=True)
class RectifyViolationCase:
    id: Annotated[Id, Doc("案件 Case")]
    on: Annotated[date, Doc("整改日期 Put right on")]


@command(on=ViolationCase)
async def rectify_violation_case(context: Context, input: RectifyViolationCase) -> ViolationCase:
    """确认整改 Confirm that a violation was put right."""
    case = await context.load(ViolationCase, input.id)
    case.rectify(input.on)
    return case


@dataclass(frozen=True, kw_only=True)
class PenaliseViolationCase:
    id: Annotated[Id, Doc("案件 Case")]
    penalty_fen: Annotated[int, Doc("罚款(分) Fine in fen"), Range(0, 1_000_000_000)]
    reason: Annotated[Text, Doc("依据 Legal basis")]


@command(on=ViolationCase)
async def penalise_violation_case(context: Context, input: PenaliseViolationCase) -> ViolationCase:
    """处罚 Penalise the enterprise of a case."""
    case = await context.load(ViolationCase, input.id)
    case.penalise(input.penalty_fen)
    return case


@dataclass(frozen=True, kw_only=True)
class CloseViolationCase:
    id: Annotated[Id, Doc("案件 Case")]


@command(on=ViolationCase)
async def close_violation_case(context: Context, input: CloseViolationCase) -> ViolationCase:
    """违规结案 Close a case that was put right or penalised."""
    case = await context.load(ViolationCase, input.id)
    case.close(context.today)
    return case
