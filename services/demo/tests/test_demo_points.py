from collections import Counter, defaultdict

from lanling_demo import points_facts as facts
from lanling_demo.county import communities
from lanling_demo.events import registrations
from lanling_demo.organization_facts import resident_units, venues
from lanling_demo.petitions import petitions
from lanling_demo.red_partner_facts import partners


def test_goods_and_services() -> None:
    price = {item.code: item.points_price for item in facts.products()}
    assert Counter(item.kind for item in facts.products()) == {"GOODS": 40, "SERVICE": 6}
    named = ("toothbrush", "soap", "towel", "washing-powder", "umbrella", "kettle", "mop", "casserole")
    assert [price[code] for code in named] == [2, 2, 3, 5, 6, 12, 15, 20]
    known = {partner.id for partner in partners()}
    assert all((item.partner_id in known) == (item.kind == "SERVICE") for item in facts.products())


def test_supermarkets_and_their_stock() -> None:
    shops = facts.supermarkets()
    assert [shop.community_code for shop in shops] == [community.code for community in communities()]
    assert all(len(set(shop.product_codes)) >= 24 for shop in shops)
    kinds = {venue.id: venue.kind for venue in venues()}
    assert all(kinds[shop.venue_id] == shop.venue_kind for shop in shops)
    received = facts.stock_receipts()
    total = sum(item.quantity for item in received)
    by_source: Counter[str] = Counter()
    for item in received:
        by_source[item.source] += item.quantity
    assert by_source["STREET_COMMUNITY"] * 100 == total * 61
    assert by_source["DUAL_CHECKIN_UNIT"] * 100 == total * 39
    donors = {unit.id for unit in resident_units()}
    assert all((item.donor_unit_id in donors) == (item.source == "DUAL_CHECKIN_UNIT") for item in received)
    stock: Counter[tuple[int, str]] = Counter()
    for item in received:
        stock[item.supermarket_n, item.product_code] += item.quantity
    for redemption in facts.redemptions():
        if redemption.supermarket_n:
            for line in redemption.lines:
                stock[redemption.supermarket_n, line.product_code] -= line.quantity
    assert min(stock.values()) >= 0


def test_grants_by_path_rule_and_participant() -> None:
    grants = facts.grants()
    by_path: Counter[str] = Counter()
    for grant in grants:
        by_path[grant.path] += grant.points
    assert by_path == {"TIMELY_HELP": 986, "VOLUNTEER_ACTIVITY": 2214, "PEACEMAKING": 886}
    assert sum(grant.points for grant in grants) == 4086
    assert all(1 <= grant.points <= 5 for grant in grants)
    rules = {rule.code: rule for rule in facts.earning_rules()}
    assert all(grant.points == rules[grant.rule_code].points * grant.quantity for grant in grants)
    assert all(grant.path == rules[grant.rule_code].path for grant in grants)
    assert {grant.resident_number for grant in grants} == set(range(1, 913))
    monthly = Counter(
        (grant.resident_number, grant.granted_at.month) for grant in grants if grant.rule_code.startswith("SUPERVISOR")
    )
    assert max(monthly.values()) <= 10


def test_participants_by_community() -> None:
    books = Counter(book.community_code for book in facts.passbooks())
    assert all(books[community.code] == community.counts.points_participants for community in communities())


def test_every_attendance_and_every_solved_report_earned_once() -> None:
    sources = Counter((grant.source_type, grant.source_id, grant.resident_number) for grant in facts.grants())
    assert set(sources.values()) == {1}
    attended = {("REGISTRATION", item.id, item.resident_number) for item in registrations() if item.state == "ATTENDED"}
    assert {source for source in sources if source[0] == "REGISTRATION"} == attended
    solved = {item.id for item in petitions() if item.source_type and item.state == "CLOSED"}
    assert {source[1] for source in sources if source[0] == "PETITION"} == solved
    came = {
        ("RECRUITMENT_CALL", call.id, sign_up.resident_number)
        for call in facts.recruitment_calls()
        for sign_up in call.sign_ups
        if sign_up.state == "CONFIRMED"
    }
    assert {source for source in sources if source[0] == "RECRUITMENT_CALL"} == came


def test_redemptions_sum_and_never_exceed_what_was_earned_by_then() -> None:
    redemptions = facts.redemptions()
    assert len(redemptions) == 402
    assert sum(item.total_points for item in redemptions) == 1530
    prices = {item.code: item.points_price for item in facts.products()}
    for item in redemptions:
        assert item.total_points == sum(line.quantity * line.unit_points for line in item.lines)
        assert all(line.unit_points == prices[line.product_code] for line in item.lines)
        assert (item.supermarket_id is None) != (item.partner_id is None)
    balance: defaultdict[int, int] = defaultdict(int)
    movements = [(grant.granted_at, grant.resident_number, grant.points) for grant in facts.grants()]
    movements += [(item.reserved_at, item.resident_number, -item.total_points) for item in redemptions]
    for _, resident, points in sorted(movements):
        balance[resident] += points
        assert balance[resident] >= 0
    assert {book.n: book.earned - book.spent for book in facts.passbooks()} == balance


def test_one_supervisor_has_nearly_saved_up_for_the_casserole() -> None:
    best = max(facts.passbooks(), key=lambda book: book.earned - book.spent)
    assert 18 <= best.earned - best.spent < 20
