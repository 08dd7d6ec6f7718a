"""Error catalogue of the points service (domain reference 3.4)."""

from govkit.domain import ErrorCode


class PtsError(ErrorCode, prefix="PTS"):
    """Refusals of the points service."""

    PASSBOOK_EXISTS = "该居民已有积分存折 The resident has a passbook"
    NO_PASSBOOK = "尚未开立积分存折 The resident has no passbook"
    PASSBOOK_FROZEN = "积分存折已冻结 The passbook is frozen or closed"
    INSUFFICIENT_POINTS = "可用积分不足 Not enough available points"
    SELF_APPROVAL = "不得为自己或自己提交的事项审批 Submitter, reviewer and beneficiary must be three persons"
    RULE_NOT_ACTIVE = "积分规则未生效 No edition of the rule is in force on that day"
    RULE_INVALID = "积分规则无效 The rule contradicts itself or an earlier edition"
    CAP_EXCEEDED = "超过积分上限 The cap of the rule is reached"
    DUPLICATE_SOURCE = "该事项已计分 This fact has earned points by this rule"
    CODE_EXISTS = "代码已存在 A record with this code exists"
    SUPERMARKET_CLOSED = "积分超市已停业 The supermarket is closed"
    SHOP_REQUIRED = "须指定一个兑换点 Name either a supermarket or a partner"
    PRODUCT_NOT_OFFERED = "该处不提供此商品 The product is not offered there"
    PARTNER_REQUIRED = "服务须由合伙人提供，实物不得指定合伙人 A service names its partner, goods do not"
    OUT_OF_STOCK = "库存不足 Not enough in stock"
    PRICE_CHANGED = "标分已变动 The total differs from the expected one"
    CODE_INVALID = "提货码无效 The pickup code is wrong"
    REDEMPTION_EXPIRED = "兑换已过期 The redemption has expired"
    ALREADY_FULFILLED = "已兑换 The redemption is fulfilled"
    ALREADY_REVERSED = "已冲正 The transaction is reversed"
    LEDGER_INCONSISTENT = (
        "账簿不一致，已停止记账 The passbook disagrees with its lots; nothing moves until it is audited"
    )
    CHAIN_CONFLICT = "账簿序号冲突 The passbook has a transaction at this position"
    DONOR_REQUIRED = "双报到单位捐赠须注明单位 A receipt from a double check-in unit names the unit"
    STOCK_EXISTS = "该商品已有库存记录 The supermarket has a stock record of this product"
    CALL_NOT_OPEN = "招募已截止 The call takes no sign-ups"
    CALL_FULL = "名额已满 All places of the call are taken"
    ALREADY_SIGNED_UP = "已报名 The resident has signed up"
    NOT_SIGNED_UP = "未报名 The resident has not signed up"
    PERIOD_INVALID = "结束早于开始 It ends before it starts"
