"""Everything the red-partner service seeds, in one place."""

from .events import Event, Registration, events, registrations
from .partners import Partner, SupportOffer, partners, partners_by_community, support_offers
from .residents import Resident, residents

__all__ = [
    "Event",
    "Partner",
    "Registration",
    "Resident",
    "SupportOffer",
    "events",
    "partners",
    "partners_by_community",
    "registrations",
    "residents",
    "support_offers",
]
