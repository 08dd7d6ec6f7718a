"""Redemptions: points for goods of a supermarket or a service of a partner, reserved first and handed over by code."""

import hashlib
import hmac
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from govkit.domain import (
    EVERYTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    GovError,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Range,
    Ref,
    Role,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from points.domain.errors import PtsError
from points.domain.passbook import READERS, derived_id, own_or_reader

KEPT_FOR = timedelta(days=7)
CODE_LENGTH = 8


class RedemptionState(LabelEnum):
    """兑换状态 State of a redemption"""

    RESERVED = "已预留 Reserved"
    FULFILLED = "已兑换 Fulfilled"
    CANCELLED = "已取消 Cancelled"
    EXPIRED = "已过期 Expired"
    REVERSED = "已冲正 Reversed"


@dataclass(frozen=True, kw_only=True)
class RedemptionLine:
    """兑换明细 Line of a redemption"""

    product_id: Annotated[Id, Doc("商品 Product")]
    quantity: Annotated[int, Doc("数量 Quantity")]
    unit_points: Annotated[int, Doc("标分 Price of one in points, when it was reserved")]


class RedemptionTable(StateTable):
    """Says more precisely than GEN_INVALID_STATE why a redemption that ended cannot end again."""

    def refusal(self, aggregate: Any, name: str) -> GovError | None:
        refused = super().refusal(aggregate, name)
        if refused is None:
            return None
        match name, aggregate.state:
            case _, RedemptionState.REVERSED:
                return PtsError.ALREADY_REVERSED()
            case "fulfilRedemption" | "cancelRedemption", RedemptionState.FULFILLED:
                return PtsError.ALREADY_FULFILLED()
            case "fulfilRedemption", RedemptionState.EXPIRED:
                return PtsError.REDEMPTION_EXPIRED()
        return refused


@event("redemption.reserved")
class RedemptionReserved(Event):
    """预留兑换 Points and goods were reserved for a resident until the hand-over"""

    redemption_id: Annotated[Id, Doc("兑换 Redemption")]
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner")]
    total_points: Annotated[int, Doc("积分 Points")]


@event("redemption.fulfilled")
class RedemptionFulfilled(Event):
    """完成兑换 A reserved redemption was handed over; the points are spent"""

    redemption_id: Annotated[Id, Doc("兑换 Redemption")]
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner")]
    total_points: Annotated[int, Doc("积分 Points")]


@event("redemption.cancelled")
class RedemptionCancelled(Event):
    """取消兑换 A reserved redemption was cancelled; points and goods are free again"""

    redemption_id: Annotated[Id, Doc("兑换 Redemption")]
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner")]
    total_points: Annotated[int, Doc("积分 Points")]


@event("redemption.reversed")
class RedemptionReversed(Event):
    """冲正兑换 A redemption was reversed after its hand-over; the points came back"""

    redemption_id: Annotated[Id, Doc("兑换 Redemption")]
    supermarket_id: Annotated[Id | None, Doc("积分超市 Supermarket")]
    partner_id: Annotated[Id | None, Doc("红色合伙人 Partner")]
    total_points: Annotated[int, Doc("积分 Points")]
    restocked: Annotated[bool, Doc("退回库存 Whether the goods came back")]


@dataclass(kw_only=True)
class Redemption(Aggregate):
    """兑换 Redemption: reserved for 7 days, then handed over against its pickup code, or cancelled"""

    KEYS = ("number",)
    UNIQUE = (Unique(("number",), PtsError.CODE_EXISTS),)
    TABLE = RedemptionTable(
        action(
            "fulfilRedemption",
            RedemptionState.RESERVED,
            RedemptionState.FULFILLED,
            Role.SUPERMARKET_MANAGER,
            Role.PARTNER,
        ),
        action(
            "cancelRedemption",
            RedemptionState.RESERVED,
            RedemptionState.CANCELLED,
            Role.RESIDENT,
            Role.SUPERVISOR,
            Role.SUPERMARKET_MANAGER,
            Role.PARTNER,
        ),
        action(
            "reverseRedemption",
            RedemptionState.FULFILLED,
            RedemptionState.REVERSED,
            Role.POINTS_REVIEWER,
            reason=True,
        ),
    )

    number: Annotated[Code, Doc("编号 Number", example="DH-20230703-000001")]
    passbook_id: Annotated[Id, Doc("存折 Passbook"), Ref("PointsPassbook", inverse="redemptions")]
    resident_id: Annotated[Id, Doc("居民 Resident"), Ref("Resident", inverse="redemptions")]
    community_id: Annotated[Id | None, Doc("社区 Community of the shop, else of the holder"), Ref("Community")] = None
    supermarket_id: Annotated[
        Id | None, Doc("积分超市 Supermarket, of goods"), Ref("PointsSupermarket", inverse="redemptions")
    ] = None
    partner_id: Annotated[
        Id | None, Doc("红色合伙人 Partner, of a service"), Ref("RedPartner", inverse="redemptions")
    ] = None
    lines: Annotated[list[RedemptionLine], Doc("明细 Lines")]
    total_points: Annotated[int, Doc("积分 Points"), Range(1, 1_000_000)]
    reserved_at: Annotated[datetime, Doc("预留时间 Reserved at")]
    expires_at: Annotated[datetime, Doc("到期时间 To be fetched by")]
    fulfilled_at: Annotated[datetime | None, Doc("兑换时间 Fulfilled at")] = None
    fulfilled_by: Annotated[Id | None, Doc("经手人 Fulfilled by (subject)")] = None
    restocked: Annotated[bool, Doc("退回库存 Whether the goods of a reversed redemption came back"), Managed] = False
    pickup_code_hash: Annotated[str | None, Doc("提货码哈希 Keyed hash of the pickup code"), Hidden] = None
    state: Annotated[RedemptionState, Doc("状态 State")] = RedemptionState.RESERVED

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Holders see theirs, shops and partners those at their counter."""
        if actor.has(READERS):
            return EVERYTHING
        visible = [*own_or_reader(actor)]
        if Role.SUPERMARKET_MANAGER in actor.roles:
            visible.append({"supermarket_id": actor.scope.supermarket_ids})
        if Role.PARTNER in actor.roles and actor.scope.partner_id:
            visible.append({"partner_id": actor.scope.partner_id})
        return tuple(visible)

    @property
    def transaction_id(self) -> str:
        """Id of the ledger transaction that posts it."""
        return derived_id("redeem", self.id)

    @property
    def reversal_id(self) -> str:
        return derived_id("reverse", self.id)

    def reserve(self) -> "Redemption":
        self.record(RedemptionReserved)
        return self

    def fulfil(self, *, at: datetime, by: str) -> None:
        """Raises PTS_ALREADY_FULFILLED, PTS_REDEMPTION_EXPIRED, GEN_INVALID_STATE."""
        if self.state is RedemptionState.RESERVED and at > self.expires_at:
            raise PtsError.REDEMPTION_EXPIRED()
        self.TABLE.move(self, "fulfilRedemption")
        self.fulfilled_at, self.fulfilled_by = at, by
        self.record(RedemptionFulfilled)

    def cancel(self) -> None:
        self.TABLE.move(self, "cancelRedemption")
        self.record(RedemptionCancelled)

    def reverse(self, *, by: str, restock: bool) -> None:
        """Raises PTS_SELF_APPROVAL, PTS_ALREADY_REVERSED, GEN_INVALID_STATE."""
        if by == self.resident_id:
            raise PtsError.SELF_APPROVAL()
        self.TABLE.move(self, "reverseRedemption")
        self.restocked = restock and self.supermarket_id is not None
        self.record(RedemptionReversed)


class PickupCodes:
    """Codes that follow from the redemption's id and a secret, so that none needs to be stored: the holder's device
    shows it, the shop types it in, and the database keeps a hash that is of no use without the secret."""

    def __init__(self, secret: str):
        self._secret = secret.encode()

    def code(self, redemption_id: str) -> str:
        """Eight letters and digits (A–Z, 2–7)."""
        return b32encode(self._mac("code", redemption_id)).decode()[:CODE_LENGTH]

    def stored(self, redemption_id: str, code: str) -> str:
        """The keyed hash of a code as the redemption keeps it."""
        return self._mac("stored", redemption_id, code.strip().upper()).hex()

    def fits(self, redemption: Redemption, code: str) -> bool:
        kept = redemption.pickup_code_hash or ""
        return hmac.compare_digest(kept, self.stored(redemption.id, code))

    def _mac(self, *parts: str) -> bytes:
        return hmac.digest(self._secret, "/".join(parts).encode(), hashlib.sha256)
