"""What waits for a person, for whoever watches the county."""

from govkit.gauges import Gauge
from red_partner.domain.needs import PartnerNeed, PartnerNeedState
from red_partner.domain.partners import PartnerState, RedPartner
from red_partner.domain.registrations import Registration, RegistrationState

APPLIED = {"state": (PartnerState.APPLIED, PartnerState.UNDER_REVIEW)}
WAITLISTED = {"state": RegistrationState.WAITLISTED}

GAUGES = (
    Gauge("partner_applications_waiting", "Partners whose application is not decided", RedPartner, APPLIED),
    Gauge("partner_needs_open", "Needs for which no partner was found", PartnerNeed, {"state": PartnerNeedState.OPEN}),
    Gauge("registrations_waitlisted", "People on waiting lists of events", Registration, WAITLISTED),
)
