from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from lanling_demo import petition_facts as facts
from lanling_demo.calendar import day_of, is_weekend
from lanling_demo.county import communities
from lanling_demo.grids import base_grids
from lanling_demo.petition_orders import LIMITS
from lanling_demo.petitions import Petition

END = datetime(2023, 12, 31, 16, tzinfo=UTC)
PETITIONS = facts.petitions()
ACCEPTED = [item for item in PETITIONS if item.accepted]
RESOLVED = [item for item in PETITIONS if item.resolved]
RATED = [item for item in PETITIONS if item.rating]


def test_totals_by_outcome() -> None:
    states = Counter(item.state for item in PETITIONS)
    assert len(ACCEPTED) == 2700
    assert len(RESOLVED) == 2537
    assert states["CLOSED"] + states["REPLIED"] == 2537
    assert (states["REJECTED"], states["MERGED"]) == (96, 61)
    open_states = {item.state for item in ACCEPTED if not item.resolved}
    assert open_states == {"ACCEPTED", "ASSIGNED", "IN_PROGRESS", "SUSPENDED", "REOPENED", "SUPERVISED"}
    assert [item.n for item in PETITIONS] == list(range(1, 2858))


def test_resolved_by_level_and_by_community() -> None:
    assert Counter(item.level for item in RESOLVED) == {
        "GRID": 1180,
        "COMMUNITY": 842,
        "STREET": 361,
        "COUNTY_DEPARTMENT": 154,
    }
    per_community = Counter(item.community_code for item in RESOLVED)
    assert all(per_community[item.code] == item.counts.petitions_resolved for item in communities())


def test_categories_channels_and_months_of_the_accepted() -> None:
    percent = {"01": 31, "02": 17, "03": 13, "04": 11, "05": 7, "06": 7, "07": 5, "08": 3, "09": 3, "10": 3}
    assert Counter(item.category_code[:2] for item in ACCEPTED) == {top: 27 * share for top, share in percent.items()}
    channels = {
        "WECHAT_GROUP": 24,
        "RED_BUTLER_WECHAT": 21,
        "APP_PROPERTY_COLUMN": 14,
        "COUNCIL_HALL": 11,
        "GRID_PATROL": 10,
        "DOOR_KNOCKING": 8,
        "HOTLINE_12345": 6,
        "SUPERVISOR_REPORT": 3,
        "MICRO_COLLECTION": 2,
        "WALK_IN": 1,
    }
    assert Counter(item.channel for item in ACCEPTED) == {name: 27 * share for name, share in channels.items()}
    months = Counter(day_of(item.submitted_at).month for item in ACCEPTED)
    assert all(190 <= months[month] <= 250 for month in range(1, 13))
    assert {month for month, _ in months.most_common(2)} == {7, 11}
    leaves = {item.code for item in facts.categories() if item.level == 3}
    assert all(item.category_code in leaves for item in PETITIONS)


def test_points_lie_in_their_grid_and_edges_are_where_they_should_be() -> None:
    assert Counter(item.locate_status for item in PETITIONS) == {
        "RESOLVED": 2842,
        "BORDER": 8,
        "NEAREST": 5,
        "OUTSIDE": 2,
    }
    cells = {grid.code: grid for grid in base_grids()}
    for item in PETITIONS:
        holders = [grid.code for grid in cells.values() if grid.cell.contains(item.point)] if special(item) else []
        if item.locate_status == "RESOLVED":
            assert item.grid_code
            assert cells[item.grid_code].cell.contains(item.point)
            assert cells[item.grid_code].community_code == item.community_code
        elif item.locate_status == "BORDER":
            assert len(holders) > 1
            assert item.grid_code == min(holders)
        else:
            assert holders == []
            assert (item.grid_code is None) == (item.locate_status == "OUTSIDE")
            assert item.locate_status == "NEAREST" or item.rejection_reason == "OUTSIDE_COUNTY"


def special(item: Petition) -> bool:
    return item.locate_status != "RESOLVED"


def test_timelines_run_forward_and_never_beyond_the_story() -> None:
    for item in ACCEPTED:
        line = item.timeline
        assert line
        marks = (
            item.submitted_at, line.accepted_at, line.assigned_at, line.completed_at, line.verified_at,
            line.replied_at, line.rated_at, line.closed_at,
        )  # fmt: skip
        happened = [mark for mark in marks if mark]
        assert all(earlier <= later for earlier, later in pairwise(happened))
        assert happened[-1] <= END
        assert line.first_responded_at is None or line.accepted_at < line.first_responded_at <= END
    assert all(
        item.decided_at and item.submitted_at < item.decided_at <= END for item in PETITIONS if not item.accepted
    )


def test_hours_per_level_and_overdue_cases() -> None:
    for level, hours in (("GRID", 6), ("COMMUNITY", 19), ("STREET", 41), ("COUNTY_DEPARTMENT", 74)):
        own = [item.timeline.working_hours for item in RESOLVED if item.level == level and item.timeline]
        assert abs(median(value for value in own if value) - hours) < hours * 0.08
    late = [
        item for item in ACCEPTED if item.timeline and (item.timeline.completed_at or END) > item.timeline.resolve_by
    ]
    assert {item.n for item in late} == {item.n for item in ACCEPTED if item.overdue}
    assert (len(late), sum(item.supervised for item in ACCEPTED)) == (113, 30)
    assert sum(item.rework_count for item in ACCEPTED) == 170


def test_ratings() -> None:
    assert len(RATED) == 2233
    assert 0.875 < len(RATED) / len(RESOLVED) < 0.885
    answers = Counter(item.rating.resolved for item in RATED if item.rating)
    feelings = Counter(item.rating.satisfaction for item in RATED if item.rating)
    assert 0.93 <= answers["YES"] / len(RATED) <= 0.96
    assert 0.94 <= (feelings["VERY_SATISFIED"] + feelings["SATISFIED"]) / len(RATED) <= 0.97

    def share(code: str) -> float:
        own = [item.rating.resolved == "YES" for item in RATED if item.community_code == code and item.rating]
        return sum(own) / len(own)

    ranking = sorted(communities(), key=lambda community: share(community.code))
    assert ranking[0].number == 14
    assert share(communities()[5].code) >= share(ranking[-2].code)


def test_recurring_pairs_of_grid_and_category() -> None:
    pairs = Counter((item.grid_code, item.category_code) for item in ACCEPTED)
    assert sum(count >= 12 for count in pairs.values()) == 5


def test_supervisors_report_within_their_post_place_and_term() -> None:
    by_id = {supervisor.id: supervisor for supervisor in facts.supervisors()}
    reports = [item for item in PETITIONS if item.source_type == "SUPERVISOR"]
    assert len(reports) == 187
    assert sum(item.resolved for item in reports) == 161
    for item in reports:
        supervisor = by_id[str(item.source_id)]
        assert item.category_code[:2] in supervisor.allowed_categories
        assert item.community_code in supervisor.community_codes
        assert item.reporter_id == supervisor.resident_id
        assert day_of(item.submitted_at) >= supervisor.appointed_on
    assert all(item.source_type == "SUPERVISOR" for item in ACCEPTED if item.channel == "SUPERVISOR_REPORT")
    submitted = Counter(item.source_id for item in reports)
    confirmed = Counter(item.source_id for item in reports if item.state == "CLOSED")
    for supervisor in by_id.values():
        assert submitted[supervisor.id] == supervisor.reports_submitted
        assert confirmed[supervisor.id] == supervisor.reports_confirmed


def test_reporters_and_visibility() -> None:
    residents = {resident.id: resident for resident in facts.residents()}
    assert sum(item.anonymous for item in PETITIONS) == 25
    assert sum(item.visibility == "CONFIDENTIAL" for item in PETITIONS) == 12
    assert all((item.reporter_id is None) == item.anonymous for item in PETITIONS)
    assert all(item.reporter_id in residents for item in PETITIONS if item.reporter_id)


def test_merged_petitions_follow_an_accepted_one() -> None:
    by_id = {item.id: item for item in PETITIONS}
    merged = [item for item in PETITIONS if item.merged_into_id]
    assert len(merged) == 61
    for item in merged:
        target = by_id[str(item.merged_into_id)]
        assert target.accepted
        assert target.submitted_at < item.submitted_at
        assert (target.grid_code, target.category_code) == (item.grid_code, item.category_code)


def test_work_orders_form_chains_that_rise() -> None:
    order_of = list(LIMITS)
    chains: dict[int, list[facts.WorkOrder]] = {}
    for order in facts.work_orders():
        chains.setdefault(order.petition_n, []).append(order)
    assigned = {item.n for item in ACCEPTED if item.timeline and item.timeline.assigned_at}
    assert set(chains) == assigned
    by_n = {item.n: item for item in PETITIONS}
    for n, chain in chains.items():
        levels = [order_of.index(order.level) for order in chain]
        assert levels == sorted(levels)
        assert chain[-1].level == by_n[n].level
        assert (chain[-1].state == "VERIFIED") == by_n[n].resolved
        assert all(order.state in ("ESCALATED", "RETURNED") for order in chain[:-1])
        assert all(a.created_at <= b.created_at for a, b in pairwise(chain))
    orders = facts.work_orders()
    assert sum(order.state == "RETURNED" for order in orders) == 14
    assert sum(order.extension_days > 0 for order in orders) == 12
    assert sum(order.suspended_since is not None for order in orders) == 9
    assert all((order.assignee_staff_id is not None) == (order.level == "GRID") for order in orders)


def test_whistles() -> None:
    kinds = Counter(whistle.kind for whistle in facts.whistles())
    assert kinds == {"DAILY": 24, "JOINT_ENFORCEMENT": 6, "EMERGENCY": 3}
    assert all(report.reported_at > whistle.blown_at for whistle in facts.whistles() for report in whistle.reports)


def test_halls_meetings_and_spokespersons() -> None:
    halls = Counter(hall.community_code for hall in facts.council_halls())
    assert all(halls[community.code] == community.counts.halls for community in communities())
    meetings = facts.council_meetings()
    assert Counter(meeting.state for meeting in meetings) == {"CLOSED": 1051, "MISSED": 17}
    assert len({(meeting.hall_id, meeting.month) for meeting in meetings}) == 1068
    for meeting in meetings:
        if meeting.notice_published_at:
            assert (meeting.planned_at - meeting.notice_published_at).days >= 3
    people = facts.spokespersons()
    assert Counter(item.origin for item in people) == {"RETIRED_CADRE": 51, "ENTHUSIASTIC_OWNER": 47, "VETERAN": 28}
    assert set(Counter(item.community_code for item in people).values()) == {6}
    assert len({item.resident_id for item in people}) == 126
    assert all(min(item.scores) >= 3 for item in people)


def test_outreach() -> None:
    teams = Counter(team.community_code for team in facts.lanzhixin_teams())
    assert all(teams[community.code] == community.counts.teams for community in communities())
    assert all(team.residential_area_ids and len(team.member_staff_ids) == 4 for team in facts.lanzhixin_teams())
    rounds = facts.door_knocking_rounds()
    assert (len(rounds), sum(item.visits for item in rounds)) == (22, 31_400)
    assert all(item.visits <= item.target_households for item in rounds)
    assert rounds[-1].to_on.year == 2023
    sessions = facts.micro_collections()
    assert Counter(item.kind for item in sessions) == {"PAVILION_TALK": 118, "SQUARE_TALK": 78}
    assert all(is_weekend(day_of(item.held_at)) for item in sessions)
    per_community = Counter(item.community_code for item in sessions)
    assert all(per_community[community.code] == community.counts.micro_collections for community in communities())
    assert len({group.residential_area_code for group in facts.wechat_groups()}) == 160


def test_three_claims() -> None:
    claims = facts.claims()
    assert Counter(claim.target_type for claim in claims) == {
        "VOLUNTEER_POST": 640,
        "MICRO_WISH": 212,
        "PETITION": 318,
    }
    wishes = Counter(claim.state for claim in claims if claim.target_type == "MICRO_WISH")
    assert wishes == {"CONFIRMED": 197, "RELEASED": 3, "CLAIMED": 12}
    known = {item.id for item in PETITIONS} | {item.id for item in facts.volunteer_posts()}
    known |= {item.id for item in facts.micro_wishes()}
    assert all(claim.target_id in known for claim in claims)
    assert len({claim.id for claim in claims}) == len(claims)
    assert all(claim.claimed_at <= (claim.confirmed_at or claim.released_at or END) <= END for claim in claims)
    targets = Counter(claim.target_id for claim in claims if claim.target_type != "VOLUNTEER_POST")
    assert set(targets.values()) == {1}
