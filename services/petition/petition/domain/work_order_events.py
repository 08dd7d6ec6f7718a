"""Events of work orders."""

from typing import Annotated

from govkit.domain import Doc, Event, Id, event
from petition.domain.vocabulary import HandlingUnitType, ResponseLevel, WorkOrderRole, WorkOutcome

WorkOrderId = Annotated[Id, Doc("工单 Work order")]
PetitionId = Annotated[Id, Doc("诉求 Petition")]
Level = Annotated[ResponseLevel, Doc("层级 Level")]
UnitType = Annotated[HandlingUnitType, Doc("单位类型 Type of the unit")]
UnitId = Annotated[Id, Doc("单位 Unit")]
Role = Annotated[WorkOrderRole, Doc("角色 Role")]


@event("work_order.created")
class WorkOrderCreated(Event):
    """工单生成 An order was made for a unit"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level
    unit_type: UnitType
    unit_id: UnitId
    role: Role
    assignee_staff_id: Annotated[Id | None, Doc("经办人 Member of staff")]


@event("work_order.accepted")
class WorkOrderAccepted(Event):
    """工单签收 A unit accepted its order"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level
    unit_type: UnitType
    unit_id: UnitId


@event("work_order.responded")
class WorkOrderResponded(Event):
    """首次响应 A unit responded to the reporter for the first time"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level


@event("work_order.completed")
class WorkOrderCompleted(Event):
    """工单办结 A unit completed its order"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level
    outcome: Annotated[WorkOutcome, Doc("结果 Outcome")]


@event("work_order.verified")
class WorkOrderVerified(Event):
    """工单核验 A completion was verified: accepted, or sent back"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level
    passed: Annotated[bool, Doc("通过 Accepted")]


@event("work_order.cancelled")
class WorkOrderCancelled(Event):
    """工单取消 An order was cancelled, because its petition was withdrawn"""

    work_order_id: WorkOrderId
    petition_id: PetitionId
    level: Level
