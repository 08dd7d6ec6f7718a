from collections import Counter
from datetime import date

from lanling_demo import organization_facts as facts
from lanling_demo.grid_facts import area_boundaries, base_grids, duties, grids_by_community
from lanling_demo.story import AS_OF


def test_workers_channels_and_deployment() -> None:
    workers = facts.community_workers()
    assert Counter(worker.recruitment_channel for worker in workers) == {
        "UNIFIED_EXAM": 412,
        "TRANSFER": 151,
        "OTHER": 32,
    }
    areas = {area.id for area in facts.residential_areas()}
    assert all(worker.residential_area_id in areas and worker.deployed_on <= AS_OF for worker in workers)
    per_community = Counter(worker.community_code for worker in workers)
    assert all(per_community[item.code] == item.counts.workers for item in facts.communities())


def test_every_grid_has_one_leader_and_the_seconds_stand_on_the_largest_grids() -> None:
    leaders = Counter(duty.base_grid_code for duty in duties() if duty.role == "GRID_LEADER")
    assert leaders == Counter({grid.code: 1 for grid in base_grids()})
    seconds = {duty.base_grid_code for duty in duties() if duty.role == "GRID_WORKER"}
    assert len(seconds) == sum(duty.role == "GRID_WORKER" for duty in duties()) == 190
    for grids in grids_by_community().values():
        with_second = [grid.households for grid in grids if grid.code in seconds]
        without = [grid.households for grid in grids if grid.code not in seconds]
        assert min(with_second) >= max(without)


def test_red_collar_secretaries_by_batch_and_community() -> None:
    secretaries = facts.red_collar_secretaries()
    assert Counter(item.batch_number for item in secretaries) == {1: 16, 2: 16, 3: 17}
    assert [batch.size for batch in facts.dispatch_batches()] == [16, 16, 17]
    per_community = Counter(item.community_code for item in secretaries)
    for community in facts.communities():
        assert per_community[community.code] == community.counts.red_collar_secretaries
    founded = {community.code: community.established_on for community in facts.communities()}
    assert all(founded[item.community_code] < item.start_on <= AS_OF < item.end_on for item in secretaries)


def test_delegated_powers() -> None:
    categories = facts.power_categories()
    assert [len(category.items) for category in categories] == [3, 3, 3, 2, 3, 2, 2, 3, 2]
    assert len(facts.power_grants()) == 23 * 21
    codes = {item.code for category in categories for item in category.items}
    assert {item.item_code for item in facts.power_exercises()} <= codes
    assert all(item.name and item.name_en for category in categories for item in category.items)


def test_property_enterprises_contracts_and_hand_over() -> None:
    enterprises = facts.property_enterprises()
    assert len(enterprises) == 34
    assert sum(item.party_organization_id is not None for item in enterprises) == 21
    assert sum(item.state_owned for item in enterprises) == 3
    organizations = {item.id for item in facts.party_organizations()}
    assert all(item.party_organization_id in organizations for item in enterprises if item.party_organization_id)
    status = {area.code: area.property_status for area in facts.residential_areas()}
    contracts = facts.property_contracts()
    assert Counter((item.kind, status[item.residential_area_code]) for item in contracts) == {
        ("FALLBACK", "FALLBACK_MANAGED"): 66,
        ("MARKET", "MARKET_MANAGED"): 81,
    }
    assert all(item.start_on <= AS_OF < item.end_on for item in contracts)
    plans = facts.handover_plans()
    assert Counter(plan.batch_number for plan in plans) == {1: 20, 2: 22, 3: 24}
    assert {plan.residential_area_code for plan in plans} == {c for c, s in status.items() if s == "FALLBACK_MANAGED"}
    assert {plan.state for plan in plans} == {"COMPLETED"}
    owned = {item.id for item in enterprises if item.state_owned}
    assert all(plan.enterprise_id in owned and plan.completed_on <= AS_OF for plan in plans)
    assert all(plan.stages[0].done_on < plan.approved_on <= plan.completed_on for plan in plans)


def test_red_black_lists_and_consequences() -> None:
    lists = facts.red_black_lists()
    published = [item for item in lists if item.state == "PUBLISHED"]
    assert sorted(item.period for item in published) == [f"2023-{month:02}" for month in range(1, 13)]
    corrected = [item for item in lists if item.state == "CORRECTED"]
    assert [item.corrects_id for item in lists if item.corrects_id] == [item.id for item in corrected]
    assert len(corrected) == 1
    for item in lists:
        assert Counter(entry.colour for entry in item.entries) == {"RED": 3, "BLACK": 3}
        assert len({entry.enterprise_id for entry in item.entries}) == 6
        assert item.published_at.date() <= AS_OF
    known = {item.id for item in facts.property_enterprises()} | {item.id for item in facts.developers()}
    ids = {item.id for item in lists}
    consequences = facts.linked_consequences()
    assert all(item.subject_id in known and item.basis_list_id in ids for item in consequences)
    active = [item for item in consequences if item.state == "ACTIVE"]
    assert len(active) == 4
    assert all(item.start_on <= AS_OF <= item.end_on for item in active)
    assert all(item.end_on < AS_OF for item in consequences if item.state == "EXPIRED")
    assert sum(indicator.weight for indicator in facts.assessment_scheme().indicators) == 100


def test_four_levels_of_party_organizations() -> None:
    organizations = facts.party_organizations()
    by_level = Counter(item.level for item in organizations if item.level)
    assert by_level[1] == 21
    assert by_level[2] == 160
    assert by_level[3] > 0
    assert by_level[4] > 0
    seen: dict[str, int | None] = {}
    for item in organizations:
        if item.level:
            assert item.parent_key in seen
            assert seen[item.parent_key] == (None if item.level == 1 else item.level - 1)
        seen[item.key] = item.level
    assert {item.key for item in organizations if item.type == "AREA_BRANCH"} == {
        area.code for area in facts.residential_areas()
    }
    assert sum(item.type == "PROPERTY_INDUSTRY_COMMITTEE" for item in organizations) == 1
    assert len({item.id for item in organizations}) == len(organizations)


def test_every_branch_and_community_committee_has_one_secretary() -> None:
    type_of = {item.key: item.type for item in facts.party_organizations()}
    secretaries = [item for item in facts.offices() if item.role == "SECRETARY"]
    assert Counter(type_of[item.party_organization_key] for item in secretaries) == {
        "AREA_BRANCH": 160,
        "COMMUNITY_COMMITTEE": 21,
        "PROPERTY_INDUSTRY_COMMITTEE": 1,
    }
    assert len({item.party_organization_key for item in secretaries}) == len(secretaries)
    members = Counter(item.party_organization_key for item in facts.offices() if item.role == "PART_TIME_MEMBER")
    assert members == Counter({community.code: 4 for community in facts.communities()})
    assert len({item.id for item in facts.offices()}) == len(facts.offices())


def test_venues_lie_in_their_community() -> None:
    kinds = Counter(venue.kind for venue in facts.venues())
    assert (kinds["COMMUNITY_CENTER"], kinds["AREA_STATION"]) == (21, 160)
    assert kinds["CIVILIZATION_PRACTICE_STATION"] > 0
    cells = {community.code: community.cell for community in facts.communities()}
    cells |= {area.code: area.cell for area in facts.residential_areas()}
    for venue in facts.venues():
        assert cells[venue.residential_area_code or venue.community_code].contains(venue.location)


def test_departments_share_all_categories_of_petitions() -> None:
    duties_of = [code for department in facts.departments() for code in department.duties]
    assert sorted(duties_of) == [f"{n:02}" for n in range(1, 11)]


def test_contact_points_and_visits_fall_in_the_year() -> None:
    assert {item.community_code for item in facts.contact_points()} == {item.code for item in facts.communities()}
    for item in facts.contact_points():
        assert all(date(2023, 1, 1) <= visit.on <= AS_OF for visit in item.visits)


def test_boundaries_of_the_areas_above_the_grids() -> None:
    assert Counter(item.subject for item in area_boundaries()) == {
        "COUNTY": 1,
        "STREET": 1,
        "COMMUNITY": 21,
        "RESIDENTIAL_AREA": 160,
    }
