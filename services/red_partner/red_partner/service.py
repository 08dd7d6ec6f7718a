"""The red-partner service, put together."""

from govkit.demonstration import demonstration
from govkit.service import Service
from red_partner.consumers import CONSUMERS, KEPT
from red_partner.domain.bookings import OfferBooking
from red_partner.domain.errors import RpaError
from red_partner.domain.events import CommunityEvent
from red_partner.domain.needs import PartnerNeed
from red_partner.domain.offers import SupportOffer
from red_partner.domain.partners import RedPartner
from red_partner.domain.registrations import Registration
from red_partner.domain.schedules import ResidentSchedule
from red_partner.domain.variety import CommunityProgramme, VarietyRule
from red_partner.graphql import queries, volunteering
from red_partner.graphql.subscriptions import SUBSCRIPTIONS
from red_partner.handlers import COMMANDS
from red_partner.projections.figures import FIGURES
from red_partner.projections.gauges import GAUGES

SERVICE = Service(
    name="red-partner",
    aggregates=[
        RedPartner,
        SupportOffer,
        OfferBooking,
        CommunityEvent,
        Registration,
        ResidentSchedule,
        CommunityProgramme,
        VarietyRule,
        PartnerNeed,
    ],
    commands=COMMANDS,
    queries=[*queries.QUERIES, *volunteering.QUERIES],
    computed=[*queries.COMPUTED, *volunteering.COMPUTED],
    subscriptions=SUBSCRIPTIONS,
    consumers=CONSUMERS,
    kept=KEPT,
    listens_to=["organization", "points"],
    statistics=("redPartnerStatistics", FIGURES),
    gauges=GAUGES,
    errors=RpaError,
    seed_data=demonstration("red_partner.seed"),
)
