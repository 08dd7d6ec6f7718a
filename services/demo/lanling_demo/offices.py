"""Who holds which Party post, the owners' committees, and the county leaders' contact points."""

from dataclasses import dataclass
from datetime import date, timedelta

from .areas import SELF_MANAGED, ResidentialArea, residential_areas
from .calendar import random_day
from .county import communities
from .ids import stable_id
from .party import PartyOrganization, party_organizations
from .property import property_enterprises
from .staff import Person, person
from .story import rng, topic
from .venues import resident_units

LEADERS = 11
_ROLES = {
    "COMMUNITY_COMMITTEE": "SECRETARY",
    "AREA_BRANCH": "SECRETARY",
    "PROPERTY_INDUSTRY_COMMITTEE": "SECRETARY",
    "BUILDING_GROUP": "GROUP_LEADER",
    "CENTER_HOUSEHOLD": "HOUSEHOLD_HEAD",
}


@dataclass(frozen=True, slots=True)
class Office:
    """A post and its holder. ``on_behalf_of_kind`` and ``_id`` name the organization a part-time member speaks for."""

    id: str
    post_id: str
    role: str
    party_organization_key: str
    party_organization_id: str
    person: Person
    start_on: date
    on_behalf_of_kind: str | None = None
    on_behalf_of_id: str | None = None


@dataclass(frozen=True, slots=True)
class OwnersCommittee:
    id: str
    residential_area_id: str
    residential_area_code: str
    community_code: str
    established_on: date
    term_ends_on: date
    filed: bool


@dataclass(frozen=True, slots=True)
class Visit:
    on: date
    topics: tuple[str, ...]
    problems_raised: int


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A county leader's contact point: leader ↔ community."""

    id: str
    leader: Person
    leader_number: int
    community_id: str
    community_code: str
    start_on: date
    visit_every_days: int
    visits: tuple[Visit, ...]


@topic
def offices(as_of: date) -> tuple[Office, ...]:
    """Secretaries of committees and branches, leaders of groups and households, part-time members."""
    found: list[Office] = []
    for number, organization in enumerate(party_organizations(as_of), start=1):
        role = _ROLES.get(organization.type)
        if role:
            found.append(_office(number, role, organization, as_of))
        if organization.type == "COMMUNITY_COMMITTEE" and organization.community_code:
            found += _part_time_members(organization, as_of)
    return tuple(found)


@topic
def owners_committees(as_of: date) -> tuple[OwnersCommittee, ...]:
    """In every second area that is not self-managed."""
    chosen = [area for area in residential_areas(as_of) if area.property_status != SELF_MANAGED][::2]
    return tuple(_owners_committee(area, as_of) for area in chosen)


@topic
def contact_points(as_of: date) -> tuple[ContactPoint, ...]:
    """One for each community; a leader has one or two."""
    points = []
    for community in communities(as_of):
        leader = community.index % LEADERS + 1
        random = rng("contact-point", community.code)
        visits = tuple(
            Visit(random_day(random, date(as_of.year, 3 * quarter + 1, 3), date(as_of.year, 3 * quarter + 3, 25)),
                  ("党建引领", "物业服务"), random.randint(0, 3))
            for quarter in range(4)
        )  # fmt: skip
        points.append(
            ContactPoint(
                id=stable_id("contact-point", community.code),
                leader=person("county-leader", leader, 1100),
                leader_number=leader,
                community_id=community.id,
                community_code=community.code,
                start_on=max(date(as_of.year - 2, 7, 1), community.established_on),
                visit_every_days=90,
                visits=visits,
            )
        )
    return tuple(points)


def _office(number: int, role: str, organization: PartyOrganization, as_of: date) -> Office:
    start = max(organization.established_on, date(as_of.year - 1, 9, 1))
    return Office(
        id=stable_id("membership", organization.key, role),
        post_id=stable_id("post", organization.key, role),
        role=role,
        party_organization_key=organization.key,
        party_organization_id=organization.id,
        person=person("office", number, 2000),
        start_on=start,
    )


def _part_time_members(committee: PartyOrganization, as_of: date) -> list[Office]:
    """Leaders of a resident unit, a property enterprise, a new-business organization and an owners' committee."""
    index = int(str(committee.community_code)[-3:]) - 1
    owners = next(item for item in owners_committees(as_of) if item.community_code == committee.community_code)
    spoken_for = {
        "RESIDENT_UNIT": resident_units(as_of)[2 * index].id,
        "PROPERTY_ENTERPRISE": property_enterprises(as_of)[index].id,
        "NEW_BUSINESS": stable_id("new-business-organization", index + 1),
        "OWNERS_COMMITTEE": owners.id,
    }
    start = max(committee.established_on + timedelta(days=30), date(as_of.year - 1, 10, 1))
    return [
        Office(
            id=stable_id("membership", committee.key, "PART_TIME_MEMBER", kind),
            post_id=stable_id("post", committee.key, "PART_TIME_MEMBER"),
            role="PART_TIME_MEMBER",
            party_organization_key=committee.key,
            party_organization_id=committee.id,
            person=person("part-time-member", index * 4 + place, 3500),
            start_on=start,
            on_behalf_of_kind=kind,
            on_behalf_of_id=organization_id,
        )
        for place, (kind, organization_id) in enumerate(spoken_for.items(), start=1)
    ]


def _owners_committee(area: ResidentialArea, as_of: date) -> OwnersCommittee:
    established = random_day(rng("owners", area.code), date(as_of.year - 2, 1, 1), date(as_of.year - 1, 12, 31))
    return OwnersCommittee(
        id=stable_id("owners-committee", area.code),
        residential_area_id=area.id,
        residential_area_code=area.code,
        community_code=area.community_code,
        established_on=established,
        term_ends_on=established + timedelta(days=5 * 365),
        filed=area.index % 8 != 0,
    )
