from collections import Counter
from datetime import date

from lanling_demo import red_partner_facts as facts
from lanling_demo.calendar import day_of
from lanling_demo.county import communities
from lanling_demo.grids import base_grids
from lanling_demo.organization_facts import party_organizations, venues


def test_partners_by_category_and_community() -> None:
    partners = facts.partners()
    assert Counter(partner.category for partner in partners) == {
        "WEDDING_PHOTO": 18,
        "BICYCLE": 14,
        "HAIR_BEAUTY": 41,
        "CATERING": 77,
        "RETAIL": 66,
        "TRAINING": 48,
        "SOCIAL_ORGANIZATION": 31,
        "OTHER": 55,
    }
    per_community = Counter(partner.community_code for partner in partners)
    assert all(per_community[community.code] == community.counts.partners for community in communities())
    cells = {grid.id: grid.cell for grid in base_grids()}
    assert all(cells[partner.grid_id].contains(partner.location) for partner in partners)
    assert all(partner.agreement_to > date(2023, 12, 31) for partner in partners)
    assert {offer.kind for offer in facts.support_offers()} == {"VENUE", "TECHNOLOGY", "SERVICE"}


def test_events_by_community_month_and_theme() -> None:
    events = facts.events()
    assert len(events) == 284
    for community in communities():
        own = [event for event in events if event.community_code == community.code]
        assert len(own) == community.counts.events
        assert len({event.theme_key for event in own}) == len(own)
        assert {day_of(event.starts_at).month for event in own} == set(range(1, 13))
        assert sum(event.monthly_volunteer_activity for event in own) == 12
        assert len({day_of(event.starts_at) for event in own}) == len(own)
    community_of = {partner.id: partner for partner in facts.partners()}
    for event in events:
        assert event.partner_ids
        for partner_id in event.partner_ids:
            partner = community_of[partner_id]
            assert partner.community_code == event.community_code
            assert partner.joined_on < day_of(event.starts_at)
        assert day_of(event.ends_at) <= date(2023, 12, 31)
    assert {event.host_organization_id for event in events} <= {item.id for item in party_organizations()}
    assert {event.venue_id for event in events} <= {venue.id for venue in venues()}


def test_the_three_named_events() -> None:
    days = {event.title: day_of(event.starts_at) for event in facts.events()}
    assert days["美德民俗志愿行,情暖童心二月二"] == date(2023, 2, 21)
    cycling = days["“骑”乐无穷"]
    assert (cycling.month, cycling.weekday()) == (5, 5)
    assert days["小鬼当家、跳蚤市场"] == date(2023, 6, 1)
    bicycles = {partner.id for partner in facts.partners() if partner.category == "BICYCLE"}
    assert any(set(event.partner_ids) & bicycles for event in facts.events() if event.title == "“骑”乐无穷")


def test_registrations() -> None:
    registrations = facts.registrations()
    per_event = Counter(item.event_id for item in registrations)
    assert set(per_event.values()) == {6}
    assert len({(item.event_id, item.resident_id) for item in registrations}) == len(registrations)
    community = {resident.id: resident.community_code for resident in facts.residents()}
    event_of = {event.id: event for event in facts.events()}
    for item in registrations:
        event = event_of[item.event_id]
        assert community[item.resident_id] == event.community_code
        assert event.registration_opens_at < item.registered_at < event.registration_closes_at
        assert (item.checked_in_at is not None) == (item.state == "ATTENDED") == (item.minutes > 0)
