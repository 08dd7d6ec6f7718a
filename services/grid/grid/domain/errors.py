"""Error catalogue of the grid service (domain reference 3.2)."""

from govkit.domain import ErrorCode


class GridError(ErrorCode, prefix="GRID"):
    """Refusals of the grid service."""

    GEOMETRY_INVALID = "几何图形无效 The boundary is not a valid polygon"
    OVERLAP = "与其他网格重叠 The boundary overlaps others of its level by more than 1 m²"
    OUTSIDE_PARENT = "超出所属社区范围 The boundary leaves that of its community"
    MICRO_OUTSIDE_BASE = "微网格超出基础网格 A micro-grid leaves its base grid"
    CODE_INVALID = "编码不符合规则 The code does not follow the coding rule"
    CODE_EXISTS = "编码已存在 A grid with this code exists, or once existed"
    CODES_EXHAUSTED = "编码已用完 There is no free code below this parent"
    COMMUNITY_UNKNOWN = "社区未知 The community is not known here"
    COMMUNITY_NOT_ACTIVE = "社区已撤销或合并 The community is not active"
    AREA_OUTSIDE_COMMUNITY = "小区不属于该社区 The residential area lies in another community"
    NO_ACTIVE_GENERATION = "没有生效的网格版本 No generation is active"
    GENERATION_EXISTS = "已有生效的网格版本 There is an active generation, or one of this number"
    NOT_ACTIVE = "网格已停用 The grid is not active"
    HAS_ACTIVE_DUTY = "网格仍有在岗人员 Someone is on duty in the grid"
    HAS_MICRO_GRIDS = "网格仍有微网格 The grid has active micro-grids"
    LEADER_EXISTS = "该网格已有网格长 The grid has an active leader"
    DUTY_EXISTS = "该人员已在岗 The person has this duty in this grid"
    STAFF_UNKNOWN = "工作人员未知 The worker is not known here"
    STAFF_NOT_ACTIVE = "工作人员已离职 The worker has left"
    PERIOD_INVALID = "结束日期早于开始日期 The period ends before it starts"
    MAPPING_EXISTS = "外部编码已对应 The external code is mapped"
    POINT_OUTSIDE = "位置不在任何网格内 The point lies in no grid"
    BATCH_TOO_LARGE = "一次最多500个点 At most 500 points at once"
    VIEWPORT_TOO_LARGE = "范围过大 Too many boundaries in this rectangle; choose a smaller one or a coarser level"
    PATROL_UNDER_WAY = "已有进行中的巡查 A patrol of this duty is under way"
