"""What council meetings tell others: who is to be rewarded, and how residents judge their property service.

A resident is named only because a reward is due, and never together with a petition: no event tells who reported what.
"""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Doc, Event, Id, Month, Range, event

MeetingId = Annotated[Id, Doc("会议 Meeting")]
CommunityId = Annotated[Id, Doc("社区 Community")]


@dataclass(frozen=True, kw_only=True)
class PropertyEvaluation:
    """物业评议 How a council meeting judges a property enterprise"""

    enterprise_id: Annotated[Id, Doc("物业企业 Property enterprise")]
    score: Annotated[int, Doc("评分 Score, 0 to 100"), Range(0, 100)]


@event("deliberation.participated")
class DeliberationParticipated(Event):
    """参与协商议事 A resident took part in a council meeting; once for each meeting"""

    council_meeting_id: MeetingId
    resident_id: Annotated[Id, Doc("居民 Resident")]
    community_id: CommunityId


@event("suggestion.adopted")
class SuggestionAdopted(Event):
    """建议被采纳 A council meeting adopted what a resident suggested; once for each meeting and resident"""

    council_meeting_id: MeetingId
    resident_id: Annotated[Id, Doc("居民 Resident")]
    community_id: CommunityId


@event("property_evaluation.submitted")
class PropertyEvaluationSubmitted(Event):
    """提交物业评议 A council meeting judged the property service of its residential area"""

    council_meeting_id: MeetingId
    enterprise_id: Annotated[Id, Doc("物业企业 Property enterprise")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area of the hall, if it has one")]
    community_id: CommunityId
    month: Annotated[Month, Doc("月份 Month")]
    score: Annotated[int, Doc("评分 Score, 0 to 100")]
