"""Items of the monthly assessment of property service that come from elsewhere than the scheme's own scoring."""

from dataclasses import dataclass
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from govkit.domain import Aggregate, Doc, Id, Month, Range, Ref


@dataclass(kw_only=True)
class AssessmentItem(Aggregate):
    """物业考核得分项 Item of a month's assessment: how a council meeting judged a property enterprise"""

    period: Annotated[Month, Doc("月份 Month")]
    enterprise_id: Annotated[Id, Doc("物业企业 Enterprise"), Ref("PropertyEnterprise", inverse="assessment_items")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="assessment_items")
    ] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="assessment_items")]
    council_meeting_id: Annotated[
        Id, Doc("议事会 Council meeting that judged"), Ref("CouncilMeeting", inverse="assessment_items")
    ]
    score: Annotated[int, Doc("得分 Score, 0 to 100"), Range(0, 100)]

    @staticmethod
    def id_for(council_meeting_id: str, enterprise_id: str) -> str:
        """A meeting judges an enterprise once."""
        return str(uuid5(NAMESPACE_URL, f"assessment-item/{council_meeting_id}/{enterprise_id}"))
