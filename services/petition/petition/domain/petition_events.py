"""Events of petitions. Neither reporter, text nor coordinates leave the service."""

from datetime import datetime
from typing import Annotated

from govkit.domain import Code, Doc, Event, Id, event
from petition.domain.vocabulary import (
    ClosingResult,
    HandlingUnitType,
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionUrgency,
    RatingResolved,
    RatingSatisfaction,
    RejectionReason,
    ResponseLevel,
    WorkOutcome,
)

PetitionId = Annotated[Id, Doc("诉求 Petition")]
CategoryCode = Annotated[Code, Doc("类别代码 Category", example="040103")]
CommunityId = Annotated[Id | None, Doc("社区 Community, when known")]
GridCode = Annotated[Code | None, Doc("基础网格 Base grid, when known", example="371324001001001")]
SourceType = Annotated[PetitionSourceType, Doc("来源类型 What it goes back to")]
SourceId = Annotated[Id | None, Doc("来源标识 The supervisor, grid event or meeting; null for residents")]


@event("petition.submitted")
class PetitionSubmitted(Event):
    """诉求提交 A petition was submitted"""

    petition_id: PetitionId
    kind: Annotated[PetitionKind, Doc("性质 Kind")]
    category_code: CategoryCode
    urgency: Annotated[PetitionUrgency, Doc("紧急程度 Urgency")]
    channel: Annotated[PetitionChannel, Doc("渠道 Channel")]
    community_id: CommunityId
    grid_code: GridCode
    locate_status: Annotated[PetitionLocateStatus, Doc("定位结果 How its grid was found")]
    source_type: SourceType
    source_id: SourceId


@event("petition.located")
class PetitionLocated(Event):
    """诉求定位 The grid of a petition was found after its submission, or set by hand"""

    petition_id: PetitionId
    community_id: CommunityId
    grid_code: GridCode
    locate_status: Annotated[PetitionLocateStatus, Doc("定位结果 How its grid was found")]


@event("petition.rerouted")
class PetitionRerouted(Event):
    """诉求改派网格 The grid of a petition was retired; another grid answers for it now"""

    petition_id: PetitionId
    from_grid: Annotated[Code, Doc("原网格 Grid that was retired")]
    grid_code: Annotated[Code | None, Doc("现网格 Grid that follows it")]
    community_id: CommunityId


@event("petition.accepted")
class PetitionAccepted(Event):
    """诉求受理 A petition was accepted"""

    petition_id: PetitionId
    category_code: CategoryCode
    community_id: CommunityId
    grid_code: GridCode
    source_type: SourceType
    source_id: SourceId


@event("petition.rejected")
class PetitionRejected(Event):
    """诉求不予受理 A petition was not accepted"""

    petition_id: PetitionId
    rejection_reason: Annotated[RejectionReason, Doc("原因 Reason")]
    category_code: CategoryCode
    community_id: CommunityId
    source_type: SourceType
    source_id: SourceId


@event("petition.triaged")
class PetitionTriaged(Event):
    """诉求研判 Category, urgency and level of a petition were decided"""

    petition_id: PetitionId
    category_code: CategoryCode
    urgency: Annotated[PetitionUrgency, Doc("紧急程度 Urgency")]
    level: Annotated[ResponseLevel, Doc("响应层级 Level")]
    community_id: CommunityId
    grid_code: GridCode


@event("petition.withdrawn")
class PetitionWithdrawn(Event):
    """诉求撤回 The reporter withdrew a petition"""

    petition_id: PetitionId
    source_type: SourceType
    source_id: SourceId


@event("petition.assigned")
class PetitionAssigned(Event):
    """诉求派单 A petition got its lead unit"""

    petition_id: PetitionId
    work_order_id: Annotated[Id, Doc("主办工单 Lead order")]
    level: Annotated[ResponseLevel, Doc("响应层级 Level")]
    unit_type: Annotated[HandlingUnitType, Doc("单位类型 Type of the unit")]
    unit_id: Annotated[Id, Doc("单位 Unit")]
    community_id: CommunityId
    grid_code: GridCode


@event("petition.resolved")
class PetitionResolved(Event):
    """诉求办结待回复 The lead order was verified and no other order is open"""

    petition_id: PetitionId
    level: Annotated[ResponseLevel, Doc("响应层级 Level that resolved it")]
    outcome: Annotated[WorkOutcome, Doc("结果 Outcome")]
    minutes: Annotated[int, Doc("历时(分钟) Minutes since its submission")]
    community_id: CommunityId
    grid_code: GridCode


@event("petition.replied")
class PetitionReplied(Event):
    """诉求回复 The reporter got a reply"""

    petition_id: PetitionId
    replied_at: Annotated[datetime, Doc("回复时间 Replied at")]


@event("petition.rated")
class PetitionRated(Event):
    """诉求评价 The reporter rated a petition"""

    petition_id: PetitionId
    resolved: Annotated[RatingResolved, Doc("是否解决 Resolved")]
    satisfaction: Annotated[RatingSatisfaction, Doc("满意度 Satisfaction")]


@event("petition.closed")
class PetitionClosed(Event):
    """诉求办结 A petition was closed"""

    petition_id: PetitionId
    result: Annotated[ClosingResult, Doc("办结方式 How it was closed")]
    outcome: Annotated[WorkOutcome, Doc("结果 Outcome")]
    category_code: CategoryCode
    community_id: CommunityId
    grid_code: GridCode
    source_type: SourceType
    source_id: SourceId
