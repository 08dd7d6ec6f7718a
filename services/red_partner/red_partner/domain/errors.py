"""Error catalogue of the red-partner service (domain reference 3.5)."""

from govkit.domain import ErrorCode


class RpaError(ErrorCode, prefix="RPA"):
    """Refusals of the red-partner service."""

    PARTNER_EXISTS = "统一社会信用代码已登记 A partner with this credit code has applied or is active"
    PARTNER_NOT_ACTIVE = "合伙人未在册 The partner is not active"
    HAS_FUTURE_EVENTS = "合伙人仍有未完成的活动 The partner takes part in events to come"
    PERIOD_INVALID = "结束早于或等于开始 The period does not end after it starts"
    OFFER_NOT_OPEN = "支持项目未开放 The offer is paused or withdrawn"
    SLOT_TAKEN = "该时段已被预约 The offer is booked at that time"
    NO_PARTNER = "活动须有红色合伙人参与 The event names no red partner"
    THEME_REPEATED = "同一社区活动主题重复 The community had or plans this theme within the period of the variety rule"
    VENUE_CONFLICT = "场地时间冲突 Another event uses the venue at that time"
    RULE_EXISTS = "该范围已有不重样规则 There is a variety rule for this scope"
    RULE_SCOPE_INVALID = "社区规则须指定社区 A rule of a community names one, that of the county names none"
    EVENT_NOT_STARTED = "活动尚未开始 The event has not started"
    EVENT_CANCELLED = "活动已取消 The event was cancelled"
    REGISTRATION_CLOSED = "报名未开放或已截止 Registration is not open"
    ALREADY_REGISTERED = "已报名该活动 The resident is registered for this event"
    FULL = "名额及候补均已满 The event and its waiting list are full"
    ROLE_UNKNOWN = "活动没有该角色 The event has no such role"
    TIME_CONFLICT = "与已报名活动时间冲突 The resident has another event at that time"
    OFFER_EXPIRED = "候补名额已过期 The offered seat has lapsed"
    NOT_CHECKED_IN = "尚未签到 Nobody to confirm: not checked in"
    ALREADY_CHECKED_OUT = "已签退 The resident has checked out"
    ALREADY_CONFIRMED = "出席已确认 The attendance is confirmed"
    SELF_CONFIRMATION = "不得确认本人出席 Nobody confirms their own attendance"
