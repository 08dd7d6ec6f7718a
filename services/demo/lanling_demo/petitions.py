"""The 2,857 petitions as facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .calendar import add_working_hours, at, day_of
from .categories import category as category_of
from .county import communities
from .geometry import LonLat
from .ids import stable_id
from .petition_draft import Draft
from .petition_drafts import drafts
from .petition_timeline import Pace, Timeline, open_timeline, resolved_timeline
from .residents import Resident, others_by_community, participants_by_community
from .story import rng, topic
from .supervisors import supervisors

OVERDUE_RESOLVED, SUPERVISED_RESOLVED, REOPENED_RESOLVED = 107, 24, 161  # with the open ones: 113, 30, 170
LATE_RESPONSES = 51
RATED, LATEST_UNRATED = 2233, 40
RESOLVED_ANSWERS = {"NO": 41, "PARTLY": 77, "YES": 2115}
SATISFACTION = {"VERY_DISSATISFIED": 12, "DISSATISFIED": 31, "NEUTRAL": 58, "SATISFIED": 792, "VERY_SATISFIED": 1340}
ANONYMOUS, CONFIDENTIAL = 25, 12
KINDS = {"01": "COMPLAINT", "05": "COMPLAINT", "08": "ASSISTANCE", "07": "ASSISTANCE", "09": "CONSULTATION",
         "10": "SUGGESTION"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rating:
    """``resolved`` YES, PARTLY or NO."""

    resolved: str
    satisfaction: str
    rated_at: datetime


@dataclass(frozen=True, slots=True)
class Petition:
    """One petition as it stands at the end of the story. Instants are UTC, the point is WGS-84.

    ``level`` is where it was or is being handled; None for rejected and merged ones, whose timeline is None as well
    and which ended at ``decided_at``. ``overdue``: completed after ``resolve_by``, or open past it.
    """

    n: int
    id: str
    number: str
    kind: str
    category_code: str
    title: str
    description: str
    urgency: str
    channel: str
    visibility: str
    anonymous: bool
    reporter_id: str | None
    reporter_number: int | None
    reporter_name: str | None
    reporter_phone: str | None
    source_type: str | None
    source_id: str | None
    community_id: str | None
    community_code: str | None
    residential_area_id: str | None
    residential_area_code: str | None
    grid_id: str | None
    grid_code: str | None
    point: LonLat
    locate_status: str
    submitted_at: datetime
    state: str
    level: str | None
    timeline: Timeline | None
    decided_at: datetime | None
    rejection_reason: str | None
    merged_into_id: str | None
    overdue: bool
    supervised: bool
    rework_count: int
    rating: Rating | None

    @property
    def accepted(self) -> bool:
        """One of the 2,700."""
        return self.timeline is not None

    @property
    def resolved(self) -> bool:
        """One of the 2,537: completed, verified and replied."""
        return self.timeline is not None and self.timeline.replied_at is not None


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Keys of the drafts with each outcome."""

    overdue: frozenset[int]
    late: frozenset[int]
    supervised: frozenset[int]
    reopened: frozenset[int]
    answers: dict[int, tuple[str, str]]
    anonymous: frozenset[int]
    confidential: frozenset[int]


@topic
def petitions(as_of: date) -> tuple[Petition, ...]:
    """In order of submission; ``n`` from 1."""
    all_drafts = sorted(drafts(as_of), key=lambda draft: (draft.submitted_at, draft.key))
    numbers = {draft.key: n for n, draft in enumerate(all_drafts, start=1)}
    outcomes = _outcomes([draft for draft in all_drafts if draft.accepted], as_of)
    return tuple(_petition(draft, numbers, outcomes, as_of) for draft in all_drafts)


def end_of(as_of: date) -> datetime:
    """The last instant of the story."""
    return at(as_of, 23, 59)


def petition_id(n: int) -> str:
    return stable_id("petition", n)


def _outcomes(accepted: Sequence[Draft], as_of: date) -> _Outcomes:
    """The unhappiest cases are overdue, and rated worst; the communities' bias is in ``misfortune``."""
    random = rng("petition-outcomes")
    closed = [draft for draft in accepted if draft.state == "CLOSED"]
    worst = sorted(closed, key=lambda draft: (-draft.misfortune, draft.key))
    early = at(date(as_of.year, 11, 15), 0)
    overdue = [draft.key for draft in worst if draft.submitted_at < early][:OVERDUE_RESOLVED]
    with_noise = {draft.key: draft.misfortune + random.gauss(0, 0.8) for draft in accepted}
    rated = sorted(
        random.sample(closed[:-LATEST_UNRATED], RATED), key=lambda draft: (-with_noise[draft.key], draft.key)
    )
    # A supervisor's report counts as confirmed, so none of them is rated as unsolved.
    unsolved = [draft for draft in rated if draft.supervisor is None][: RESOLVED_ANSWERS["NO"]]
    rated = unsolved + [draft for draft in rated if draft not in unsolved]
    answers = [answer for answer, count in RESOLVED_ANSWERS.items() for _ in range(count)]
    feelings = [feeling for feeling, count in SATISFACTION.items() for _ in range(count)]
    rated_keys = {draft.key for draft in rated}
    silent = [d.key for d in closed if d.key not in rated_keys and d.supervisor is None]
    public = [d.key for d in closed if d.key in rated_keys and d.supervisor is None]
    open_with = {draft.key: draft.state for draft in accepted if draft.state != "CLOSED"}
    return _Outcomes(
        overdue=frozenset([*overdue, *(key for key, state in open_with.items() if state == "SUPERVISED")]),
        late=frozenset(sorted((d.key for d in closed), key=lambda key: -with_noise[key])[:LATE_RESPONSES]),
        supervised=frozenset(
            [*overdue[:SUPERVISED_RESOLVED], *(key for key, state in open_with.items() if state == "SUPERVISED")]
        ),
        reopened=frozenset(
            [draft.key for draft in rated[:REOPENED_RESOLVED]]
            + [key for key, state in open_with.items() if state == "REOPENED"]
        ),
        answers={d.key: pair for d, pair in zip(rated, zip(answers, feelings, strict=True), strict=True)},
        anonymous=frozenset(random.sample(silent, ANONYMOUS)),
        confidential=frozenset(random.sample(public, CONFIDENTIAL)),
    )


def _petition(draft: Draft, numbers: dict[int, int], outcomes: _Outcomes, as_of: date) -> Petition:
    n = numbers[draft.key]
    random = rng("petition", draft.key)
    category = category_of(draft.category)
    community = communities(as_of)[draft.community_index] if draft.grid else None
    anonymous = draft.key in outcomes.anonymous
    reporter = None if anonymous else _reporter(draft, as_of)
    timeline, rating = _course(draft, outcomes, as_of)
    supervisor = supervisors(as_of)[draft.supervisor - 1] if draft.supervisor else None
    grid = draft.grid
    return Petition(
        n=n,
        id=petition_id(n),
        number=f"LL-{day_of(draft.submitted_at):%Y%m%d}-{n:06}",
        kind=KINDS.get(draft.top) or random.choice(("REPORT", "REPORT", "COMPLAINT", "ASSISTANCE")),
        category_code=draft.category,
        title=f"{community.name if community else '县外'}{category.name}",
        description=f"{grid.name if grid else '县外地点'}反映:{category.name},请尽快处理。",
        urgency="URGENT" if random.random() < 0.05 else "NORMAL",
        channel=draft.channel,
        visibility="CONFIDENTIAL"
        if draft.key in outcomes.confidential
        else "INTERNAL"
        if category.private
        else "PUBLIC",
        anonymous=anonymous,
        reporter_id=reporter.id if reporter else None,
        reporter_number=reporter.n if reporter else None,
        reporter_name=reporter.display_name if reporter else None,
        reporter_phone=reporter.phone if reporter else None,
        source_type="SUPERVISOR" if supervisor else None,
        source_id=supervisor.id if supervisor else None,
        community_id=community.id if community else None,
        community_code=community.code if community else None,
        residential_area_id=grid.residential_area_id if grid else None,
        residential_area_code=grid.residential_area_code if grid else None,
        grid_id=grid.id if grid else None,
        grid_code=grid.code if grid else None,
        point=draft.point,
        locate_status=draft.locate_status,
        submitted_at=draft.submitted_at,
        state=_state(draft, timeline),
        level=draft.level if draft.accepted else None,
        timeline=timeline,
        decided_at=None if draft.accepted else add_working_hours(draft.submitted_at, random.uniform(0.5, 6)),
        rejection_reason=draft.rejection_reason,
        merged_into_id=petition_id(numbers[draft.merged_into.key]) if draft.merged_into else None,
        overdue=draft.key in outcomes.overdue,
        supervised=draft.key in outcomes.supervised,
        rework_count=int(draft.key in outcomes.reopened),
        rating=rating,
    )


def _course(draft: Draft, outcomes: _Outcomes, as_of: date) -> tuple[Timeline | None, Rating | None]:
    if not draft.accepted:
        return None, None
    answer = outcomes.answers.get(draft.key)
    pace = Pace(draft.key in outcomes.overdue, draft.key in outcomes.late, answer is not None)
    if draft.state != "CLOSED":
        return open_timeline(draft, pace, end_of(as_of)), None
    timeline = resolved_timeline(draft, pace, end_of(as_of))
    return timeline, Rating(*answer, timeline.rated_at) if answer and timeline.rated_at else None


def _state(draft: Draft, timeline: Timeline | None) -> str:
    """A closed case whose rating window is still open stands at REPLIED."""
    return "REPLIED" if timeline and timeline.replied_at and not timeline.closed_at else draft.state


def _reporter(draft: Draft, as_of: date) -> Resident:
    random = rng("petition-reporter", draft.key)
    code = communities(as_of)[draft.community_index].code
    if draft.supervisor:
        supervisor = supervisors(as_of)[draft.supervisor - 1]
        home = communities(as_of)[supervisor.n - 1].code
        return participants_by_community(as_of)[home][0]
    group = participants_by_community if random.random() < 0.25 else others_by_community
    return random.choice(group(as_of)[code][1:])
