"""Error catalogue of the organization service (domain reference 3.1)."""

from govkit.domain import ErrorCode


class OrgError(ErrorCode, prefix="ORG"):
    """Refusals of the organization service."""

    DUPLICATE_CODE = "代码已存在 A record with this code exists"
    COMMUNITY_NOT_ACTIVE = "社区已撤销或合并 The community is not active"
    AREA_OUTSIDE_COMMUNITY = "小区不属于该社区 The residential area lies in another community"
    INVALID_PARENT_LEVEL = "上级组织层级不符 The parent organization has the wrong type or level"
    BRANCH_EXISTS = "该小区已有党支部 The residential area has an active branch"
    COMMITTEE_EXISTS = "该社区已有大党委 The community has an active Party committee"
    HAS_ACTIVE_CHILDREN = "仍有下级组织 There are active organizations below"
    POST_OCCUPIED = "该职务已有人担任 The post is held by someone"
    NOT_ELIGIBLE_ORGANIZATION = "兼职委员须代表单位 A part-time member acts on behalf of an organization"
    PERIOD_INVALID = "结束日期早于开始日期 The period ends before it starts"
    ALREADY_DEPLOYED = "已下沉到该小区 The worker is deployed to this area"
    ALREADY_DISPATCHED = "该同志已在任 The person has an active posting"
    CONTACT_EXISTS = "该社区已有联系领导 The community has an active contact-point leader"
    POWER_ALREADY_GRANTED = "该权力已赋予 The power is granted to this community"
    POWER_NOT_GRANTED = "该权力未赋予 The power is not granted to this community"
    VENUE_EXISTS = "该小区已有党群服务站 The residential area has a service station"
    ENTERPRISE_EXISTS = "统一社会信用代码已登记 An enterprise with this credit code is registered"
    CONTRACT_EXISTS = "该小区已有物业合同 The residential area has an active property contract"
    LIST_EXISTS = "该月榜单已存在 There is a list of this month and version"
    LIST_EMPTY = "榜单没有条目 The list has no entries"
    SELF_PUBLICATION = "起草人不得发布 Whoever drafted the list may not publish it"
    AREA_HAS_PROPERTY = "该小区已有物业管理 The residential area is under property management"
    NOT_STATE_OWNED = "须由国有物业企业接管 Only a state-owned enterprise takes over"
    STAGES_OPEN = "仍有未完成的阶段 Some stages are not done"
    PLAN_EXISTS = "该小区已有移交方案 The residential area has an open hand-over plan"
    SINGLETON_EXISTS = "物业管理行业党委已存在 The property-industry committee exists"
