"""The closed vocabularies of petitions and work orders."""

from govkit.domain import LabelEnum


class PetitionKind(LabelEnum):
    """诉求性质 Kind of petition: the five kinds of the swift-response hotline"""

    CONSULTATION = "咨询 Consultation"
    ASSISTANCE = "求助 Assistance"
    COMPLAINT = "投诉 Complaint"
    REPORT = "举报 Report"
    SUGGESTION = "建议 Suggestion"


class PetitionUrgency(LabelEnum):
    """紧急程度 Urgency"""

    NORMAL = "一般 Normal"
    URGENT = "紧急 Urgent"
    EMERGENCY = "突发 Emergency"


class PetitionChannel(LabelEnum):
    """受理渠道 Channel by which a petition came in"""

    APP_PROPERTY_COLUMN = "“兰陵首发”APP物业专栏 Property column of the app"
    RED_BUTLER_WECHAT = "“红管家”微信公众号 Red Butler WeChat account"
    WECHAT_GROUP = "议事微信群 WeChat group"
    COUNCIL_HALL = "红色议事厅 Council hall"
    DOOR_KNOCKING = "敲门行动 Door knocking"
    MICRO_COLLECTION = "微征集 Micro-collection"
    SUPERVISOR_REPORT = "监督员反映 Report of a governance supervisor"
    GRID_PATROL = "网格巡查 Grid patrol"
    CONTACT_POINT = "领导联系点 Contact point of a leader"
    HOTLINE_12345 = "12345热线 Hotline 12345"
    OPEN311 = "开放接口 Open311 interface"
    WALK_IN = "来访 Walk-in"


class PetitionVisibility(LabelEnum):
    """公开范围 Who may read a petition"""

    PUBLIC = "公开 Everyone signed in, without the reporter"
    INTERNAL = "内部 Staff and the reporter"
    CONFIDENTIAL = "保密 Staff in charge and the reporter"


class PetitionSourceType(LabelEnum):
    """来源 What a petition goes back to"""

    RESIDENT = "居民 Resident"
    SUPERVISOR = "监督员 Governance supervisor"
    STAFF = "工作人员代录 Staff on behalf of someone"
    GRID_EVENT = "网格事件 Event found in a grid"
    COUNCIL = "议事会决议 Resolution of a council meeting"
    OUTREACH = "走访征集 Door knocking or micro-collection"
    EXTERNAL_SYSTEM = "外部系统 External system"


class PetitionLocateStatus(LabelEnum):
    """定位结果 How the grid of a petition was found"""

    RESOLVED = "网格内 Inside one grid"
    BORDER = "网格边界 On a border; the smaller code wins"
    NEAREST = "就近 Outside all grids, near one"
    OUTSIDE = "网格外 In no grid"
    PENDING = "待定位 No place given, or no grids known yet"


class PetitionState(LabelEnum):
    """诉求状态 State of a petition"""

    SUBMITTED = "已提交 Submitted"
    ACCEPTED = "已受理 Accepted"
    ASSIGNED = "已派单 Assigned"
    IN_PROGRESS = "办理中 In progress"
    SUSPENDED = "已挂起 Suspended"
    RESOLVED = "待回复 Resolved, reply pending"
    REPLIED = "已回复 Replied"
    RATED = "已评价 Rated"
    CLOSED = "已办结 Closed"
    REOPENED = "已重办 Reopened"
    SUPERVISED = "督办中 Under supervision"
    REJECTED = "不予受理 Rejected"
    MERGED = "已合并 Merged into another petition"
    WITHDRAWN = "已撤回 Withdrawn"
    TRANSFERRED_EMERGENCY = "已转紧急救助 Transferred to emergency services"


class RejectionReason(LabelEnum):
    """不予受理原因 Why a petition is not accepted"""

    IN_LITIGATION = "已进入诉讼仲裁 In litigation or arbitration"
    IN_XINFANG = "属信访事项 In the letters-and-visits channel"
    STATE_SECRET = "涉及秘密 Concerns a secret"
    EMERGENCY = "属紧急求助 An emergency for 110, 119, 120 or 122"
    OUTSIDE_COUNTY = "不属本县 Outside the county"
    MALICIOUS = "恶意反映 Malicious"
    NO_CONTENT = "无实质内容 Without content"
    DUPLICATE = "重复反映 Duplicate"


class ResponseLevel(LabelEnum):
    """四级响应 The four levels of response, from below"""

    GRID = "网格 Grid"
    COMMUNITY = "社区 Community"
    STREET = "街道 Street"
    COUNTY_DEPARTMENT = "县直部门 County department"


class HandlingUnitType(LabelEnum):
    """承办单位类型 Type of a handling unit"""

    GRID = "网格 Grid"
    COMMUNITY = "社区 Community"
    STREET = "街道 Street"
    DEPARTMENT = "县直部门 Department"

    @property
    def level(self) -> ResponseLevel:
        return ResponseLevel.COUNTY_DEPARTMENT if self is HandlingUnitType.DEPARTMENT else ResponseLevel[self.name]

    @classmethod
    def of(cls, level: ResponseLevel) -> "HandlingUnitType":
        return cls.DEPARTMENT if level is ResponseLevel.COUNTY_DEPARTMENT else cls[level.name]


class AttachmentKind(LabelEnum):
    """附件类型 Kind of attachment"""

    PHOTO = "照片 Photo"
    VIDEO = "视频 Video"
    AUDIO = "录音 Audio"
    DOCUMENT = "文件 Document"


class WorkOrderRole(LabelEnum):
    """工单角色 Role of a unit in a petition"""

    LEAD = "主办 Lead"
    COOPERATE = "协办 Cooperate"


class WorkOrderState(LabelEnum):
    """工单状态 State of a work order"""

    CREATED = "待签收 Created"
    ACCEPTED = "已签收 Accepted"
    IN_PROGRESS = "办理中 In progress"
    SUSPENDED = "已挂起 Suspended"
    COMPLETED = "待核验 Completed, verification pending"
    VERIFIED = "已核验 Verified"
    REJECTED_BACK = "返工 Sent back for rework"
    RETURNED = "已退单 Returned; superseded by a new order"
    ESCALATED = "已升级 Escalated; a new order exists one level up"
    CANCELLED = "已取消 Cancelled"


class WorkOutcome(LabelEnum):
    """办理结果 Outcome of an order and of the petition"""

    SOLVED = "已解决 Solved"
    EXPLAINED = "已解释 Explained"
    PLANNED = "已列入计划 Planned"
    NOT_FEASIBLE = "暂不具备条件 Not feasible"


class EscalationReason(LabelEnum):
    """升级原因 Why an order went one level up"""

    OVERDUE = "超期 Overdue"
    BEYOND_AUTHORITY = "超出权限 Beyond authority"
    LAW_ENFORCEMENT_NEEDED = "需联合执法 Law enforcement needed"
    EMERGENCY_HELP = "应急 Emergency help"
    MANUAL = "人工升级 Manual"


class RatingResolved(LabelEnum):
    """是否解决 Whether the reporter finds the matter resolved"""

    YES = "已解决 Yes"
    PARTLY = "部分解决 Partly"
    NO = "未解决 No"


class RatingSatisfaction(LabelEnum):
    """满意度 How satisfied the reporter is"""

    VERY_SATISFIED = "非常满意 Very satisfied"
    SATISFIED = "满意 Satisfied"
    NEUTRAL = "基本满意 Neutral"
    DISSATISFIED = "不满意 Dissatisfied"
    VERY_DISSATISFIED = "非常不满意 Very dissatisfied"


class ClosingResult(LabelEnum):
    """办结方式 How a petition came to its close"""

    RATED = "评价后办结 Closed by the reporter's rating"
    UNRATED = "未评价办结 Closed without a rating"


OPEN_ORDERS = (
    WorkOrderState.CREATED,
    WorkOrderState.ACCEPTED,
    WorkOrderState.IN_PROGRESS,
    WorkOrderState.SUSPENDED,
    WorkOrderState.COMPLETED,
    WorkOrderState.REJECTED_BACK,
)
