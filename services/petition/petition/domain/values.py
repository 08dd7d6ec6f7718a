"""Value objects of petitions and work orders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.domain import Code, Doc, GeoPoint, Id, Name, Pattern, Phone, Range, Text
from petition.domain.vocabulary import (
    AttachmentKind,
    HandlingUnitType,
    PetitionLocateStatus,
    PetitionState,
    RatingResolved,
    RatingSatisfaction,
    WorkOutcome,
)

MOST_ATTACHMENTS = 9


@dataclass(frozen=True, kw_only=True)
class PetitionAttachment:
    """附件 Attachment: the file lies in the file store under its hash"""

    kind: Annotated[AttachmentKind, Doc("类型 Kind")]
    hash: Annotated[Code, Doc("内容哈希 SHA-256 of the content, hexadecimal"), Pattern(r"[0-9a-f]{64}", "e3b0c442…")]


@dataclass(frozen=True, kw_only=True)
class ReporterContact:
    """反映人联系方式 How to reach the reporter"""

    name: Annotated[Name | None, Doc("姓名 Name")] = None
    phone: Annotated[Phone | None, Doc("电话 Phone")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionLocation:
    """诉求位置 Where it is"""

    point: Annotated[GeoPoint, Doc("坐标 Point in WGS-84")]
    address: Annotated[Name | None, Doc("地址 Address as the reporter gave it")] = None
    precision_m: Annotated[int | None, Doc("精度(米) Precision of the point in metres"), Range(0, 100_000)] = None


@dataclass(frozen=True, kw_only=True)
class GridPlace:
    """所在网格 The grid of a point and what it belongs to"""

    status: Annotated[PetitionLocateStatus, Doc("定位结果 How it was found")]
    grid_code: Annotated[Code | None, Doc("基础网格代码 Base grid, by code", example="371324001001001")] = None
    micro_grid_code: Annotated[Code | None, Doc("微网格代码 Micro-grid, by code", example="37132400100100101")] = None
    community_id: Annotated[Id | None, Doc("社区 Community")] = None
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")] = None
    street_id: Annotated[Id | None, Doc("街道 Street")] = None


@dataclass(frozen=True, kw_only=True)
class HandlingUnit:
    """承办单位 Handling unit: a base grid, a community, a street or a county department, by id"""

    type: Annotated[HandlingUnitType, Doc("类型 Type")]
    id: Annotated[Id, Doc("标识 Id")]


@dataclass(frozen=True, kw_only=True)
class UnitPlace:
    """承办单位所在 Where a handling unit lies; community and street of the petition for a street or a department"""

    street_id: Annotated[Id | None, Doc("街道 Street")] = None
    community_id: Annotated[Id | None, Doc("社区 Community")] = None
    grid_code: Annotated[Code | None, Doc("基础网格 Base grid", example="371324001001001")] = None
    assignee_staff_id: Annotated[Id | None, Doc("经办人 Member of staff on duty")] = None


@dataclass(frozen=True, kw_only=True)
class PetitionStep:
    """办理进度 A step of a petition that its reporter may see"""

    at: Annotated[datetime, Doc("时间 When")]
    state: Annotated[PetitionState, Doc("状态 State from then on")]


@dataclass(frozen=True, kw_only=True)
class PetitionReply:
    """回复 Reply to the reporter"""

    text: Annotated[Text, Doc("内容 Text")]
    published_at: Annotated[datetime, Doc("回复时间 Published at")]


@dataclass(frozen=True, kw_only=True)
class PetitionRating:
    """评价 Rating by the reporter"""

    resolved: Annotated[RatingResolved, Doc("是否解决 Resolved")]
    satisfaction: Annotated[RatingSatisfaction, Doc("满意度 Satisfaction")]
    rated_at: Annotated[datetime, Doc("评价时间 Rated at")]


@dataclass(frozen=True, kw_only=True)
class WorkResult:
    """办理结果 Result of a work order"""

    outcome: Annotated[WorkOutcome, Doc("结果 Outcome")]
    text: Annotated[Text, Doc("说明 Description of what was done")]
    evidence: Annotated[list[PetitionAttachment], Doc("凭证 Evidence")]
