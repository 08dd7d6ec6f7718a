"""The petitions and work orders of the demonstration county, as they stand at the end of its story."""

from collections.abc import Iterator

from govkit.domain import Aggregate, GeoPoint
from lanling_demo import petition_facts as facts
from lanling_demo.county import STREET
from lanling_demo.staff import community_workers
from petition.domain.petitions import Petition
from petition.domain.values import (
    HandlingUnit,
    PetitionLocation,
    PetitionRating,
    PetitionReply,
    PetitionStep,
    ReporterContact,
    WorkResult,
)
from petition.domain.vocabulary import (
    OPEN_ORDERS,
    EscalationReason,
    HandlingUnitType,
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionState,
    PetitionUrgency,
    PetitionVisibility,
    RatingResolved,
    RatingSatisfaction,
    RejectionReason,
    ResponseLevel,
    WorkOrderRole,
    WorkOrderState,
    WorkOutcome,
)
from petition.domain.work_orders import WorkOrder

ANSWERS = {
    WorkOutcome.SOLVED: "您反映的问题已处理完毕,感谢监督。",
    WorkOutcome.EXPLAINED: "已向您说明有关政策和办理安排,如有疑问请联系社区。",
}


def petitions() -> Iterator[Aggregate]:
    """In order of submission; the last order of each is its lead order."""
    leads = {order.petition_id: order for order in facts.work_orders()}
    departments = {item.code: item.id for item in facts.departments()}
    for fact in facts.petitions():
        yield petition(fact, leads.get(fact.id), departments[facts.category(fact.category_code).department_code])


def work_orders() -> Iterator[Aggregate]:
    by_id = {fact.id: fact for fact in facts.petitions()}
    staff = [worker.id for worker in community_workers()]
    for order in facts.work_orders():
        yield work_order(order, by_id[order.petition_id], staff[order.n % len(staff)])


def petition(fact: facts.Petition, lead: facts.WorkOrder | None, duty: str) -> Petition:
    times = fact.timeline
    unit = HandlingUnit(type=HandlingUnitType[lead.unit_type], id=lead.unit_id) if lead else None
    department = unit.id if unit and unit.type is HandlingUnitType.DEPARTMENT else None
    outcome = WorkOutcome[lead.outcome] if lead and lead.outcome else None
    longitude, latitude = fact.point
    return Petition(
        id=fact.id,
        number=fact.number,
        kind=PetitionKind[fact.kind],
        category_code=fact.category_code,
        title=fact.title,
        description=fact.description,
        urgency=PetitionUrgency[fact.urgency],
        channel=PetitionChannel[fact.channel],
        visibility=PetitionVisibility[fact.visibility],
        anonymous=fact.anonymous,
        reporter_id=fact.reporter_id,
        reporter_contact=ReporterContact(name=fact.reporter_name, phone=fact.reporter_phone)
        if fact.reporter_id
        else None,
        source_type=PetitionSourceType[fact.source_type] if fact.source_type else PetitionSourceType.RESIDENT,
        source_id=fact.source_id,
        submitted_at=fact.submitted_at,
        location=PetitionLocation(point=GeoPoint(longitude=longitude, latitude=latitude)),
        locate_status=PetitionLocateStatus[fact.locate_status],
        grid_code=fact.grid_code,
        community_id=fact.community_id,
        residential_area_id=fact.residential_area_id,
        street_id=STREET.id if fact.community_id else None,
        state=PetitionState[fact.state],
        rejection_reason=RejectionReason[fact.rejection_reason] if fact.rejection_reason else None,
        duplicate_of_id=fact.merged_into_id,
        level=ResponseLevel[fact.level] if fact.level else None,
        current_unit=unit,
        department_id=department,
        handling_department_id=department or duty,
        lead_order_id=lead.id if lead else None,
        open_orders=int(lead is not None and WorkOrderState[lead.state] in OPEN_ORDERS),
        outcome=outcome,
        reply=PetitionReply(text=ANSWERS[outcome], published_at=times.replied_at)
        if times and times.replied_at and outcome
        else None,
        rating=rating(fact.rating) if fact.rating else None,
        rework_count=fact.rework_count,
        supervised=fact.supervised,
        resolve_by=times.resolve_by if times else None,
        accepted_at=times.accepted_at if times else None,
        first_responded_at=times.first_responded_at if times else None,
        resolved_at=times.verified_at if times else None,
        closed_at=times.closed_at if times else fact.decided_at,
        steps=steps(fact),
    )


def rating(fact: facts.Rating) -> PetitionRating:
    return PetitionRating(
        resolved=RatingResolved[fact.resolved],
        satisfaction=RatingSatisfaction[fact.satisfaction],
        rated_at=fact.rated_at,
    )


def steps(fact: facts.Petition) -> list[PetitionStep]:
    times = fact.timeline
    at = {PetitionState.SUBMITTED: fact.submitted_at, PetitionState[fact.state]: fact.decided_at}
    if times:
        at = {
            PetitionState.SUBMITTED: fact.submitted_at,
            PetitionState.ACCEPTED: times.accepted_at,
            PetitionState.ASSIGNED: times.assigned_at,
            PetitionState.IN_PROGRESS: times.first_responded_at,
            PetitionState.RESOLVED: times.verified_at,
            PetitionState.REPLIED: times.replied_at,
            PetitionState.RATED: times.rated_at,
            PetitionState.CLOSED: times.closed_at,
        }
    return [PetitionStep(at=moment, state=state) for state, moment in at.items() if moment]


def work_order(fact: facts.WorkOrder, petition: facts.Petition, handler: str) -> WorkOrder:
    unit = HandlingUnit(type=HandlingUnitType[fact.unit_type], id=fact.unit_id)
    by = fact.assignee_staff_id or handler
    state = WorkOrderState[fact.state]
    verified = state is WorkOrderState.VERIFIED
    return WorkOrder(
        id=fact.id,
        number=fact.number,
        petition_id=fact.petition_id,
        role=WorkOrderRole.LEAD,
        level=ResponseLevel[fact.level],
        unit=unit,
        assignee_staff_id=fact.assignee_staff_id,
        street_id=STREET.id,
        community_id=petition.community_id,
        grid_code=petition.grid_code if unit.type is HandlingUnitType.GRID else None,
        department_id=unit.id if unit.type is HandlingUnitType.DEPARTMENT else None,
        visibility=PetitionVisibility[petition.visibility],
        reporter_id=petition.reporter_id,
        state=state,
        dispatched_at=fact.created_at,
        complete_by=fact.complete_by,
        accepted_at=fact.accepted_at,
        accepted_by=by if fact.accepted_at else None,
        responded_at=fact.responded_at,
        completed_at=fact.completed_at,
        completed_by=by if fact.completed_at else None,
        result=result(fact),
        verified_at=fact.ended_at if verified else None,
        escalated_from_id=fact.escalated_from_id,
        escalation_reason=EscalationReason[fact.escalation_reason] if fact.escalation_reason else None,
        return_reason=fact.return_reason,
        extension_days=fact.extension_days,
    )


def result(fact: facts.WorkOrder) -> WorkResult | None:
    if not fact.outcome:
        return None
    outcome = WorkOutcome[fact.outcome]
    return WorkResult(outcome=outcome, text=ANSWERS[outcome], evidence=[])
