"""The petition: from its submission to its close. What its units do are work orders."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from govkit.domain import (
    Actor,
    Aggregate,
    Auth,
    Code,
    Doc,
    Event,
    GeoPoint,
    GovError,
    Hidden,
    Id,
    Managed,
    Name,
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
from govkit.domain.events import state_event
from petition.domain.access import REPORTERS, TRIAGE, handles, visible_cases
from petition.domain.categories import PetitionCategory
from petition.domain.errors import PetError
from petition.domain.petition_events import (
    PetitionAccepted,
    PetitionAssigned,
    PetitionClosed,
    PetitionLocated,
    PetitionRated,
    PetitionRejected,
    PetitionReplied,
    PetitionRerouted,
    PetitionResolved,
    PetitionSubmitted,
    PetitionTriaged,
    PetitionWithdrawn,
)
from petition.domain.values import (
    MOST_ATTACHMENTS,
    GridPlace,
    HandlingUnit,
    PetitionAttachment,
    PetitionLocation,
    PetitionRating,
    PetitionReply,
    PetitionStep,
    ReporterContact,
)
from petition.domain.vocabulary import (
    ClosingResult,
    HandlingUnitType,
    PetitionChannel,
    PetitionKind,
    PetitionLocateStatus,
    PetitionSourceType,
    PetitionState,
    PetitionUrgency,
    PetitionVisibility,
    RejectionReason,
    ResponseLevel,
    WorkOutcome,
)

RATING_WINDOW = timedelta(days=7)

S = PetitionState
BEFORE_RESOLVED = (S.SUBMITTED, S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.SUSPENDED)
TO_DISPATCH = (S.ACCEPTED, S.ASSIGNED, S.IN_PROGRESS, S.REOPENED)
REPLIERS = (
    Role.GRID_WORKER,
    Role.BRANCH_SECRETARY,
    Role.COMMUNITY_SECRETARY,
    Role.STREET_OFFICER,
    Role.DEPARTMENT_OFFICER,
)


@dataclass(kw_only=True)
class Petition(Aggregate):
    """诉求 Petition: a question, request, complaint, report or suggestion of a resident, answered in a closed loop

    No petition is closed without a reply; at any time at most one lead order is open.
    """

    KEYS = ("number",)
    UNIQUE = (Unique(("source_id",), PetError.SOURCE_EXISTS, {"source_type": PetitionSourceType.GRID_EVENT}),)
    TABLE = StateTable(
        action("acceptPetition", S.SUBMITTED, S.ACCEPTED, *TRIAGE),
        action("rejectPetition", S.SUBMITTED, S.REJECTED, *TRIAGE),
        action("triagePetition", (S.ACCEPTED, S.REOPENED), None, *TRIAGE),
        action("withdrawPetition", BEFORE_RESOLVED, S.WITHDRAWN, *REPORTERS),
        # The state follows from the orders: see `assign`, `begin` and `settle`.
        action("dispatchWorkOrder", TO_DISPATCH, None, *TRIAGE),
        action("replyPetition", S.RESOLVED, S.REPLIED, *REPLIERS),
        action("ratePetition", S.REPLIED, S.RATED, *REPORTERS),
        action("closePetition", (S.RESOLVED, S.REPLIED), S.CLOSED, Role.STREET_OFFICER, Role.COUNTY_DISPATCHER),
    )

    # Who created a petition is its reporter as a rule, so the kit's stamps are not shown.
    created_by: Annotated[Id, Doc("创建人 Created by (subject)"), Managed, Hidden, Privacy.P1] = ""
    updated_by: Annotated[Id, Doc("更新人 Updated by (subject)"), Managed, Hidden, Privacy.P1] = ""

    number: Annotated[Code, Doc("诉求编号 Number, LL-YYYYMMDD-nnnnnn", example="LL-20230703-000001")]
    kind: Annotated[PetitionKind, Doc("性质 Kind")]
    category_code: Annotated[
        Code,
        Doc("类别 Category", example="040103"),
        Ref("PetitionCategory", key="code", edge="category", inverse="petitions"),
    ]
    title: Annotated[Name, Doc("标题 Title")]
    description: Annotated[Text, Doc("内容 Description, at most 4000 characters")]
    urgency: Annotated[PetitionUrgency, Doc("紧急程度 Urgency")] = PetitionUrgency.NORMAL
    channel: Annotated[PetitionChannel, Doc("渠道 Channel")]
    visibility: Annotated[PetitionVisibility, Doc("公开范围 Who may read it")]
    anonymous: Annotated[bool, Doc("匿名 Anonymous: nobody is shown who reported it")] = False
    reporter_id: Annotated[Id | None, Doc("反映人 Reporter"), Ref("Resident"), Hidden, Privacy.P1] = None
    reporter_contact: Annotated[ReporterContact | None, Doc("联系方式 Contact"), Hidden, Privacy.P2] = None
    source_type: Annotated[PetitionSourceType, Doc("来源类型 What it goes back to")]
    source_id: Annotated[Id | None, Doc("来源标识 Supervisor, grid event or meeting"), Hidden] = None
    attachments: Annotated[list[PetitionAttachment], Doc("附件 Attachments, at most 9")] = field(default_factory=list)
    property_enterprise_id: Annotated[
        Id | None, Doc("涉及的物业企业 Property enterprise concerned"), Ref("PropertyEnterprise", inverse="petitions")
    ] = None
    submitted_at: Annotated[datetime, Doc("提交时间 Submitted at")]

    location: Annotated[PetitionLocation | None, Doc("位置 Location"), Privacy.P1] = None
    locate_status: Annotated[PetitionLocateStatus, Doc("定位结果 How its grid was found")] = (
        PetitionLocateStatus.PENDING
    )
    grid_code: Annotated[
        Code | None,
        Doc("基础网格 Base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="petitions"),
    ] = None
    micro_grid_code: Annotated[
        Code | None,
        Doc("微网格 Micro-grid", example="37132400100100101"),
        Ref("MicroGrid", key="code", edge="micro_grid", inverse="petitions"),
    ] = None
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="petitions")] = None
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="petitions")
    ] = None
    street_id: Annotated[Id | None, Doc("街道 Street"), Ref("Street", inverse="petitions")] = None

    state: Annotated[PetitionState, Doc("状态 State")] = PetitionState.SUBMITTED
    rejection_reason: Annotated[RejectionReason | None, Doc("不予受理原因 Why it was not accepted")] = None
    duplicate_of_id: Annotated[
        Id | None,
        Doc("合并到的诉求 Petition that it was merged into"),
        Ref("Petition", edge="duplicate_of", inverse="merged"),
    ] = None
    supporters: Annotated[int, Doc("附议人数 Supporters, the reporter included"), Range(0, 1_000_000)] = 1
    level: Annotated[ResponseLevel | None, Doc("当前层级 Level that handles it now")] = None
    current_unit: Annotated[HandlingUnit | None, Doc("当前主办单位 Lead unit now")] = None
    department_id: Annotated[Id | None, Doc("主办部门 Department that leads it now, if one does")] = None
    handling_department_id: Annotated[
        Id | None,
        Doc("承办部门 Department that leads it, else the one in whose duty its category lies"),
        Ref("Department", inverse="petitions"),
    ] = None
    lead_order_id: Annotated[Id | None, Doc("主办工单 Lead order"), Ref("WorkOrder", edge="lead_order")] = None
    # Counted here, so that two orders that end at the same moment meet in this record's version.
    open_orders: Annotated[int, Doc("未结工单数 Open orders"), Range(0, 1_000)] = 0
    outcome: Annotated[WorkOutcome | None, Doc("结果 Outcome")] = None
    reply: Annotated[PetitionReply | None, Doc("回复 Reply")] = None
    rating: Annotated[PetitionRating | None, Doc("评价 Rating")] = None
    rework_count: Annotated[int, Doc("返工次数 Times sent back or reopened"), Range(0, 1_000)] = 0
    supervised: Annotated[bool, Doc("督办 Was put under supervision")] = False
    resolve_by: Annotated[datetime | None, Doc("办结期限 To be resolved by")] = None
    accepted_at: Annotated[datetime | None, Doc("受理时间 Accepted at")] = None
    first_responded_at: Annotated[datetime | None, Doc("首次响应时间 First response to the reporter")] = None
    resolved_at: Annotated[datetime | None, Doc("办结待回复时间 Resolved at")] = None
    closed_at: Annotated[datetime | None, Doc("办结时间 Closed at")] = None
    steps: Annotated[list[PetitionStep], Doc("办理进度 Steps that everyone who reads it may see")] = field(
        default_factory=list
    )

    @classmethod
    def snapshot_event(cls) -> type[Event]:
        """With the source. It is hidden only because callers see it by a rule of its own (`graphql.reporter`); other
        services find by it the supervisor who reported.
        """
        if "_snapshot_event" not in cls.__dict__:
            shown = (replace(item, hidden=False) if item.name == "source_id" else item for item in cls.declared())
            meaning = "快照 snapshot of the present state"
            made = state_event(cls, "petition", "snapshot", meaning, tuple(shown))
            cls._snapshot_event = made  # type: ignore[attr-defined]
        return cls._snapshot_event  # type: ignore[attr-defined,no-any-return]

    def place(self) -> Place:
        return Place(
            owner_id=self.reporter_id,
            street_id=self.street_id,
            community_id=self.community_id,
            grid_id=self.grid_code,
            department_id=self.department_id,
        )

    @property
    def point(self) -> GeoPoint | None:
        return self.location.point if self.location else None

    def grid_place(self) -> GridPlace:
        return GridPlace(
            status=self.locate_status,
            grid_code=self.grid_code,
            micro_grid_code=self.micro_grid_code,
            community_id=self.community_id,
            residential_area_id=self.residential_area_id,
            street_id=self.street_id,
        )

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return visible_cases(actor)

    def refusal(self, action: str, actor: Actor) -> GovError | None:
        """Only the lead unit replies. "Rated before" and "no reply yet" tell more than the state would."""
        match action:
            case "replyPetition" if self.level and not handles(actor, self.level, self.place()):
                return Auth.OUT_OF_SCOPE(level=self.level.name)
            case "ratePetition" if self.rating is not None:
                return PetError.ALREADY_RATED()
            case "closePetition" if self.state is S.RESOLVED:
                return PetError.REPLY_REQUIRED()
        return None

    # --- intake ----------------------------------------------------------------------------

    def submit(self, category: PetitionCategory | None, where: GridPlace) -> "Petition":
        """`category`: None when its code is not known here. Raises PET_TOO_MANY_ATTACHMENTS."""
        require_few(self.attachments)
        self.handling_department_id = category.department_id if category else None
        self._move_to(where)
        self._step(self.submitted_at)
        self.record(PetitionSubmitted)
        return self

    def locate(self, where: GridPlace) -> None:
        """The grid became known later, or triage corrected it."""
        self._move_to(where)
        self.record(PetitionLocated)

    def reroute(self, where: GridPlace) -> None:
        """Its grid was retired, and `where` is a grid that follows it."""
        from_grid = self.grid_code
        self._move_to(where)
        self.record(PetitionRerouted, from_grid=from_grid)

    def hand_to_grid(self, unit_id: str) -> None:
        """The grid that leads it now, when a grid does."""
        if self.current_unit and self.current_unit.type is HandlingUnitType.GRID:
            self.current_unit = HandlingUnit(type=HandlingUnitType.GRID, id=unit_id)

    def on_border(self) -> None:
        """A second grid holds the point as well; this one keeps the smaller code."""
        self.locate_status = PetitionLocateStatus.BORDER

    def _move_to(self, where: GridPlace) -> None:
        self.locate_status = where.status
        self.grid_code, self.micro_grid_code = where.grid_code, where.micro_grid_code
        self.community_id, self.residential_area_id = where.community_id, where.residential_area_id
        self.street_id = where.street_id

    # --- triage ----------------------------------------------------------------------------

    def accept(self, at: datetime) -> None:
        self.TABLE.move(self, "acceptPetition")
        self.accepted_at = at
        self._step(at)
        self.record(PetitionAccepted)

    def reject(self, reason: RejectionReason, at: datetime) -> None:
        self.TABLE.move(self, "rejectPetition")
        self.rejection_reason = reason
        self._step(at)
        self.record(PetitionRejected)

    def triage(self, category: PetitionCategory, urgency: PetitionUrgency, level: ResponseLevel) -> None:
        """Raises PET_CATEGORY_INACTIVE."""
        category.require_active()
        self.TABLE.move(self, "triagePetition")
        self.category_code, self.handling_department_id = category.code, category.department_id
        self.urgency, self.level = urgency, level
        self.record(PetitionTriaged)

    def withdraw(self, at: datetime) -> None:
        """The caller cancels its open orders."""
        self.TABLE.move(self, "withdrawPetition")
        self.open_orders = 0
        self._step(at)
        self.record(PetitionWithdrawn)

    # --- work ----------------------------------------------------------------------------

    def assign(self, order_id: str, unit: HandlingUnit, at: datetime) -> None:
        """A lead order was made for this unit."""
        self.TABLE.move(self, "dispatchWorkOrder")
        self.lead_order_id, self.current_unit, self.level = order_id, unit, unit.type.level
        self.department_id = unit.id if unit.type is HandlingUnitType.DEPARTMENT else None
        self.handling_department_id = self.department_id or self.handling_department_id
        self.open_orders += 1
        if self.state in (S.ACCEPTED, S.REOPENED):
            self.state = S.ASSIGNED
            self._step(at)
        self.record(PetitionAssigned, work_order_id=order_id, unit_type=unit.type, unit_id=unit.id)

    def cooperate(self) -> None:
        """An order was made for a unit beside the lead unit."""
        self.TABLE.move(self, "dispatchWorkOrder")
        self.open_orders += 1

    def begin(self, at: datetime) -> None:
        """A unit began to work on it."""
        if self.state in (S.ASSIGNED, S.REOPENED):
            self.state = S.IN_PROGRESS
            self._step(at)

    def responded(self, at: datetime) -> None:
        self.begin(at)
        self.first_responded_at = self.first_responded_at or at

    def settle(self, order_id: str, outcome: WorkOutcome, at: datetime, lead_verified: bool) -> None:
        """An order was verified; with the lead verified and no order open, the petition is resolved."""
        self.open_orders -= 1
        if order_id == self.lead_order_id:
            self.outcome = outcome
        if lead_verified and self.open_orders == 0 and self.outcome is not None:
            self.state, self.resolved_at = S.RESOLVED, at
            self._step(at)
            minutes = int((at - self.submitted_at).total_seconds() // 60)
            self.record(PetitionResolved, minutes=minutes)

    def send_back(self) -> None:
        """A completion was not accepted."""
        self.rework_count += 1

    # --- closing ----------------------------------------------------------------------------

    def reply_with(self, text: str, actor: Actor, at: datetime) -> None:
        """The lead unit answers. Raises AUTH_OUT_OF_SCOPE."""
        if refusal := self.refusal("replyPetition", actor):
            raise refusal
        self.TABLE.move(self, "replyPetition")
        self.reply = PetitionReply(text=text, published_at=at)
        self._step(at)
        self.record(PetitionReplied, replied_at=at)

    def rate(self, rating: PetitionRating) -> None:
        """The reporter rates the reply, and with that the petition is closed."""
        self.TABLE.move(self, "ratePetition")
        self.rating = rating
        self._step(rating.rated_at)
        self.record(PetitionRated, resolved=rating.resolved, satisfaction=rating.satisfaction)
        self._close(rating.rated_at)

    def close_unrated(self, at: datetime) -> None:
        """Nobody rated in time, or nobody is there who could. Raises PET_REPLY_REQUIRED, PET_RATING_WINDOW_OPEN."""
        self.require_reply()
        assert self.reply is not None
        if self.reporter_id is not None and at < self.reply.published_at + RATING_WINDOW:
            raise PetError.RATING_WINDOW_OPEN(until=(self.reply.published_at + RATING_WINDOW).isoformat())
        self.TABLE.move(self, "closePetition")
        self._close(at)

    def require_reply(self) -> None:
        """Raises PET_REPLY_REQUIRED."""
        if self.reply is None:
            raise PetError.REPLY_REQUIRED()

    def _close(self, at: datetime) -> None:
        self.require_reply()
        self.state, self.closed_at = S.CLOSED, at
        self._step(at)
        self.record(PetitionClosed, result=ClosingResult.RATED if self.rating else ClosingResult.UNRATED)

    def _step(self, at: datetime) -> None:
        self.steps = [*self.steps, PetitionStep(at=at, state=self.state)]


def require_few(attachments: list[PetitionAttachment]) -> None:
    """Raises PET_TOO_MANY_ATTACHMENTS."""
    if len(attachments) > MOST_ATTACHMENTS:
        raise PetError.TOO_MANY_ATTACHMENTS(field="attachments", most=MOST_ATTACHMENTS, given=len(attachments))
