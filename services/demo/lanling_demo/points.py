"""Points: earning rules, recruitment calls, and every grant with the fact that earned it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from .calendar import at, random_day
from .county import communities
from .events import registrations
from .ids import stable_id
from .petitions import petitions
from .residents import Resident, participants_by_community, residents
from .story import rng, topic
from .supervisors import supervisors

TIMELY_HELP, VOLUNTEER_ACTIVITY, PEACEMAKING = "TIMELY_HELP", "VOLUNTEER_ACTIVITY", "PEACEMAKING"
PATHS = {TIMELY_HELP: 986, VOLUNTEER_ACTIVITY: 2214, PEACEMAKING: 886}
PARTICIPANTS = 912
CHARITY_GRANTS, DONATION_GRANTS = 200, 193  # 600 + 386 points
MEDIATION_GRANTS, REPORT_GRANTS = 220, 226  # 660 + 226 points
SUGGESTION_GRANTS = 40
CALL_SIGN_UPS = 5
SAVER = 6  # the supervisor who has nearly saved up for the casserole
SAVED = 18


@dataclass(frozen=True, slots=True)
class EarningRule:
    code: str
    id: str
    path: str
    name: str
    points: int
    per_hour: bool
    max_hours_per_activity: int | None
    cap_per_month: int | None
    needs_review: bool
    valid_from: date


@dataclass(frozen=True, slots=True)
class SignUp:
    """``state`` CONFIRMED (attended) or CANCELLED."""

    resident_number: int
    resident_id: str
    state: str


@dataclass(frozen=True, slots=True)
class RecruitmentCall:
    """招募令. Attendance is granted by ``rule_code``."""

    n: int
    id: str
    title: str
    community_id: str
    community_code: str
    path: str
    rule_code: str
    starts_at: datetime
    ends_at: datetime
    place: str
    capacity: int
    state: str
    sign_ups: tuple[SignUp, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """``source_service``, ``_type`` and ``_id`` name the fact that earned it; a reviewed request when there is none."""

    n: int
    id: str
    resident_number: int
    resident_id: str
    community_code: str
    rule_code: str
    path: str
    points: int
    quantity: int
    granted_at: datetime
    source_service: str
    source_type: str
    source_id: str


_RULES = (
    ("DONATION", TIMELY_HELP, "爱心捐赠 Donation", 2, False, None, None, True),
    ("CHARITY_HELP", TIMELY_HELP, "公益帮扶 Charity help", 3, False, None, None, True),
    ("VOLUNTEER_HOUR", VOLUNTEER_ACTIVITY, "志愿服务 Volunteer hour", 1, True, 2, None, False),
    ("DELIBERATION", VOLUNTEER_ACTIVITY, "参与协商议事 Deliberation", 1, False, None, None, False),
    ("SUGGESTION_ADOPTED", VOLUNTEER_ACTIVITY, "建议被采纳 Suggestion adopted", 3, False, None, None, False),
    (
        "SUPERVISOR_REPORT_SOLVED",
        VOLUNTEER_ACTIVITY,
        "监督员上报办结 Supervisor report solved",
        1,
        False,
        None,
        10,
        False,
    ),
    ("DISPUTE_REPORTED", PEACEMAKING, "上报矛盾纠纷 Dispute reported", 1, False, None, None, False),
    ("DISPUTE_MEDIATED", PEACEMAKING, "化解矛盾纠纷 Dispute mediated", 3, False, None, None, True),
)


@topic
def earning_rules(as_of: date) -> tuple[EarningRule, ...]:
    start = date(as_of.year - 1, 12, 1)
    return tuple(
        EarningRule(code, stable_id("earning-rule", code), path, name, points, per_hour, hours, cap, review, start)
        for code, path, name, points, per_hour, hours, cap, review in _RULES
    )


@topic
def recruitment_calls(as_of: date) -> tuple[RecruitmentCall, ...]:
    """One in each community, for charity; four of five who signed up came."""
    return tuple(_call(index, as_of) for index in range(len(communities(as_of))))


@topic
def grants(as_of: date) -> tuple[Grant, ...]:
    """Every grant of the year in order of time; each of 1 … 3 points, by path exactly 986, 2,214 and 886."""
    earned = [*_from_events(as_of), *_from_reports(as_of), *_from_calls(as_of)]
    earned += _reviewed(earned, as_of)
    ordered = sorted(earned, key=lambda grant: (grant.granted_at, grant.resident_number, grant.source_id))
    return tuple(replace(grant, n=n, id=stable_id("grant", n)) for n, grant in enumerate(ordered, start=1))


def _grant(
    resident_number: int, rule_code: str, quantity: int, granted_at: datetime, source: tuple[str, str, str]
) -> Grant:
    rule = next(item for item in _RULES if item[0] == rule_code)
    community_code = _community_of(resident_number)
    return Grant(
        n=0,
        id="",
        resident_number=resident_number,
        resident_id=stable_id("resident", resident_number),
        community_code=community_code,
        rule_code=rule_code,
        path=rule[1],
        points=rule[3] * quantity,
        quantity=quantity,
        granted_at=granted_at,
        source_service=source[0],
        source_type=source[1],
        source_id=source[2],
    )


def _community_of(resident_number: int) -> str:
    return residents()[resident_number - 1].community_code


def _from_events(as_of: date) -> Iterator[Grant]:
    """One point for each full hour."""
    for item in registrations(as_of):
        if item.checked_out_at:
            source = ("red-partner", "REGISTRATION", item.id)
            yield _grant(item.resident_number, "VOLUNTEER_HOUR", item.minutes // 60, item.checked_out_at, source)


def _from_reports(as_of: date) -> Iterator[Grant]:
    reporters = {supervisor.id: supervisor.resident_number for supervisor in supervisors(as_of)}
    for petition in petitions(as_of):
        if petition.source_id and petition.timeline and petition.timeline.closed_at:
            source = ("petition", "PETITION", petition.id)
            yield _grant(
                reporters[petition.source_id], "SUPERVISOR_REPORT_SOLVED", 1, petition.timeline.closed_at, source
            )


def _from_calls(as_of: date) -> Iterator[Grant]:
    for call in recruitment_calls(as_of):
        for sign_up in call.sign_ups:
            if sign_up.state == "CONFIRMED":
                source = ("points", "RECRUITMENT_CALL", call.id)
                yield _grant(sign_up.resident_number, "CHARITY_HELP", 1, call.ends_at, source)


def _reviewed(earned: list[Grant], as_of: date) -> list[Grant]:
    """What no other fact explains, on request: it fills each path to its total and reaches every participant."""
    called = sum(grant.rule_code == "CHARITY_HELP" for grant in earned)
    by_hours = sum(grant.points for grant in earned if grant.path == VOLUNTEER_ACTIVITY)
    wanted = {
        "CHARITY_HELP": CHARITY_GRANTS - called,
        "DONATION": DONATION_GRANTS,
        "DISPUTE_MEDIATED": MEDIATION_GRANTS,
        "DISPUTE_REPORTED": REPORT_GRANTS,
        "SUGGESTION_ADOPTED": SUGGESTION_GRANTS,
        "DELIBERATION": PATHS[VOLUNTEER_ACTIVITY] - by_hours - 3 * SUGGESTION_GRANTS,
    }
    random = rng("reviewed-grants")
    rules = [rule for rule, count in wanted.items() for _ in range(count)]
    random.shuffle(rules)
    rules.sort(key=lambda rule: rule != "DISPUTE_MEDIATED")  # the saver's are the first
    receivers = _receivers(earned, len(rules), as_of)
    found = []
    for n, (rule, receiver) in enumerate(zip(rules, receivers, strict=True), start=1):
        day = random_day(random, date(as_of.year, 1, 8), date(as_of.year, 12, 20))
        source = ("points", "GRANT_REQUEST", stable_id("grant-request", n))
        found.append(_grant(receiver, rule, 1, at(day, 9 + n % 8, n % 60), source))
    return found


def _receivers(earned: list[Grant], count: int, as_of: date) -> list[int]:
    """The saver until the casserole is near, everybody who has nothing yet, then any participant at random."""
    random = rng("grant-receivers")
    saver = supervisors(as_of)[SAVER - 1].resident_number
    has = sum(grant.points for grant in earned if grant.resident_number == saver)
    to_saver = [saver] * max(0, -(-(SAVED - has) // 3))
    receivers = {grant.resident_number for grant in earned}
    without = [n for n in range(1, PARTICIPANTS + 1) if n not in receivers]
    random.shuffle(without)
    others = [n for n in range(1, PARTICIPANTS + 1) if n != saver]
    rest = count - len(to_saver) - len(without)
    return [*to_saver, *without, *(random.choice(others) for _ in range(rest))]


def _call(index: int, as_of: date) -> RecruitmentCall:
    community = communities(as_of)[index]
    random = rng("call", index)
    day = date(as_of.year, 2, 4) + timedelta(days=14 * index)
    chosen: list[Resident] = random.sample(participants_by_community(as_of)[community.code], CALL_SIGN_UPS)
    return RecruitmentCall(
        n=index + 1,
        id=stable_id("recruitment-call", index + 1),
        title=f"{community.stem}助老帮困招募令",
        community_id=community.id,
        community_code=community.code,
        path=TIMELY_HELP,
        rule_code="CHARITY_HELP",
        starts_at=at(day, 9),
        ends_at=at(day, 11),
        place=f"{community.name}党群服务中心",
        capacity=10,
        state="COMPLETED",
        sign_ups=tuple(
            SignUp(resident.n, resident.id, "CANCELLED" if place == CALL_SIGN_UPS - 1 else "CONFIRMED")
            for place, resident in enumerate(chosen)
        ),
    )
