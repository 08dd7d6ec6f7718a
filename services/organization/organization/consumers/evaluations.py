"""How council meetings judge property enterprises goes into the assessment of the month."""

from dataclasses import dataclass
from typing import Annotated

from govkit.bus.inbox import EventContext, consumes
from govkit.domain import Code, Doc, Id
from organization.domain.assessment_items import AssessmentItem


@dataclass(frozen=True, kw_only=True)
class EvaluationSeen:
    council_meeting_id: Annotated[Id, Doc("会议 Meeting")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None
    community_id: Annotated[Id, Doc("社区 Community")]
    month: Annotated[Code, Doc("月份 Month")]
    score: Annotated[int, Doc("评分 Score, 0 to 100")]


@consumes("property_evaluation.submitted")
async def note_evaluation(context: EventContext, event: EvaluationSeen) -> None:
    """Also one of an enterprise that is not in the register (yet): the item waits under its id."""
    id = AssessmentItem.id_for(event.council_meeting_id, event.enterprise_id)
    if await context.get(AssessmentItem, id) is None:
        item = AssessmentItem(
            id=id,
            period=event.month,
            enterprise_id=event.enterprise_id,
            residential_area_id=event.residential_area_id,
            community_id=event.community_id,
            council_meeting_id=event.council_meeting_id,
            score=event.score,
        )
        context.add(item)
