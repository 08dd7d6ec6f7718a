"""Rules of the organization domain, without any I/O."""

from datetime import UTC, date, datetime

import pytest

from govkit.domain import GovError
from organization.domain.party import (
    LEVELS,
    PARENTS,
    Appointment,
    PartyOrganization,
    PartyOrganizationDissolved,
    PartyOrganizationEstablished,
    PartyOrganizationStatus,
    PartyOrganizationType,
    PostRole,
)
from organization.domain.property import Colour, HandoverPlan, HandoverStage, HandoverState, ListEntry, RedBlackList
from organization.domain.territory import PropertyStatus
from organization.domain.workforce import CommunityWorker, EmploymentState, RecruitmentChannel

DAY = date(2023, 6, 1)
Type = PartyOrganizationType


def establish(type: PartyOrganizationType, parent: PartyOrganization | None) -> PartyOrganization:
    return PartyOrganization.establish(id=type.name, name=type.name, type=type, parent=parent, established_on=DAY)


def four_levels() -> list[PartyOrganization]:
    chain: list[PartyOrganization] = []
    for type in (
        Type.COUNTY_COMMITTEE,
        Type.STREET_WORKING_COMMITTEE,
        Type.COMMUNITY_COMMITTEE,
        Type.AREA_BRANCH,
        Type.BUILDING_GROUP,
        Type.CENTER_HOUSEHOLD,
    ):
        chain.append(establish(type, chain[-1] if chain else None))
    return chain


def test_the_four_levels_stand_below_each_other() -> None:
    assert [organization.level for organization in four_levels()[2:]] == [1, 2, 3, 4]
    assert set(LEVELS.values()) == {1, 2, 3, 4}


@pytest.mark.parametrize("type", list(PARENTS))
def test_only_the_level_above_may_be_the_parent(type: PartyOrganizationType) -> None:
    for candidate in four_levels():
        if candidate.type in PARENTS[type]:
            assert establish(type, candidate).parent_id == candidate.id
        else:
            with pytest.raises(GovError, match="ORG_INVALID_PARENT_LEVEL"):
                establish(type, candidate)
    with pytest.raises(GovError, match="ORG_INVALID_PARENT_LEVEL"):
        establish(type, None)


def test_an_organization_with_active_children_stays() -> None:
    branch = four_levels()[3]
    with pytest.raises(GovError, match="ORG_HAS_ACTIVE_CHILDREN"):
        branch.dissolve(DAY, active_children=1)
    branch.dissolve(DAY, active_children=0)
    assert branch.status is PartyOrganizationStatus.DISSOLVED
    assert [type(event) for event in branch.take_events()] == [PartyOrganizationEstablished, PartyOrganizationDissolved]
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        branch.dissolve(DAY, active_children=0)


def test_a_part_time_member_acts_for_an_organization() -> None:
    committee = four_levels()[2]
    with pytest.raises(GovError, match="ORG_NOT_ELIGIBLE_ORGANIZATION"):
        Appointment.start(id="a", organization=committee, role=PostRole.PART_TIME_MEMBER, person_id="p", start_on=DAY)


def test_an_appointment_does_not_end_before_it_starts() -> None:
    appointment = Appointment.start(
        id="a", organization=four_levels()[3], role=PostRole.SECRETARY, person_id="p", start_on=DAY
    )
    with pytest.raises(GovError, match="ORG_PERIOD_INVALID"):
        appointment.end(date(2023, 5, 31))
    appointment.end(DAY)
    assert appointment.end_on == DAY


def worker() -> CommunityWorker:
    return CommunityWorker.hire(
        id="w",
        name="示例",
        phone=None,
        community_id="c1",
        recruitment_channel=RecruitmentChannel.UNIFIED_EXAM,
        hired_on=DAY,
    )


def test_a_worker_is_deployed_inside_the_own_community() -> None:
    hired = worker()
    with pytest.raises(GovError, match="ORG_AREA_OUTSIDE_COMMUNITY"):
        hired.deploy("a1", "c2", DAY)
    hired.deploy("a1", "c1", DAY)
    with pytest.raises(GovError, match="ORG_ALREADY_DEPLOYED"):
        hired.deploy("a1", "c1", DAY)
    hired.leave(DAY)
    assert hired.state is EmploymentState.LEFT
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        hired.deploy("a2", "c1", DAY)


def test_whoever_drafts_a_list_does_not_publish_it() -> None:
    entry = ListEntry(subject_id="e1", colour=Colour.RED, rank=1, score=96.5)
    draft = RedBlackList(id="l", period="2023-05", entries=[entry], drafted_by="street")
    at = datetime(2023, 6, 5, tzinfo=UTC)
    with pytest.raises(GovError, match="ORG_SELF_PUBLICATION"):
        draft.publish("street", at)
    draft.publish("housing", at)
    with pytest.raises(GovError, match="GEN_INVALID_STATE"):
        draft.publish("housing", at)


def test_a_handover_needs_an_area_without_property_and_a_state_owned_enterprise() -> None:
    HandoverPlan.require_possible(PropertyStatus.NONE, state_owned=True)
    with pytest.raises(GovError, match="ORG_AREA_HAS_PROPERTY"):
        HandoverPlan.require_possible(PropertyStatus.MARKET_MANAGED, state_owned=True)
    with pytest.raises(GovError, match="ORG_NOT_STATE_OWNED"):
        HandoverPlan.require_possible(PropertyStatus.NONE, state_owned=False)


def test_a_handover_completes_after_all_its_stages_in_order() -> None:
    stages = [HandoverStage(name=str(n), due_on=DAY) for n in range(2)]
    plan = HandoverPlan(
        id="p", residential_area_id="a", community_id="c", enterprise_id="e", batch_number=1, stages=stages
    )
    plan.approve()
    plan.complete_stage(DAY)
    assert [stage.done_on for stage in plan.stages] == [DAY, None]
    with pytest.raises(GovError, match="ORG_STAGES_OPEN"):
        plan.complete(DAY)
    plan.complete_stage(DAY)
    plan.complete(DAY)
    assert plan.state is HandoverState.COMPLETED
