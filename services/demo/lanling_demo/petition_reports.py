"""Which petitions the governance supervisors reported."""

from datetime import date

from .calendar import at
from .categories import leaves
from .petition_draft import Draft
from .petition_places import place
from .story import rng
from .supervisors import supervisors


def report_by_supervisors(accepted: list[Draft], rejected: list[Draft], as_of: date) -> None:
    """161 closed and 26 rejected petitions come from the supervisors; 81 of the closed through their own channel."""
    free = [draft for draft in rejected if draft.rejection_reason in ("NO_CONTENT", "DUPLICATE")]
    reported: list[Draft] = []
    for supervisor in supervisors(as_of):
        places = {int(code[-3:]) - 1 for code in supervisor.community_codes}
        since = at(supervisor.appointed_on, 9)
        pool = [
            draft
            for draft in accepted
            if draft.state == "CLOSED" and draft.supervisor is None and draft.submitted_at > since
            and draft.community_index in places and draft.top in supervisor.allowed_categories
        ]  # fmt: skip
        chosen = rng("supervisor-reports", supervisor.n).sample(pool, supervisor.reports_confirmed)
        for draft in chosen:
            draft.supervisor = supervisor.n
        reported += chosen
        for draft in _refused(free, supervisor.reports_submitted - supervisor.reports_confirmed):
            _hand_to(draft, supervisor.n, min(places), supervisor.allowed_categories[0], as_of)
    _exchange_channels(accepted, reported)


def _refused(free: list[Draft], count: int) -> list[Draft]:
    return [free.pop() for _ in range(count)]


def _hand_to(draft: Draft, supervisor: int, community_index: int, top: str, as_of: date) -> None:
    draft.supervisor, draft.community_index, draft.grid = supervisor, community_index, None
    draft.top, draft.category, draft.channel = top, leaves(top)[0].code, "SUPERVISOR_REPORT"
    draft.submitted_at = draft.submitted_at.replace(month=3 + draft.submitted_at.month % 9, day=2 + draft.key % 26)
    place(draft, as_of)


def _exchange_channels(accepted: list[Draft], reported: list[Draft]) -> None:
    """Swap channels so that the supervisors' channel carries their reports only, and its total stays."""
    wrong = [draft for draft in accepted if draft.channel == "SUPERVISOR_REPORT" and draft.supervisor is None]
    right = [draft for draft in reported if draft.channel != "SUPERVISOR_REPORT"]
    for stranger, report in zip(wrong, right, strict=False):
        stranger.channel, report.channel = report.channel, stranger.channel
