"""Seed of how communities govern: joint meetings, leaders' visits, uses of powers; scheme and batches of property."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from govkit.domain import Aggregate
from govkit.seeding import registered
from lanling_demo import organization_facts as facts
from lanling_demo.calendar import CHINA
from lanling_demo.ids import stable_id
from organization.domain.assessment import AssessmentIndicator, AssessmentScheme, IndicatorKind
from organization.domain.meetings import JointAgendaItem, JointAgendaKind, JointAttendance, JointMeeting
from organization.domain.powers import (
    DelegatedPowerItem,
    PowerExercise,
    PowerGrant,
    PowerOutcome,
)
from organization.domain.property import HandoverBatch
from organization.domain.resolutions import JointResolution
from organization.domain.visits import ContactVisit

QUARTERS = (
    (3, JointAgendaKind.PARTY_BUILDING, "年度党建共建项目清单", "认领共建项目并于季度末报告进展"),
    (6, JointAgendaKind.PROPERTY_SERVICE, "老旧小区物业服务提升", "完成小区公共设施排查与维修"),
    (9, JointAgendaKind.RESIDENT_DEMAND, "停车难与充电设施建设", "新增电动车充电桩并规范停车"),
    (12, JointAgendaKind.MAJOR_MATTER, "明年为民服务实事项目", "确定实事项目并公示"),
)
HALF_WAY = 50


def meetings() -> Iterator[Aggregate]:
    """Four meetings a community in the year of the story, each with one resolution; the last one is still under way."""
    conveners = {office.party_organization_id: office for office in facts.offices() if office.role == "SECRETARY"}
    committees = {
        organization.community_id: organization
        for organization in facts.party_organizations()
        if organization.type == "COMMUNITY_COMMITTEE"
    }
    units: dict[str, list[str]] = {}
    for unit in facts.resident_units():
        units.setdefault(unit.community_id, []).append(unit.id)
    year = max(exercise.on.year for exercise in facts.power_exercises())
    for n, community in enumerate(facts.communities()):
        committee = committees[community.id]
        for month, kind, topic, task in QUARTERS:
            yield from meeting(
                community.id,
                conveners[committee.id],
                [committee.id, *units.get(community.id, [])],
                datetime(year, month, 1 + n % 20, 9, tzinfo=CHINA),
                JointAgendaItem(topic=topic, kind=kind, proposer_organization_id=committee.id),
                task,
            )


def meeting(
    community_id: str,
    convener: facts.Office,
    invited: list[str],
    at: datetime,
    item: JointAgendaItem,
    task: str,
) -> Iterator[Aggregate]:
    """A meeting that was noticed a week ahead, held and closed, and what it resolved."""
    held = JointMeeting.convoke(
        id=stable_id("joint-meeting", community_id, at.month),
        community_id=community_id,
        title=f"{at.year}年{at.month}月联席会议",
        convener_id=convener.id,
        planned_at=at,
        agenda_items=[item],
    )
    held.notice(at - timedelta(days=7))
    # Of those invited, every fifth is away.
    attendance = [JointAttendance(person_id=convener.person.id, present=True)]
    attendance += [JointAttendance(organization_id=id, present=place % 5 != 4) for place, id in enumerate(invited)]
    held.record_attendance(attendance)
    resolution = JointResolution.resolve(
        id=stable_id("joint-resolution", community_id, at.month),
        meeting=held,
        text=task,
        votes_for=held.present,
        votes_against=0,
        abstained=0,
        owner_organization_id=invited[0],
        due_on=(at + timedelta(days=60)).date(),
    )
    held.close(at + timedelta(hours=2), f"会议听取了关于“{item.topic}”的说明,经表决一致通过决议:{task}。")
    if at.month == QUARTERS[-1][0]:
        resolution.advance(HALF_WAY)
    else:
        resolution.complete((at + timedelta(days=45)).date(), "已按期完成,并向联席会议书面报告。")
    yield held
    yield resolution


def power_uses(catalogue: list[Aggregate]) -> Iterator[Aggregate]:
    """The recorded uses, each checked against the items and grants of `catalogue`."""
    items = {item.code: item for item in catalogue if isinstance(item, DelegatedPowerItem)}
    grants = {(grant.item_code, grant.community_id): grant for grant in catalogue if isinstance(grant, PowerGrant)}
    for fact in facts.power_exercises():
        yield PowerExercise.exercise(
            id=fact.id,
            item=items[fact.item_code],
            grants=[grants[fact.item_code, fact.community_id]],
            community_id=fact.community_id,
            exercised_on=fact.on,
            subject=fact.subject,
            outcome=PowerOutcome[fact.outcome],
        )


def visits() -> Iterator[Aggregate]:
    for point in facts.contact_points():
        for visit in point.visits:
            yield ContactVisit(
                id=stable_id("contact-visit", point.id, visit.on.isoformat()),
                contact_point_id=point.id,
                community_id=point.community_id,
                visited_on=visit.on,
                topics=list(visit.topics),
                problems_raised=visit.problems_raised,
            )


def batches() -> Iterator[Aggregate]:
    for number, due_on in enumerate(facts.handover_batches(), start=1):
        yield registered(HandoverBatch(id=stable_id("handover-batch", number), number=number, due_on=due_on))


def scheme() -> Iterator[Aggregate]:
    fact = facts.assessment_scheme()
    yield AssessmentScheme(
        id=fact.id,
        edition=fact.version,
        name=fact.name,
        effective_on=fact.effective_on,
        indicators=[
            AssessmentIndicator(
                code=indicator.code,
                name=indicator.name,
                kind=IndicatorKind[indicator.kind],
                weight=indicator.weight,
                max_score=indicator.max_score,
                valid_months=indicator.valid_months,
            )
            for indicator in fact.indicators
        ],
        red_min=fact.red_min,
        black_max=fact.black_max,
        red_top=fact.red_top,
        min_areas=fact.min_areas,
    ).adopt()
