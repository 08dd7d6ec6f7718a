"""人在网中走、事在格中办: patrols, and what workers find on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    STAFF,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    GeoPoint,
    Id,
    LabelEnum,
    Managed,
    Place,
    Ref,
    Role,
    StateTable,
    Text,
    Unique,
    Visibility,
    action,
    event,
)
from grid.domain.duties import GridDuty
from grid.domain.errors import GridError
from grid.domain.grids import BaseGrid

PATROLLERS = (Role.GRID_WORKER, Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY)


class PatrolState(LabelEnum):
    """巡查状态 State of a patrol"""

    UNDER_WAY = "进行中 Under way"
    COMPLETED = "已完成 Completed"


@dataclass(frozen=True, kw_only=True)
class PatrolCheckpoint:
    """巡查打卡点 Check-in on a patrol"""

    at: Annotated[datetime, Doc("时间 When")]
    location: Annotated[GeoPoint, Doc("位置 Where")]


@event("patrol.completed")
class PatrolCompleted(Event):
    """巡查完成 A patrol was completed"""

    patrol_id: Annotated[Id, Doc("巡查 Patrol")]
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid", example="371324001001001")]
    community_id: Annotated[Id, Doc("社区 Community")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker")]
    started_at: Annotated[datetime, Doc("开始时间 Started at")]
    ended_at: Annotated[datetime | None, Doc("结束时间 Ended at")]
    checkpoint_count: Annotated[int, Doc("打卡数 Check-ins")]
    events_found: Annotated[int, Doc("发现事件数 Events found")]


@dataclass(kw_only=True)
class Patrol(Aggregate):
    """网格巡查 Patrol of a worker through a grid; where a worker went is shown to staff only"""

    UNIQUE = (Unique(("duty_id",), GridError.PATROL_UNDER_WAY, {"state": PatrolState.UNDER_WAY}),)
    TABLE = StateTable(
        action("checkInOnPatrol", PatrolState.UNDER_WAY, None, *PATROLLERS),
        action("endPatrol", PatrolState.UNDER_WAY, PatrolState.COMPLETED, *PATROLLERS),
    )

    duty_id: Annotated[Id, Doc("岗位 Duty"), Ref("GridDuty", inverse="patrols")]
    grid_code: Annotated[
        Code,
        Doc("网格编码 Code of the base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="patrols"),
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community")]
    staff_id: Annotated[Id | None, Doc("工作人员 Worker"), Ref("CommunityWorker", edge="staff")] = None
    started_at: Annotated[datetime, Doc("开始时间 Started at")]
    ended_at: Annotated[datetime | None, Doc("结束时间 Ended at")] = None
    checkpoints: Annotated[list[PatrolCheckpoint], Doc("打卡点 Check-ins")]
    events_found: Annotated[int, Doc("发现事件数 Events found"), Managed] = 0
    state: Annotated[PatrolState, Doc("状态 State")] = PatrolState.UNDER_WAY

    @classmethod
    def start(cls, *, id: str, duty: GridDuty, at: datetime) -> "Patrol":
        return cls(
            id=id,
            duty_id=duty.id,
            grid_code=duty.grid_code,
            community_id=duty.community_id,
            staff_id=duty.staff_id,
            started_at=at,
            checkpoints=[],
        )

    def check_in(self, at: datetime, location: GeoPoint) -> None:
        self.TABLE.move(self, "checkInOnPatrol")
        self.checkpoints.append(PatrolCheckpoint(at=at, location=location))

    def end(self, at: datetime) -> None:
        self.TABLE.move(self, "endPatrol")
        self.ended_at = at
        self.record(PatrolCompleted, checkpoint_count=len(self.checkpoints))

    def place(self) -> Place:
        return Place(community_id=self.community_id, grid_id=self.grid_code)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return EVERYTHING if actor.has(STAFF) else NOTHING


class GridEventState(LabelEnum):
    """网格事件状态 State of a grid event"""

    RECORDED = "已登记 Recorded"
    SOLVED_ON_SPOT = "当场解决 Solved on the spot"
    REPORTED = "已上报 Reported, becomes a petition"


@event("grid_event.reported")
class GridEventReported(Event):
    """网格事件上报 A worker found something that the grid cannot solve; a petition follows"""

    grid_event_id: Annotated[Id, Doc("网格事件 Grid event")]
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid", example="371324001001001")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category_code: Annotated[Code, Doc("诉求类别 Category of the petition", example="040103")]
    location: Annotated[GeoPoint | None, Doc("位置 Where")]
    found_at: Annotated[datetime, Doc("发现时间 Found at")]


@event("grid_event.solved")
class GridEventSolved(Event):
    """网格事件当场解决 A worker found something and solved it on the spot"""

    grid_event_id: Annotated[Id, Doc("网格事件 Grid event")]
    grid_code: Annotated[Code, Doc("网格编码 Code of the base grid", example="371324001001001")]
    community_id: Annotated[Id, Doc("社区 Community")]
    category_code: Annotated[Code, Doc("诉求类别 Category", example="040103")]
    found_at: Annotated[datetime, Doc("发现时间 Found at")]


@dataclass(kw_only=True)
class GridEvent(Aggregate):
    """网格事件 Something that a worker found in a grid: solved on the spot, or reported as a petition"""

    UNIQUE = (Unique(("number",), GridError.CODE_EXISTS),)

    number: Annotated[Code, Doc("编号 Number", example="WG-20230703-000001")]
    grid_code: Annotated[
        Code,
        Doc("网格编码 Code of the base grid", example="371324001001001"),
        Ref("BaseGrid", key="code", edge="base_grid", inverse="grid_events"),
    ]
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="grid_events")]
    category_code: Annotated[Code, Doc("诉求类别 Category", example="040103")]
    found_by: Annotated[Id, Doc("发现人 Who found it (subject)")]
    found_at: Annotated[datetime, Doc("发现时间 Found at")]
    patrol_id: Annotated[Id | None, Doc("巡查 Patrol"), Ref("Patrol", inverse="grid_events")] = None
    location: Annotated[GeoPoint | None, Doc("位置 Where")] = None
    note: Annotated[Text | None, Doc("说明 Note, without personal data")] = None
    petition_id: Annotated[
        Id | None, Doc("诉求 Petition that it became"), Ref("Petition", inverse="grid_event", single=True)
    ] = None
    state: Annotated[GridEventState, Doc("状态 State")] = GridEventState.RECORDED

    @classmethod
    def found(
        cls,
        *,
        id: str,
        number: str,
        grid: BaseGrid,
        category_code: str,
        found_by: str,
        found_at: datetime,
        solved_on_spot: bool,
        patrol_id: str | None = None,
        location: GeoPoint | None = None,
        note: str | None = None,
    ) -> "GridEvent":
        """Raises GRID_NOT_ACTIVE."""
        grid.require_active("gridCode")
        found = cls(
            id=id,
            number=number,
            grid_code=grid.code,
            community_id=grid.community_id,
            category_code=category_code,
            found_by=found_by,
            found_at=found_at,
            patrol_id=patrol_id,
            location=location,
            note=note,
            state=GridEventState.SOLVED_ON_SPOT if solved_on_spot else GridEventState.REPORTED,
        )
        found.record(GridEventSolved if solved_on_spot else GridEventReported)
        return found

    def place(self) -> Place:
        return Place(community_id=self.community_id, grid_id=self.grid_code)

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return EVERYTHING if actor.has(STAFF) else NOTHING
