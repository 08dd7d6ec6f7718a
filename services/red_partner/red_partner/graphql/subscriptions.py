"""What front ends can wait for."""

from govkit.graphql.subscriptions import Subscription
from red_partner.domain import registrations
from red_partner.domain.registrations import Registration

SUBSCRIPTIONS = [
    Subscription(
        "eventRegistrationChanged",
        Registration,
        "报名变化 Each registration for the event that is made, promoted, cancelled or checked in",
        events=[
            registrations.RegistrationMade,
            registrations.RegistrationOffered,
            registrations.RegistrationPromoted,
            registrations.RegistrationCancelled,
            registrations.RegistrationCheckedIn,
            registrations.RegistrationMissed,
        ],
        argument="eventId",
        argument_doc="活动 Event",
        equals="event_id",
        record_id="registration_id",
    ),
]
