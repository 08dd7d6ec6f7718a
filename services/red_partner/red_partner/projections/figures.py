"""The article's figures that this service answers for, each a count over its own records (domain reference 5.2)."""

from govkit.graphql.statistics import Figure
from red_partner.domain.events import HELD, CommunityEvent
from red_partner.domain.offers import SupportOffer, SupportOfferState
from red_partner.domain.partners import PartnerState, RedPartner
from red_partner.domain.registrations import Registration, RegistrationState

ATTENDED = {"state": RegistrationState.ATTENDED}

FIGURES = (
    Figure("partners", "红色合伙人 Active red partners", RedPartner, {"state": PartnerState.ACTIVE}),
    Figure("events", "已举办活动 Events held", CommunityEvent, {"state": HELD}),
    Figure("offers", "开放的支持项目 Open offers", SupportOffer, {"state": SupportOfferState.OPEN}),
    Figure("attendances", "活动参与人次 People who attended, once for each event", Registration, ATTENDED),
    Figure("volunteerMinutes", "志愿服务分钟 Minutes confirmed", Registration, ATTENDED, total="minutes"),
)
