"""Taking petitions up: accept or reject, decide on category, urgency and level, dispatch orders."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Gen, Id, Text
from petition.domain.errors import PetError
from petition.domain.petitions import Petition
from petition.domain.values import HandlingUnit
from petition.domain.vocabulary import (
    PetitionUrgency,
    RejectionReason,
    ResponseLevel,
    WorkOrderRole,
)
from petition.domain.work_orders import WorkOrder
from petition.handlers.common import category_of
from petition.projections.grid_map import place_of_grid
from petition.projections.successors import place_today
from petition.projections.units import place_of_unit, responsible_unit


@dataclass(frozen=True, kw_only=True)
class AcceptPetition:
    id: Annotated[Id, Doc("诉求 Petition")]


@command(on=Petition)
async def accept_petition(context: Context, input: AcceptPetition) -> Petition:
    """受理诉求 Accept a petition."""
    petition = await context.load(Petition, input.id)
    await follow_grid(context, petition)
    petition.accept(context.now)
    return petition


@dataclass(frozen=True, kw_only=True)
class RejectPetition:
    id: Annotated[Id, Doc("诉求 Petition")]
    reason: Annotated[RejectionReason, Doc("不予受理原因 Why")]
    note: Annotated[Text | None, Doc("说明 Explanation for the file")] = None


@command(on=Petition)
async def reject_petition(context: Context, input: RejectPetition) -> Petition:
    """不予受理 Do not accept a petition, for one of the named reasons."""
    context.work.reason = f"{input.reason.label} {input.note or ''}".strip()
    petition = await context.load(Petition, input.id)
    petition.reject(input.reason, context.now)
    return petition


@dataclass(frozen=True, kw_only=True)
class TriagePetition:
    id: Annotated[Id, Doc("诉求 Petition")]
    category_code: Annotated[Code | None, Doc("类别 Category; else as it is")] = None
    urgency: Annotated[PetitionUrgency | None, Doc("紧急程度 Urgency; else as it is")] = None
    level: Annotated[ResponseLevel | None, Doc("响应层级 Level; else the default of the category")] = None
    grid_code: Annotated[Code | None, Doc("基础网格 Base grid, when the found one is wrong or none was found")] = None


@command(on=Petition)
async def triage_petition(context: Context, input: TriagePetition) -> Petition:
    """分析研判 Decide on category, urgency and level of an accepted petition."""
    petition = await context.load(Petition, input.id)
    category = await category_of(context, input.category_code or petition.category_code)
    if input.grid_code:
        place = await place_of_grid(context.store, input.grid_code)
        if place is None:
            raise Gen.REFERENCE_UNKNOWN(field="gridCode", type="BaseGrid", id=input.grid_code)
        petition.locate(place)
    else:
        await follow_grid(context, petition)
    petition.triage(category, input.urgency or petition.urgency, input.level or category.default_level)
    return petition


@dataclass(frozen=True, kw_only=True)
class DispatchWorkOrder:
    petition_id: Annotated[Id, Doc("诉求 Petition")]
    unit: Annotated[HandlingUnit | None, Doc("承办单位 Unit; else the one responsible at the petition's level")] = None
    role: Annotated[WorkOrderRole, Doc("角色 Role; the first order is the lead")] = WorkOrderRole.LEAD
    analysis: Annotated[Text | None, Doc("研判意见 Analysis and instructions for the unit")] = None


@command(on=Petition)
async def dispatch_work_order(context: Context, input: DispatchWorkOrder) -> WorkOrder:
    """派发工单 Make an order for a unit at or below the caller's level; a grid's order goes to its leader on duty."""
    petition = await context.load(Petition, input.petition_id)
    await follow_grid(context, petition)
    unit = input.unit or await suggested_unit(context, petition)
    place = await place_of_unit(context.store, unit, petition)
    if place is None:
        raise Gen.REFERENCE_UNKNOWN(field="unit.id", type=unit.type.name, id=unit.id)
    lead = await context.get(WorkOrder, petition.lead_order_id) if petition.lead_order_id else None
    order = WorkOrder.dispatch(
        petition,
        id=context.new_id(),
        number=await context.number("GD"),
        role=input.role,
        unit=unit,
        place=place,
        analysis=input.analysis,
        lead=lead if lead and lead.stands else None,
        by=context.actor,
        at=context.now,
    )
    # The caller's reach was checked on the petition; a cooperating unit may lie elsewhere.
    return context.work.add(order)


async def follow_grid(context: Context, petition: Petition) -> None:
    """Whoever takes a petition up finds it in a grid in use.

    A command that located it may have been committed just after its grid was retired: too late for those that were
    rerouted then.
    """
    where = await place_today(context.store, petition.grid_place(), petition.point)
    if where.grid_code != petition.grid_code:
        petition.reroute(where)


async def suggested_unit(context: Context, petition: Petition) -> HandlingUnit:
    """Raises PET_UNIT_UNKNOWN: not triaged, or no such unit is known for the petition."""
    unit = await responsible_unit(context.store, petition, petition.level) if petition.level else None
    if unit is None:
        raise PetError.UNIT_UNKNOWN(field="unit", level=petition.level.name if petition.level else None)
    return unit
