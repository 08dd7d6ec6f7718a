"""The 284 community events with their red partners, and who came."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from .calendar import SECOND_OF_SECOND_LUNAR_MONTH, at, is_weekend, month_start, weekends
from .county import Community, communities
from .ids import stable_id
from .partners import Partner, partners_by_community
from .residents import participants_by_community
from .story import rng, topic

REGISTRATIONS_PER_EVENT = 6
RULE = "VOLUNTEER_HOUR"

# Theme → title and the category of partner that suits it.
THEMES = {
    "free-haircut": ("银发义剪进社区", "HAIR_BEAUTY"),
    "family-photo": ("幸福全家福", "WEDDING_PHOTO"),
    "dumplings": ("饺子宴敬老情", "CATERING"),
    "bicycle-repair": ("义务修车日", "BICYCLE"),
    "reading": ("周末亲子阅读", "TRAINING"),
    "calligraphy": ("写春联送祝福", "TRAINING"),
    "cleaning": ("清洁家园", "RETAIL"),
    "health": ("健康义诊", "SOCIAL_ORGANIZATION"),
    "law": ("法律咨询进小区", "SOCIAL_ORGANIZATION"),
    "fire-safety": ("消防安全演练", "OTHER"),
    "waste-sorting": ("垃圾分类小课堂", "OTHER"),
    "square-dance": ("邻里广场舞会", "TRAINING"),
    "zongzi": ("端午包粽子", "CATERING"),
    "mid-autumn": ("中秋邻里宴", "CATERING"),
    "tree-planting": ("认养一棵树", "RETAIL"),
    "smartphone": ("手机课堂助老", "RETAIL"),
    "summer-school": ("暑期公益课堂", "TRAINING"),
    "neighbours": ("邻里节", "OTHER"),
    "chess": ("社区棋王赛", "OTHER"),
    "knitting": ("爱心编织", "SOCIAL_ORGANIZATION"),
}
LUNAR_FESTIVAL = ("lunar-festival", "美德民俗志愿行,情暖童心二月二", "SOCIAL_ORGANIZATION")
CYCLING = ("cycling", "“骑”乐无穷", "BICYCLE")
FLEA_MARKET = ("flea-market", "小鬼当家、跳蚤市场", "TRAINING")


@dataclass(frozen=True, slots=True)
class Event:
    """A completed event hosted by a community's Party committee with one or two partners."""

    n: int
    id: str
    title: str
    theme_key: str
    community_id: str
    community_code: str
    host_organization_id: str
    partner_ids: tuple[str, ...]
    partner_numbers: tuple[int, ...]
    monthly_volunteer_activity: bool
    starts_at: datetime
    ends_at: datetime
    minutes: int
    venue_id: str
    capacity: int
    registration_opens_at: datetime
    registration_closes_at: datetime
    state: str
    rule_code: str


@dataclass(frozen=True, slots=True)
class Registration:
    """``state`` ATTENDED, NO_SHOW or CANCELLED; the check-in and minutes belong to those who attended."""

    id: str
    event_n: int
    event_id: str
    place: int
    resident_number: int
    resident_id: str
    role: str
    state: str
    registered_at: datetime
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    minutes: int


@topic
def events(as_of: date) -> tuple[Event, ...]:
    """By community and day; never two of a community on a day, never the same theme twice."""
    found: list[Event] = []
    for community in communities(as_of):
        for day, theme in sorted(_programme(community, as_of).items()):
            month = (community.code, day.month)
            first = month not in {(event.community_code, event.starts_at.month) for event in found}
            found.append(_event(len(found) + 1, community, day, theme, first, as_of))
    return tuple(found)


@topic
def registrations(as_of: date) -> tuple[Registration, ...]:
    """Six participants of the community for each event; four or five of them attended."""
    return tuple(
        registration for event in events(as_of) for registration in _registrations(event, as_of)
    )  # fmt: skip


def _programme(community: Community, as_of: date) -> dict[date, str]:
    """Day → theme. One event a month on a weekend, the others on further weekends; the named ones on their days."""
    random = rng("events", community.code)
    fixed = _named(community, as_of)
    count, year = community.counts.events, as_of.year
    last = date(year, 12, 25)
    free = [day for day in weekends(year) if day not in fixed and day < last]
    days = set(fixed)
    for month in range(1, 13):
        if not any(day.month == month for day in days):
            days.add(random.choice([day for day in free if day.month == month]))
    days |= set(random.sample([day for day in free if day not in days], count - len(days)))
    themes = iter(random.sample(list(THEMES), count))
    return {day: fixed.get(day) or next(themes) for day in sorted(days)}


def _named(community: Community, as_of: date) -> dict[date, str]:
    """The three events that the county tells of, each in another community."""
    may = month_start(as_of.year, 5)
    saturdays = [may + timedelta(days=offset) for offset in range(31) if (may + timedelta(days=offset)).weekday() == 5]
    days = {
        _community_with("SOCIAL_ORGANIZATION", 0, as_of): (SECOND_OF_SECOND_LUNAR_MONTH[as_of.year], LUNAR_FESTIVAL[0]),
        _community_with("BICYCLE", 7, as_of): (saturdays[1], CYCLING[0]),
        _community_with("TRAINING", 14, as_of): (date(as_of.year, 6, 1), FLEA_MARKET[0]),
    }
    return dict([days[community.index]]) if community.index in days else {}


def _community_with(category: str, first: int, as_of: date) -> int:
    """The next community from ``first`` on (seven to choose from) that has a partner of the category."""
    for community in communities(as_of)[first : first + 7]:
        if any(partner.category == category for partner in partners_by_community(as_of)[community.code]):
            return community.index
    raise LookupError(f"no partner of category {category}")


def _event(n: int, community: Community, day: date, theme: str, first: bool, as_of: date) -> Event:
    random = rng("event", n)
    title, category = {
        key: (name, kind) for key, name, kind in (LUNAR_FESTIVAL, CYCLING, FLEA_MARKET)
    }.get(theme) or THEMES[theme]  # fmt: skip
    starts = at(day, random.choice((9, 14, 15) if is_weekend(day) else (15, 16)), 30)
    minutes = random.choice((60, 90, 90, 120))
    hosts = _partners(random, category, partners_by_community(as_of)[community.code])
    return Event(
        n=n,
        id=stable_id("event", n),
        title=title,
        theme_key=theme,
        community_id=community.id,
        community_code=community.code,
        host_organization_id=stable_id("party-organization", community.code),
        partner_ids=tuple(partner.id for partner in hosts),
        partner_numbers=tuple(partner.n for partner in hosts),
        monthly_volunteer_activity=first,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        minutes=minutes,
        venue_id=stable_id("venue", f"center/{community.code}"),
        capacity=random.randrange(20, 60, 5),
        registration_opens_at=starts - timedelta(days=10),
        registration_closes_at=starts - timedelta(hours=12),
        state="COMPLETED",
        rule_code=RULE,
    )


def _partners(random: Random, category: str, available: tuple[Partner, ...]) -> list[Partner]:
    """A partner of the suitable category when the community has one, sometimes with a second."""
    suitable = [partner for partner in available if partner.category == category] or list(available)
    first = random.choice(suitable)
    others = [partner for partner in available if partner.n != first.n]
    return [first, random.choice(others)] if random.random() < 0.3 else [first]


def _registrations(event: Event, as_of: date) -> list[Registration]:
    random = rng("registrations", event.n)
    residents = random.sample(participants_by_community(as_of)[event.community_code], REGISTRATIONS_PER_EVENT)
    missing = {5: random.choice(("NO_SHOW", "CANCELLED"))}
    if random.random() < 0.6:
        missing[4] = "NO_SHOW"
    found = []
    for place, resident in enumerate(residents):
        state = missing.get(place, "ATTENDED")
        attended = state == "ATTENDED"
        found.append(
            Registration(
                id=stable_id("registration", event.n, place + 1),
                event_n=event.n,
                event_id=event.id,
                place=place + 1,
                resident_number=resident.n,
                resident_id=resident.id,
                role="VOLUNTEER",
                state=state,
                registered_at=event.registration_opens_at + timedelta(hours=random.randint(1, 200)),
                checked_in_at=event.starts_at - timedelta(minutes=random.randint(0, 15)) if attended else None,
                checked_out_at=event.ends_at if attended else None,
                minutes=event.minutes if attended else 0,
            )
        )
    return found
