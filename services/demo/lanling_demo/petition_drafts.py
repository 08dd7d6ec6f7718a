"""First step of the case data: which petition has which outcome, community, category, channel, grid and reporter.

Every total is dealt out as an exact list that is then shuffled, so the figures hold whatever the draws are. Numbers
and instants follow in ``petition_timeline`` and ``petitions``.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from .calendar import at, days_in_month, month_start
from .categories import categories, leaves
from .county import communities
from .petition_draft import (
    ACCEPTED,
    BETTER,
    CHANNELS,
    LEVELS,
    MERGED,
    MONTHLY,
    OPEN_STATES,
    REJECTED,
    REJECTION_REASONS,
    RESOLVED,
    WORSE,
    Draft,
    dealt,
)
from .petition_places import place, put_on_edges, recur
from .petition_reports import report_by_supervisors
from .split import apportion, spread
from .story import rng

LAST_DAYS = timedelta(days=7)  # of which every petition is still open
RECENT = timedelta(days=20)  # in which a petition that had to climb the levels is not resolved yet


def drafts(as_of: date) -> list[Draft]:
    """All 2,857: the accepted in order of submission, then rejected, then merged."""
    accepted = _accepted(as_of)
    rejected = _rejected(as_of)
    recur(accepted, as_of)
    for draft in accepted + rejected:
        place(draft, as_of)
    put_on_edges(accepted, rejected, as_of)
    report_by_supervisors(accepted, rejected, as_of)
    return accepted + rejected + _merged(accepted)


def _instant(random: Random, year: int, month: int) -> datetime:
    day = month_start(year, month).replace(day=random.randint(1, days_in_month(year, month)))
    return at(day, random.choice((8, 8, 9, 9, 10, 11, 14, 15, 16, 17, 18, 19, 20, 21)), random.randrange(60))


def _accepted(as_of: date) -> list[Draft]:
    random = rng("petitions", "accepted")
    instants = sorted(_instant(random, as_of.year, month + 1) for month, n in enumerate(MONTHLY) for _ in range(n))
    found = [Draft(key, instant, accepted=True) for key, instant in enumerate(instants)]
    shares = {item.code: item.share for item in categories() if item.level == 1}
    tops = dict(zip(shares, apportion(ACCEPTED, list(shares.values())), strict=True))
    for draft, top, channel in zip(found, dealt(random, tops), dealt(random, CHANNELS), strict=True):
        draft.top, draft.category, draft.channel = top, random.choice(leaves(top)).code, channel
    open_ = _newest(random, found, ACCEPTED - RESOLVED)
    open_keys = {draft.key for draft in open_}
    resolved = [draft for draft in found if draft.key not in open_keys]
    _settle_resolved(random, resolved, as_of)
    _settle_open(random, open_)
    for draft in found:
        bias = {WORSE: 0.9, BETTER: -1.5}.get(draft.community_index, 0.0)
        draft.misfortune = random.gauss(bias, 1.0)
    return found


def _newest(random: Random, found: Sequence[Draft], count: int) -> list[Draft]:
    """Those of the last days, and more of the recent than of the old ones before."""
    end = found[-1].submitted_at
    age: dict[int, float] = {}
    for draft in found:
        elapsed = end - draft.submitted_at
        age[draft.key] = elapsed.total_seconds() * random.lognormvariate(0.3, 0.7) if elapsed > LAST_DAYS else 0.0
    chosen = sorted(found, key=lambda draft: (age[draft.key], draft.key))[:count]
    return sorted(chosen, key=lambda draft: draft.key)


def _settle_resolved(random: Random, resolved: list[Draft], as_of: date) -> None:
    """Communities by the table; the level leans on the category's default level, and is low for the latest."""
    places = list(spread([community.counts.petitions_resolved for community in communities(as_of)]))
    random.shuffle(places)
    default = {item.code: list(LEVELS).index(item.default_level) for item in categories() if item.level == 1}
    recent = resolved[-1].submitted_at - RECENT
    lean = {
        draft.key: -1.0 if draft.submitted_at > recent else default[draft.top] * 0.5 + random.random() * 2
        for draft in resolved
    }
    ranked = sorted(resolved, key=lambda draft: (lean[draft.key], draft.key))
    levels = [level for level, count in LEVELS.items() for _ in range(count)]
    for draft, level in zip(ranked, levels, strict=True):
        draft.level = level
    for draft, community_index in zip(resolved, places, strict=True):
        draft.state, draft.community_index = "CLOSED", community_index


def _settle_open(random: Random, open_: list[Draft]) -> None:
    weights = [{WORSE: 2.2, BETTER: 0.4}.get(index, 1.0) for index in range(21)]
    places = list(spread(apportion(len(open_), weights)))
    random.shuffle(places)
    levels = ("GRID", "GRID", "COMMUNITY", "COMMUNITY", "COMMUNITY", "STREET", "STREET", "COUNTY_DEPARTMENT")
    states = [state for state, count in OPEN_STATES.items() for _ in range(count)]
    for draft, state, community_index in zip(open_, states, places, strict=True):
        draft.state, draft.community_index = state, community_index
        draft.level = "COMMUNITY" if state == "ACCEPTED" else random.choice(levels)


def _rejected(as_of: date) -> list[Draft]:
    random = rng("petitions", "rejected")
    tops = [item.code for item in categories() if item.level == 1]
    found = []
    for position, reason in enumerate(dealt(random, REJECTION_REASONS)):
        top = random.choice(tops)
        found.append(
            Draft(
                key=ACCEPTED + position,
                submitted_at=_instant(random, as_of.year, random.randint(1, 11)),
                accepted=False,
                state="REJECTED",
                community_index=random.randrange(21),
                top=top,
                category=random.choice(leaves(top)).code,
                channel=random.choice(("WECHAT_GROUP", "RED_BUTLER_WECHAT", "APP_PROPERTY_COLUMN", "HOTLINE_12345")),
                rejection_reason=reason,
            )
        )
    return found


def _merged(accepted: list[Draft]) -> list[Draft]:
    """Duplicates that came within two days after the petition they were merged into."""
    random = rng("petitions", "merged")
    targets = sorted(
        random.sample([d for d in accepted if d.state == "CLOSED" and d.locate_status == "RESOLVED"][:2300], MERGED),
        key=lambda d: d.key,
    )
    return [_duplicate(random, ACCEPTED + REJECTED + position, target) for position, target in enumerate(targets)]


def _duplicate(random: Random, key: int, target: Draft) -> Draft:
    return Draft(
        key=key,
        submitted_at=datetime.fromtimestamp(target.submitted_at.timestamp() + random.randint(3600, 172_800), UTC),
        accepted=False,
        state="MERGED",
        community_index=target.community_index,
        top=target.top,
        category=target.category,
        channel=random.choice(("WECHAT_GROUP", "RED_BUTLER_WECHAT")),
        grid=target.grid,
        point=target.point,
        merged_into=target,
    )
