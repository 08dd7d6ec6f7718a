"""Commands on the assessment scheme and on appeals against published lists."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Name, Range, Role, Text
from organization.domain.assessment import AssessmentIndicator, AssessmentScheme, ListAppeal, Score
from organization.domain.property import RedBlackList


@dataclass(frozen=True, kw_only=True)
class AdoptAssessmentScheme:
    name: Annotated[Name, Doc("名称 Name")]
    effective_on: Annotated[date, Doc("生效日期 In force from")]
    indicators: Annotated[list[AssessmentIndicator], Doc("指标 Indicators; base weights add up to 100")]
    red_min: Annotated[Score, Doc("红榜最低分 Lowest score of the red list")]
    black_max: Annotated[Score, Doc("黑榜最高分 Highest score of the black list")]
    red_top: Annotated[int | None, Doc("红榜名额 How many the red list names"), Range(1, 1_000)] = None
    min_areas: Annotated[int, Doc("最少在管小区数 Areas that an enterprise manages to be ranked"), Range(1, 1_000)] = 1


@command(Role.HOUSING_AUTHORITY)
async def adopt_assessment_scheme(context: Context, input: AdoptAssessmentScheme) -> AssessmentScheme:
    """发布考核办法 Adopt the next edition of the assessment scheme."""
    scheme = AssessmentScheme(
        id=context.new_id(),
        edition=await context.count(AssessmentScheme) + 1,
        name=input.name,
        effective_on=input.effective_on,
        indicators=input.indicators,
        red_min=input.red_min,
        black_max=input.black_max,
        red_top=input.red_top,
        min_areas=input.min_areas,
    )
    return await context.add(scheme.adopt())


@dataclass(frozen=True, kw_only=True)
class FileListAppeal:
    list_id: Annotated[Id, Doc("榜单 List")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise that appeals")]
    grounds: Annotated[Text, Doc("理由 Grounds")]


@command(Role.PROPERTY_ENTERPRISE)
async def file_list_appeal(context: Context, input: FileListAppeal) -> ListAppeal:
    """提交榜单申诉 Appeal against an entry of a list within ten days of its publication."""
    appeal = ListAppeal.file(
        id=context.new_id(),
        listed=await context.get(RedBlackList, input.list_id, "listId"),
        enterprise_id=input.enterprise_id,
        grounds=input.grounds,
        at=context.now,
    )
    return await context.add(appeal)


@dataclass(frozen=True, kw_only=True)
class AcceptListAppeal:
    id: Annotated[Id, Doc("申诉 Appeal")]


@command(on=ListAppeal)
async def accept_list_appeal(context: Context, input: AcceptListAppeal) -> ListAppeal:
    """受理申诉 Accept an appeal for examination."""
    appeal = await context.load(ListAppeal, input.id)
    appeal.accept()
    return appeal


@dataclass(frozen=True, kw_only=True)
class UpholdListAppeal:
    id: Annotated[Id, Doc("申诉 Appeal")]
    decision: Annotated[Text, Doc("决定说明 Decision")]


@command(on=ListAppeal)
async def uphold_list_appeal(context: Context, input: UpholdListAppeal) -> ListAppeal:
    """申诉成立 Uphold an appeal; the list is then corrected by a new edition."""
    appeal = await context.load(ListAppeal, input.id)
    appeal.uphold(context.today, input.decision)
    return appeal


@dataclass(frozen=True, kw_only=True)
class RejectListAppeal:
    id: Annotated[Id, Doc("申诉 Appeal")]
    reason: Annotated[Text, Doc("理由 Reason")]


@command(on=ListAppeal)
async def reject_list_appeal(context: Context, input: RejectListAppeal) -> ListAppeal:
    """驳回申诉 Reject an appeal."""
    appeal = await context.load(ListAppeal, input.id)
    appeal.reject(context.today, input.reason)
    return appeal
