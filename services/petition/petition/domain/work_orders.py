"""Work orders (红色议事工单): what a unit is asked to do for a petition."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.domain import (
    STAFF,
    Actor,
    Aggregate,
    Auth,
    Code,
    Doc,
    Gen,
    GovError,
    Hidden,
    Id,
    Place,
    Privacy,
    Range,
    Ref,
    Role,
    StateTable,
    Text,
    Unique,
    Visibility,
    action,
)
from petition.domain.access import TRIAGE, handles, may_dispatch, visible_cases
from petition.domain.errors import PetError
from petition.domain.petitions import Petition, require_few
from petition.domain.values import HandlingUnit, UnitPlace, WorkResult
from petition.domain.vocabulary import (
    OPEN_ORDERS,
    EscalationReason,
    HandlingUnitType,
    PetitionVisibility,
    ResponseLevel,
    WorkOrderRole,
    WorkOrderState,
)
from petition.domain.work_order_events import (
    WorkOrderAccepted,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderCreated,
    WorkOrderResponded,
    WorkOrderVerified,
)

S = WorkOrderState
UNIT = (
    Role.GRID_WORKER,
    Role.BRANCH_SECRETARY,
    Role.COMMUNITY_SECRETARY,
    Role.STREET_OFFICER,
    Role.DEPARTMENT_OFFICER,
)
"""Who may work on orders; of these, only those of the order's unit (see `refusal`)."""


@dataclass(kw_only=True)
class WorkOrder(Aggregate):
    """红色议事工单 Work order: what one unit is to do for a petition, which has one open lead order at most"""

    KEYS = ("number",)
    TABLE = StateTable(
        action("acceptWorkOrder", S.CREATED, S.ACCEPTED, *UNIT),
        action("respondToReporter", (S.ACCEPTED, S.IN_PROGRESS, S.REJECTED_BACK), S.IN_PROGRESS, *UNIT),
        action("completeWorkOrder", (S.ACCEPTED, S.IN_PROGRESS, S.REJECTED_BACK), S.COMPLETED, *UNIT),
        # Not passed, it leads to REJECTED_BACK instead.
        action("verifyCompletion", S.COMPLETED, S.VERIFIED, *TRIAGE),
    )
    UNIQUE = (Unique(("petition_id",), PetError.LEAD_EXISTS, {"role": WorkOrderRole.LEAD, "state": OPEN_ORDERS}),)

    number: Annotated[Code, Doc("工单编号 Number, GD-YYYYMMDD-nnnnnn", example="GD-20230703-000001")]
    petition_id: Annotated[Id, Doc("诉求 Petition"), Ref("Petition", inverse="work_orders")]
    role: Annotated[WorkOrderRole, Doc("角色 Role")]
    level: Annotated[ResponseLevel, Doc("层级 Level")]
    unit: Annotated[HandlingUnit, Doc("承办单位 Unit")]
    assignee_staff_id: Annotated[
        Id | None,
        Doc("经办人 Member of staff in charge"),
        Ref("CommunityWorker", edge="assignee", inverse="work_orders"),
    ] = None
    street_id: Annotated[Id | None, Doc("街道 Street"), Ref("Street", inverse="work_orders")] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="work_orders")] = None
    grid_code: Annotated[
        Code | None,
        Doc("基础网格 Base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="work_orders"),
    ] = None
    department_id: Annotated[Id | None, Doc("部门 Department"), Ref("Department", inverse="work_orders")] = None
    # As on the petition: who may read that may read this.
    visibility: Annotated[PetitionVisibility, Doc("公开范围 Who may read it"), Hidden]
    reporter_id: Annotated[Id | None, Doc("反映人 Reporter"), Ref("Resident"), Hidden, Privacy.P1] = None

    state: Annotated[WorkOrderState, Doc("状态 State")] = WorkOrderState.CREATED
    analysis: Annotated[Text | None, Doc("研判意见 Analysis and instructions")] = None
    dispatched_at: Annotated[datetime, Doc("派单时间 Dispatched at")]
    complete_by: Annotated[datetime | None, Doc("办结期限 To be completed by")] = None
    accepted_at: Annotated[datetime | None, Doc("签收时间 Accepted at")] = None
    accepted_by: Annotated[Id | None, Doc("签收人 Accepted by (subject)")] = None
    responded_at: Annotated[datetime | None, Doc("响应时间 First response to the reporter")] = None
    response: Annotated[Text | None, Doc("响应内容 Latest message to the reporter")] = None
    completed_at: Annotated[datetime | None, Doc("办结时间 Completed at")] = None
    completed_by: Annotated[Id | None, Doc("办结人 Completed by (subject)")] = None
    result: Annotated[WorkResult | None, Doc("结果 Result")] = None
    verified_at: Annotated[datetime | None, Doc("核验时间 Verified at")] = None
    verified_by: Annotated[Id | None, Doc("核验人 Verified by (subject)")] = None
    rework_count: Annotated[int, Doc("返工次数 Times sent back"), Range(0, 1_000)] = 0
    escalated_from_id: Annotated[
        Id | None,
        Doc("升级自 Order that was escalated"),
        Ref("WorkOrder", edge="escalated_from", inverse="escalated_to"),
    ] = None
    escalation_reason: Annotated[EscalationReason | None, Doc("升级原因 Why it was escalated")] = None
    return_reason: Annotated[Text | None, Doc("退单原因 Why it was returned")] = None
    extension_days: Annotated[int, Doc("延期(工作日) Extension in working days"), Range(0, 366)] = 0

    def place(self) -> Place:
        return Place(
            street_id=self.street_id,
            community_id=self.community_id,
            grid_id=self.grid_code,
            department_id=self.department_id,
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        """Staff as the petition; of all others only its reporter."""
        return visible_cases(actor) if actor.roles & STAFF else ({"reporter_id": actor.id},)

    @property
    def stands(self) -> bool:
        """Under way or verified: it was not returned, escalated or cancelled."""
        return self.state in OPEN_ORDERS or self.state is S.VERIFIED

    @classmethod
    def dispatch(
        cls,
        petition: Petition,
        *,
        id: str,
        number: str,
        role: WorkOrderRole,
        unit: HandlingUnit,
        place: UnitPlace,
        analysis: str | None,
        lead: "WorkOrder | None",
        by: Actor,
        at: datetime,
    ) -> "WorkOrder":
        """Make the order and tell the petition.

        `lead` is the lead order that stands, if any. Raises AUTH_OUT_OF_SCOPE, PET_LEAD_EXISTS, PET_LEAD_MISSING.
        """
        if not may_dispatch(by, unit.type.level):
            raise Auth.OUT_OF_SCOPE(field="unit", level=unit.type.level.name)
        if role is WorkOrderRole.LEAD and lead:
            raise PetError.LEAD_EXISTS(field="role", workOrderId=lead.id)
        if role is WorkOrderRole.COOPERATE and not lead:
            raise PetError.LEAD_MISSING(field="role")
        order = cls(
            id=id,
            number=number,
            petition_id=petition.id,
            role=role,
            level=unit.type.level,
            unit=unit,
            assignee_staff_id=place.assignee_staff_id,
            street_id=place.street_id,
            community_id=place.community_id,
            grid_code=place.grid_code,
            department_id=unit.id if unit.type is HandlingUnitType.DEPARTMENT else None,
            visibility=petition.visibility,
            reporter_id=petition.reporter_id,
            analysis=analysis,
            dispatched_at=at,
        )
        order.record(WorkOrderCreated, unit_type=unit.type, unit_id=unit.id)
        if role is WorkOrderRole.LEAD:
            petition.assign(id, unit, at)
        else:
            petition.cooperate()
        return order

    def refusal(self, action: str, actor: Actor) -> GovError | None:
        """PET_SELF_VERIFICATION for whoever handled it (four eyes), AUTH_OUT_OF_SCOPE for all but its unit."""
        if action == "verifyCompletion":
            return PetError.SELF_VERIFICATION() if actor.id in (self.accepted_by, self.completed_by) else None
        return None if handles(actor, self.level, self.place()) else Auth.OUT_OF_SCOPE(level=self.level.name)

    def _require(self, action: str, actor: Actor) -> None:
        if refusal := self.refusal(action, actor):
            raise refusal

    def accept(self, actor: Actor, at: datetime) -> None:
        """Raises AUTH_OUT_OF_SCOPE."""
        self._require("acceptWorkOrder", actor)
        self.TABLE.move(self, "acceptWorkOrder")
        self.accepted_at, self.accepted_by = at, actor.id
        self.record(WorkOrderAccepted, unit_type=self.unit.type, unit_id=self.unit.id)

    def respond(self, text: str, petition: Petition, actor: Actor, at: datetime) -> None:
        """Tell the reporter that someone is at work. Raises AUTH_OUT_OF_SCOPE."""
        self._require("respondToReporter", actor)
        self.TABLE.move(self, "respondToReporter")
        self.response = text
        if self.responded_at is None:
            self.responded_at = at
            self.record(WorkOrderResponded)
        petition.responded(at)

    def complete(self, result: WorkResult, evidence_required: bool, actor: Actor, at: datetime) -> None:
        """Raises AUTH_OUT_OF_SCOPE, PET_RESPONSE_MISSING (lead), PET_EVIDENCE_MISSING, PET_TOO_MANY_ATTACHMENTS."""
        self._require("completeWorkOrder", actor)
        if self.role is WorkOrderRole.LEAD and self.responded_at is None:
            raise PetError.RESPONSE_MISSING()
        if evidence_required and not result.evidence:
            raise PetError.EVIDENCE_MISSING(field="evidence")
        require_few(result.evidence)
        self.TABLE.move(self, "completeWorkOrder")
        self.result, self.completed_at, self.completed_by = result, at, actor.id
        self.record(WorkOrderCompleted, outcome=result.outcome)

    def verify(self, passed: bool, reason: str | None, actor: Actor, at: datetime) -> None:
        """Four eyes: whoever accepted or completed the order may not verify it.

        Raises PET_SELF_VERIFICATION, GEN_REASON_REQUIRED (not passed).
        """
        self._require("verifyCompletion", actor)
        if not passed and not reason:
            raise Gen.REASON_REQUIRED(field="reason")
        self.TABLE.move(self, "verifyCompletion")
        if passed:
            self.verified_at, self.verified_by = at, actor.id
        else:
            self.state, self.rework_count = S.REJECTED_BACK, self.rework_count + 1
        self.record(WorkOrderVerified, passed=passed)

    def reroute(self, grid_code: str, unit_id: str | None, assignee_staff_id: str | None) -> None:
        """Its grid was retired: the grid that follows takes it up where it stands. `unit_id`: None while unknown."""
        self.grid_code, self.assignee_staff_id = grid_code, assignee_staff_id
        if unit_id:
            self.unit = HandlingUnit(type=HandlingUnitType.GRID, id=unit_id)

    def cancel(self) -> None:
        """Its petition was withdrawn."""
        self.state = S.CANCELLED
        self.record(WorkOrderCancelled)
