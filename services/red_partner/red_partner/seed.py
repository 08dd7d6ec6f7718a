"""The demonstration county's part of this service, built by the domain from the shared facts."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from govkit.domain import Aggregate, GeoPoint, business_date
from govkit.seeding import Seeder, registered
from lanling_demo import red_partner_facts as facts
from lanling_demo.county import STREET
from lanling_demo.ids import stable_id
from red_partner.domain.events import CommunityEvent, CommunityEventState
from red_partner.domain.offers import SupportKind, SupportOffer, SupportOfferState
from red_partner.domain.partners import PartnerCategory, PartnerKind, PartnerState, RedPartner
from red_partner.domain.registrations import CheckInMethod, Registration, RegistrationState
from red_partner.domain.variety import CommunityProgramme, ThemeUse, VarietyRule, VarietyScope

STAFF_ID = "seed"


async def seed(seeder: Seeder) -> None:
    """Partners and offers with their own events; what was held in the past as snapshots: it grants nothing now."""
    await seeder.load("variety", variety_rules())
    await seeder.load("partners", partners())
    await seeder.load("offers", offers())
    await seeder.load("programmes", programmes())
    await seeder.load("events", events_and_registrations(), snapshots=True)


def variety_rules() -> Iterator[Aggregate]:
    yield registered(VarietyRule(id=stable_id("variety-rule", "county"), scope=VarietyScope.COUNTY))


def partners() -> Iterator[RedPartner]:
    hosted = Counter(partner_id for event in facts.events() for partner_id in event.partner_ids)
    for fact in facts.partners():
        longitude, latitude = fact.location
        partner = RedPartner(
            id=fact.id,
            name=fact.name,
            credit_code=fact.credit_code,
            category=PartnerCategory[fact.category],
            kind=PartnerKind[fact.kind],
            community_id=fact.community_id,
            location=GeoPoint(longitude=longitude, latitude=latitude),
            contact_name=fact.contact.name,
            contact_phone=fact.contact.phone,
            stars=fact.stars,
            events_count=hosted[fact.id],
        ).apply()
        partner.start_review()
        partner.approve(fact.joined_on)
        partner.sign(fact.agreement_number, fact.agreement_from, fact.agreement_to, [])
        assert partner.state is PartnerState[fact.state]
        yield partner


def offers() -> Iterator[SupportOffer]:
    communities = {partner.id: partner.community_id for partner in facts.partners()}
    for fact in facts.support_offers():
        yield SupportOffer(
            id=fact.id,
            partner_id=fact.partner_id,
            community_id=communities[fact.partner_id],
            kind=SupportKind[fact.kind],
            title=fact.title,
            capacity=fact.capacity,
            state=SupportOfferState[fact.state],
        ).publish()


def programmes() -> Iterator[CommunityProgramme]:
    uses: dict[str, list[tuple[date, str, str]]] = defaultdict(list)
    for event in facts.events():
        uses[event.community_id].append((business_date(event.starts_at), event.id, event.theme_key))
    for community_id, rows in uses.items():
        themes = [ThemeUse(theme_key=theme, event_id=event_id, on=on) for on, event_id, theme in sorted(rows)]
        yield CommunityProgramme(id=community_id, community_id=community_id, uses=themes)


def events_and_registrations() -> Iterator[Aggregate]:
    """Each event with those who registered, through its whole life."""
    by_event: dict[str, list[facts.Registration]] = defaultdict(list)
    for fact in facts.registrations():
        by_event[fact.event_id].append(fact)
    for event_fact in facts.events():
        event = planned(event_fact)
        event.publish()
        registrations = [registration(event, fact) for fact in by_event[event.id]]
        event.start(event.starts_at)
        for made, fact in zip(registrations, by_event[event.id], strict=True):
            attend(event, made, fact)
        event.complete()
        for made, fact in zip(registrations, by_event[event.id], strict=True):
            if made.state is RegistrationState.ATTENDED:
                made.confirm(event, event.ends_at, STAFF_ID)
                assert made.minutes == fact.minutes
            assert made.state is RegistrationState[fact.state]
        assert event.state is CommunityEventState[event_fact.state]
        yield event
        yield from registrations


def planned(fact: facts.Event) -> CommunityEvent:
    event = CommunityEvent(
        id=fact.id,
        title=fact.title,
        theme_key=fact.theme_key,
        community_id=fact.community_id,
        host_organization_id=fact.host_organization_id,
        partner_ids=list(fact.partner_ids),
        monthly_volunteer_activity=fact.monthly_volunteer_activity,
        starts_at=fact.starts_at,
        ends_at=fact.ends_at,
        venue_id=fact.venue_id,
        capacity=fact.capacity,
        registration_opens_at=fact.registration_opens_at,
        registration_closes_at=fact.registration_closes_at,
        rule_code=fact.rule_code,
        street_id=STREET.id,
    )
    event.check()
    return event


def registration(event: CommunityEvent, fact: facts.Registration) -> Registration:
    event.require_registration_open(fact.registered_at)
    made = Registration(
        id=fact.id,
        event_id=event.id,
        resident_id=fact.resident_id,
        community_id=event.community_id,
        role=fact.role,
        registered_at=fact.registered_at,
        event_starts_at=event.starts_at,
        event_ends_at=event.ends_at,
        street_id=event.street_id,
    ).make(event)
    if fact.state == "CANCELLED":
        made.cancel(event, event.registration_closes_at)
    return made


def attend(event: CommunityEvent, made: Registration, fact: facts.Registration) -> None:
    if fact.checked_in_at and fact.checked_out_at:
        made.check_in(event, fact.checked_in_at, STAFF_ID, CheckInMethod.STAFF)
        made.check_out(fact.checked_out_at)
    elif fact.state == "NO_SHOW":
        made.miss(event)
