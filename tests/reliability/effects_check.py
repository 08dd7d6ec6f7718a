"""Effects: points are paid once for each fact and add up; read models that count have counted each event once."""

from collections import Counter, defaultdict

from reliability.facts import Facts, PointsFacts
from reliability.findings import Finding, Findings, Kind

ATTENDED = "cn.lanling.event_attendance.confirmed.v1"
ATTENDANCE = "EVENT_ATTENDANCE"


def check_points(facts: Facts) -> Findings:
    if facts.points is None:
        return
    yield from _check_paid_once(facts, facts.points)
    yield from _check_sums(facts.points)


def _check_paid_once(facts: Facts, points: PointsFacts) -> Findings:
    red_partner = facts.services.get("red-partner")
    if red_partner is None:
        return
    told = {event.id: event.data for event in red_partner.topic if event.type == ATTENDED}
    earned = {f"{data['eventId']}:{data['residentId']}" for data in told.values() if data["ruleCode"]}
    paid = Counter(item["source_id"] for item in points.transactions if item["source_type"] == ATTENDANCE)
    for fact in earned - paid.keys():
        yield Finding(Kind.LOST, f"points for the attendance {fact} were never paid")
    for fact in paid.keys() - earned:
        yield Finding(Kind.PHANTOM, f"points were paid for the attendance {fact}, which nobody confirmed")
    for fact, times in paid.items():
        if times > 1:
            yield Finding(Kind.DUPLICATED, f"points for the attendance {fact} were paid {times} times")


def _check_sums(points: PointsFacts) -> Findings:
    """A passbook has what its transactions moved and what its lots hold; every transaction balances."""
    moved: dict[str, int] = defaultdict(int)
    for item in points.transactions:
        moved[item["passbook_id"]] += item["change"]
        if sum(posting["points"] for posting in item["postings"]) != abs(item["change"]):
            yield Finding(Kind.LOST, f"the postings of {item['_id']} do not balance")
    held: dict[str, int] = defaultdict(int)
    for lot in points.lots:
        held[lot["passbook_id"]] += lot["remaining"]
    passbooks = {item["_id"]: item["posted"] for item in points.passbooks}
    for id in passbooks.keys() | moved.keys() | held.keys():
        yield from _same(f"passbook {id}", passbooks.get(id, 0), moved[id], "its transactions")
        yield from _same(f"passbook {id}", passbooks.get(id, 0), held[id], "its lots")


def _same(label: str, posted: int, expected: int, of: str) -> Findings:
    if posted != expected:
        kind = Kind.LOST if posted < expected else Kind.DUPLICATED
        yield Finding(kind, f"{label} has {posted} points, {of} {expected}")


def check_counted(facts: Facts) -> Findings:
    """The number of changes of the net that the petition service has counted is the number that the topic tells of."""
    grid = facts.services.get("grid")
    if grid is None or "petition" not in facts.services:
        return
    types = {f"cn.lanling.{name}.v1" for name in NET_CHANGES}
    expected = len({event.id for event in grid.topic if event.type in types})
    found = facts.net_changes
    if found != expected:
        kind = Kind.LOST if found < expected else Kind.DUPLICATED
        yield Finding(kind, f"petition counted {found} changes of the net, the topic tells of {expected}")


NET_CHANGES = (
    "grid.created",
    "grid.updated",
    "grid.retired",
    "micro_grid.created",
    "micro_grid.updated",
    "micro_grid.retired",
)
