from collections import Counter
from datetime import date

from lanling_demo import new_employment_facts as facts
from lanling_demo.county import communities
from lanling_demo.organization_facts import offices, venues
from lanling_demo.people import right_check
from lanling_demo.residents import residents


def test_committees_organizations_and_enterprises() -> None:
    assert {item.sector for item in facts.industry_committees()} == {
        "LIVE_STREAM_ECOMMERCE",
        "EXPRESS_LOGISTICS",
        "FOOD_DELIVERY",
    }
    assert Counter(item.sector for item in facts.new_business_organizations()) == {
        "LIVE_STREAM_ECOMMERCE": 8,
        "EXPRESS_LOGISTICS": 9,
        "FOOD_DELIVERY": 8,
    }
    sector = {item.id: item.sector for item in facts.enterprises()}
    covered = [(item.sector, item.enterprise_ids) for item in facts.new_business_organizations()]
    united = [(item.sector, item.enterprise_ids) for item in facts.unions()]
    for own_sector, enterprise_ids in covered + united:
        assert {sector[enterprise] for enterprise in enterprise_ids} == {own_sector}
    spoken_for = {item.on_behalf_of_id for item in offices() if item.on_behalf_of_kind == "NEW_BUSINESS"}
    assert spoken_for <= {item.id for item in facts.new_business_organizations()}


def test_unions_and_members() -> None:
    counts = Counter(item.union_id for item in facts.memberships())
    assert sorted(counts.values()) == [105] * 12 + [106] * 13
    assert all(counts[union.id] == union.member_count for union in facts.unions())
    assert sum(counts.values()) == len({item.worker_id for item in facts.memberships()}) == 2638
    assert all(item.joined_on <= date(2023, 12, 31) for item in facts.memberships())
    union_of = {item.id: item.union_id for item in facts.enterprises()}
    enterprise = {item.id: item.enterprise_id for item in facts.workers()}
    assert all(union_of[enterprise[item.worker_id]] == item.union_id for item in facts.memberships())


def test_workers_cannot_be_taken_for_real_ones() -> None:
    numbers = [worker.identity_number for worker in facts.workers()]
    assert len(set(numbers)) == len(numbers) >= 2638
    for number in numbers:
        assert len(number) == 18
        assert number[6:10] == "1900"
        assert number[17] != right_check(number[:17])
    assert all(worker.phone.startswith("1990000") and len(worker.phone) == 11 for worker in facts.workers())


def test_the_right_check_character_of_a_published_example() -> None:
    assert right_check("11010519491231002") == "X"


def test_insurance_counts_person_times_and_persons() -> None:
    enrollments = facts.insurance_enrollments()
    assert Counter(item.type for item in enrollments) == {"PENSION": 1012, "WORK_INJURY": 714}
    assert len(enrollments) == 1726
    assert len({item.worker_id for item in enrollments}) == 1331
    assert len({item.id for item in enrollments}) == 1726


def test_supervisors() -> None:
    supervisors = facts.supervisors()
    assert Counter(item.post_type for item in supervisors) == dict.fromkeys(facts.POSTS, 5)
    assert Counter(item.occupation for item in supervisors) == {"COURIER": 11, "FOOD_DELIVERY_RIDER": 9}
    assert sum(item.reports_submitted for item in supervisors) == 187
    assert sum(item.reports_confirmed for item in supervisors) == 161
    workers = {worker.id: worker for worker in facts.workers()}
    participants = {resident.id for resident in residents() if resident.participant}
    for item in supervisors:
        assert workers[item.worker_id].resident_id == item.resident_id
        assert workers[item.worker_id].occupation == item.occupation
        assert item.resident_id in participants
        assert item.appointed_on < date(2023, 12, 31) < item.term_ends_on
    assert len({item.resident_id for item in supervisors}) == 20


def test_bee_stations() -> None:
    stations = facts.bee_stations()
    per_community = Counter(item.community_code for item in stations)
    assert all(per_community[community.code] == community.counts.bee_stations for community in communities())
    assert Counter(item.host for item in stations) == {"PARTY_MASS_VENUE": 14, "COMMERCIAL_BUILDING": 8}
    assert sum(item.compliant for item in stations) == 21
    as_of = date(2023, 12, 31)
    for item in stations:
        fresh = all(part.present and (part.expires_on is None or part.expires_on >= as_of) for part in item.items)
        assert fresh == item.compliant
    known = {venue.id for venue in venues()}
    assert all((item.venue_id in known) == (item.host == "PARTY_MASS_VENUE") for item in stations)


def test_measures_standard_and_plans() -> None:
    assert [item.number for item in facts.care_measures()] == list(range(1, 11))
    assert sum(item.sample for item in facts.six_have_standard()) == 2
    assert len(facts.six_have_standard()) == 6
    assert [plan.code for plan in facts.plans()] == ["LEAD_NEW", "WARM_NEW", "GATHER_NEW"]
    assert all(0 < project.progress <= 1 for plan in facts.plans() for project in plan.projects)
