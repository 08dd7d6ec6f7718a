"""What communities need and partners could give."""

from dataclasses import dataclass, field
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Nulled,
    Ref,
    Register,
    StateTable,
    Text,
    action,
    event,
)
from red_partner.domain.offers import SupportKind
from red_partner.domain.roles import ORGANIZERS


class PartnerNeedSource(LabelEnum):
    """需求来源 Where a need comes from"""

    PETITION = "诉求 Petition"
    MEETING = "议事会 Council meeting"
    COMMUNITY = "社区 Community"


class PartnerNeedState(LabelEnum):
    """需求状态 State of a need"""

    OPEN = "待对接 Open"
    MATCHED = "已对接 Matched"
    CLOSED = "已关闭 Closed"


@event("need.matched")
class NeedMatched(Event):
    """需求对接 A need was matched with offers"""

    partner_need_id: Annotated[Id, Doc("需求 Need")]
    community_id: Annotated[Id, Doc("社区 Community")]
    source: Annotated[PartnerNeedSource, Doc("来源 Source")]
    source_id: Annotated[Id | None, Doc("来源编号 Id of the petition or meeting")]
    matched_offer_ids: Annotated[list[Id] | None, Doc("对接的支持项目 Offers")]


@event("need.closed")
class NeedClosed(Event):
    """需求关闭 A need was closed"""

    partner_need_id: Annotated[Id, Doc("需求 Need")]
    community_id: Annotated[Id, Doc("社区 Community")]


@dataclass(kw_only=True)
class PartnerNeed(Aggregate):
    """合作需求 Need of a community for which a partner's offer is sought"""

    REGISTER = Register(*ORGANIZERS, noun="need", created="posted", create="postNeed", update="updateNeed")
    TABLE = StateTable(
        action("matchNeed", PartnerNeedState.OPEN, PartnerNeedState.MATCHED, *ORGANIZERS),
        action("closeNeed", (PartnerNeedState.OPEN, PartnerNeedState.MATCHED), PartnerNeedState.CLOSED, *ORGANIZERS),
    )

    source: Annotated[PartnerNeedSource, Doc("来源 Source")]
    source_id: Annotated[Id | None, Doc("来源编号 Id of the petition or meeting")] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="partner_needs")]
    kind: Annotated[SupportKind, Doc("需要的支持 Kind of support")]
    text: Annotated[Text, Doc("内容 What is needed")]
    state: Annotated[PartnerNeedState, Doc("状态 State"), Managed] = PartnerNeedState.OPEN
    matched_offer_ids: Annotated[
        list[Id], Doc("对接的支持项目 Offers"), Ref("SupportOffer", edge="matched_offers"), Managed, Nulled
    ] = field(default_factory=list)

    def match(self, offer_ids: list[str]) -> None:
        self.TABLE.move(self, "matchNeed")
        self.matched_offer_ids = offer_ids
        self.record(NeedMatched)

    def close(self) -> None:
        self.TABLE.move(self, "closeNeed")
        self.record(NeedClosed)
