"""What partners offer, and at which times it is taken."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Name,
    Nulled,
    Pattern,
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    action,
    event,
)
from red_partner.domain.errors import RpaError
from red_partner.domain.roles import REVIEWERS

TimeOfDay = Annotated[Code, Pattern(r"([01]\d|2[0-3]):[0-5]\d", "08:30")]


class SupportKind(LabelEnum):
    """支持方式 What a partner supports with"""

    VENUE = "阵地 Venue"
    TECHNOLOGY = "技术 Technology"
    SERVICE = "服务 Service"


class SupportOfferState(LabelEnum):
    """支持项目状态 State of an offer"""

    OPEN = "开放 Open"
    PAUSED = "暂停 Paused"
    WITHDRAWN = "已撤回 Withdrawn"


@dataclass(frozen=True, kw_only=True)
class OfferHours:
    """开放时段 Hours of a weekday in which an offer can be booked"""

    weekday: Annotated[int, Doc("星期(1为周一) Day of the week, 1 is Monday"), Range(1, 7)]
    opens_at: Annotated[TimeOfDay, Doc("开始 Opens at")]
    closes_at: Annotated[TimeOfDay, Doc("结束 Closes at")]


@dataclass(frozen=True, kw_only=True)
class BookedSlot:
    """已占用时段 Time at which an offer is taken"""

    booking_id: Annotated[Id, Doc("预约 Booking")]
    starts_at: Annotated[datetime, Doc("开始 From")]
    ends_at: Annotated[datetime, Doc("结束 To")]


@event("offer.published")
class OfferPublished(Event):
    """发布支持项目 An offer was published"""

    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    kind: Annotated[SupportKind, Doc("方式 Kind")]
    capacity: Annotated[int, Doc("容量 Capacity")]


@event("partner.service_listed")
class PartnerServiceListed(Event):
    """可兑换服务 A partner lists a service that can be redeemed with points"""

    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]
    community_id: Annotated[Id, Doc("社区 Community")]
    points_price_hint: Annotated[int | None, Doc("建议积分 Points that the partner suggests")]


@event("offer.paused")
class OfferPaused(Event):
    """暂停支持项目 An offer was paused"""

    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]


@event("offer.resumed")
class OfferResumed(Event):
    """恢复支持项目 A paused offer is open again"""

    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]


@event("offer.withdrawn")
class OfferWithdrawn(Event):
    """撤回支持项目 An offer was withdrawn"""

    support_offer_id: Annotated[Id, Doc("支持项目 Offer")]
    partner_id: Annotated[Id, Doc("合伙人 Partner")]


OFFERING = (Role.PARTNER, *REVIEWERS)
Offered = SupportOfferState


@dataclass(kw_only=True)
class SupportOffer(Aggregate):
    """支持项目 Support offer: a venue, a skill or a service that a partner gives to the community"""

    TABLE = StateTable(
        action("pauseOffer", Offered.OPEN, Offered.PAUSED, *OFFERING),
        action("resumeOffer", Offered.PAUSED, Offered.OPEN, *OFFERING),
        action("withdrawOffer", (Offered.OPEN, Offered.PAUSED), Offered.WITHDRAWN, *OFFERING),
    )

    partner_id: Annotated[Id, Doc("合伙人 Partner"), Ref("RedPartner", inverse="support_offers")]
    community_id: Annotated[Id, Doc("社区 Community of the partner"), Ref("Community", inverse="support_offers")]
    kind: Annotated[SupportKind, Doc("方式 Kind")]
    title: Annotated[Name, Doc("名称 Title")]
    description: Annotated[Text | None, Doc("说明 Description")] = None
    capacity: Annotated[int, Doc("容量(人次) People at a time"), Range(1, 10_000)]
    availability: Annotated[list[OfferHours], Doc("开放时段 Hours; none: by arrangement"), Nulled] = field(
        default_factory=list
    )
    points_price_hint: Annotated[int | None, Doc("建议积分 Points for one service"), Range(1, 1_000)] = None
    state: Annotated[SupportOfferState, Doc("状态 State")] = SupportOfferState.OPEN
    # The offer itself holds its confirmed slots: confirming is one compare-and-set, so no slot is given twice.
    booked: Annotated[list[BookedSlot], Doc("已占用时段 Confirmed slots"), Hidden] = field(default_factory=list)

    def publish(self) -> "SupportOffer":
        self.record(OfferPublished)
        if self.kind is SupportKind.SERVICE and self.points_price_hint is not None:
            self.record(PartnerServiceListed)
        return self

    def pause(self) -> None:
        self.TABLE.move(self, "pauseOffer")
        self.record(OfferPaused)

    def resume(self) -> None:
        self.TABLE.move(self, "resumeOffer")
        self.record(OfferResumed)

    def withdraw(self) -> None:
        self.TABLE.move(self, "withdrawOffer")
        self.record(OfferWithdrawn)

    def require_open(self) -> None:
        """Raises RPA_OFFER_NOT_OPEN."""
        if self.state is not SupportOfferState.OPEN:
            raise RpaError.OFFER_NOT_OPEN(field="offerId", state=self.state.name)

    def require_free(self, starts_at: datetime, ends_at: datetime) -> None:
        """Raises RPA_SLOT_TAKEN."""
        for slot in self.booked:
            if slot.starts_at < ends_at and starts_at < slot.ends_at:
                raise RpaError.SLOT_TAKEN(
                    field="startsAt", startsAt=slot.starts_at.isoformat(), endsAt=slot.ends_at.isoformat()
                )

    def take(self, slot: BookedSlot, now: datetime) -> None:
        """Give the slot away; those that are over are forgotten. Raises RPA_OFFER_NOT_OPEN, RPA_SLOT_TAKEN."""
        self.require_open()
        self.require_free(slot.starts_at, slot.ends_at)
        self.booked = [*(taken for taken in self.booked if taken.ends_at > now), slot]

    def release(self, booking_id: str) -> None:
        self.booked = [slot for slot in self.booked if slot.booking_id != booking_id]
