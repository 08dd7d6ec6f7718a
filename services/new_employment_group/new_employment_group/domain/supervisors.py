"""City governance supervisors: four posts, batches with places, and the workers who hold a post for a term."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    Id,
    LabelEnum,
    Managed,
    Nulled,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    action,
    event,
)
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.workers import Worker, WorkerOccupation, WorkerStatus


class SupervisorPost(LabelEnum):
    """监督员岗位 Post of a governance supervisor"""

    TRAFFIC_SAFETY_MONITOR = "交通安全监测员 Traffic-safety monitor"
    MUNICIPAL_FACILITY_OBSERVER = "市政设施观察员 Municipal-facility observer"
    CITY_APPEARANCE_PATROLLER = "市容市貌巡查员 City-appearance patroller"
    COMMUNITY_VOLUNTEER = "社区志愿服务员 Community volunteer"


@dataclass(kw_only=True)
class SupervisorPostType(Aggregate):
    """监督员岗位设置 Post type: on which petition categories its holders report, and which occupations are eligible"""

    UNIQUE = (Unique(("post_type",), NegError.POST_EXISTS),)
    REGISTER = Register(Role.ORG_ADMIN, create="defineSupervisorPostType", update="updateSupervisorPostType")

    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]
    allowed_categories: Annotated[
        list[Code], Doc("可上报的诉求类别 Petition categories, with all below them", example="040103")
    ]
    allowed_occupations: Annotated[list[WorkerOccupation], Doc("可任职业 Eligible occupations")]

    def require_eligible(self, worker: Worker) -> str:
        """The resident identity of a worker who may hold the post. Raises NEG_NOT_ELIGIBLE with the reason."""
        if worker.status is not WorkerStatus.ACTIVE:
            raise NegError.NOT_ELIGIBLE(field="workerId", reason="WORKER_LEFT")
        if worker.occupation not in self.allowed_occupations:
            allowed = [occupation.name for occupation in self.allowed_occupations]
            raise NegError.NOT_ELIGIBLE(field="workerId", reason="OCCUPATION", allowed=allowed)
        if worker.resident_id is None:
            raise NegError.NOT_ELIGIBLE(field="workerId", reason="NO_RESIDENT_IDENTITY")
        return worker.resident_id


@dataclass(frozen=True, kw_only=True)
class PostQuota:
    """岗位名额 Places of a post in a batch"""

    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]
    places: Annotated[int, Doc("名额 Places"), Range(0, 1_000)]


@dataclass(frozen=True, kw_only=True)
class SupervisorSeat:
    """在任席位 A place that is taken"""

    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]


@dataclass(kw_only=True)
class SupervisorBatch(Aggregate):
    """监督员批次 Batch of supervisors: how many places each post has, and who holds them"""

    PLURAL = "supervisorBatches"
    UNIQUE = (Unique(("number",), NegError.BATCH_EXISTS),)
    REGISTER = Register(Role.ORG_ADMIN, Role.INDUSTRY_COMMITTEE_OFFICER)

    number: Annotated[int, Doc("批次 Number"), Range(1, 1_000)]
    announced_on: Annotated[date, Doc("公布日期 Announced on")]
    quotas: Annotated[list[PostQuota], Doc("名额 Places of each post")]
    # Kept here, not counted: two appointments at the same time both change this record, so one takes the last place.
    seats: Annotated[list[SupervisorSeat], Doc("在任席位 Places that are taken"), Managed, Nulled] = field(
        default_factory=list
    )

    def check(self) -> None:
        """Raises NEG_QUOTA_BELOW_APPOINTED."""
        for post in SupervisorPost:
            if self.taken(post) > self.places(post):
                raise NegError.QUOTA_BELOW_APPOINTED(field="quotas", post=post.name, taken=self.taken(post))

    def places(self, post: SupervisorPost) -> int:
        return sum(quota.places for quota in self.quotas if quota.post_type is post)

    def taken(self, post: SupervisorPost) -> int:
        return sum(seat.post_type is post for seat in self.seats)

    def seat(self, supervisor: "GovernanceSupervisor") -> None:
        """Raises NEG_QUOTA."""
        post = supervisor.post_type
        if self.taken(post) >= self.places(post):
            raise NegError.QUOTA(field="id", post=post.name, places=self.places(post), taken=self.taken(post))
        self.seats = [*self.seats, SupervisorSeat(supervisor_id=supervisor.id, post_type=post)]

    def release(self, supervisor_id: str) -> None:
        self.seats = [seat for seat in self.seats if seat.supervisor_id != supervisor_id]


class SupervisorState(LabelEnum):
    """监督员状态 State of a governance supervisor"""

    NOMINATED = "已提名 Nominated"
    ACTIVE = "在任 Active"
    SUSPENDED = "暂停 Suspended"
    ENDED = "已卸任 Ended"


@event("supervisor.appointed")
class SupervisorAppointed(Event):
    """监督员在任 A supervisor is in office (first, or again after a suspension) and may report on these categories"""

    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民标识 Resident")]
    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]
    allowed_categories: Annotated[
        list[Code], Doc("可上报的诉求类别 Petition categories, with all below them", example="040103")
    ]
    community_ids: Annotated[list[Id], Doc("负责社区 Communities")]
    appointed_on: Annotated[date, Doc("聘任日期 Appointed on")]
    term_ends_on: Annotated[date, Doc("届满日期 Term ends on")]


@event("supervisor.suspended")
class SupervisorSuspended(Event):
    """监督员暂停 A supervisor may not report for now"""

    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民标识 Resident")]


@event("supervisor.ended")
class SupervisorEnded(Event):
    """监督员卸任 A supervisor left the post, or was not appointed after all"""

    supervisor_id: Annotated[Id, Doc("监督员 Supervisor")]
    resident_id: Annotated[Id, Doc("居民标识 Resident")]
    ended_on: Annotated[date, Doc("卸任日期 Ended on")]


S = SupervisorState
NOMINATORS = (Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER, Role.ORG_ADMIN)
APPOINTERS = (Role.INDUSTRY_COMMITTEE_OFFICER, Role.ORG_ADMIN)


@dataclass(kw_only=True)
class GovernanceSupervisor(Aggregate):
    """城市基层治理监督员 Governance supervisor: a worker who reports what goes wrong in the city, for a term"""

    TABLE = StateTable(
        action("appointSupervisor", S.NOMINATED, S.ACTIVE, *APPOINTERS),
        action("suspendSupervisor", S.ACTIVE, S.SUSPENDED, *APPOINTERS, reason=True),
        action("resumeSupervisor", S.SUSPENDED, S.ACTIVE, *APPOINTERS, reason=True),
        action("endSupervisor", (S.NOMINATED, S.ACTIVE, S.SUSPENDED), S.ENDED, *APPOINTERS, reason=True),
    )
    UNIQUE = (
        Unique(
            ("resident_id",), NegError.ALREADY_SUPERVISOR, {"state": frozenset({S.NOMINATED, S.ACTIVE, S.SUSPENDED})}
        ),
    )

    worker_id: Annotated[Id, Doc("从业者 Worker"), Ref("Worker", inverse="supervisor_terms")]
    resident_id: Annotated[Id, Doc("居民标识 Resident"), Ref("Resident", inverse="supervisor", single=True), Managed]
    batch_number: Annotated[
        int, Doc("批次 Batch"), Ref("SupervisorBatch", key="number", edge="batch", inverse="supervisors")
    ]
    post_type: Annotated[SupervisorPost, Doc("岗位 Post")]
    community_ids: Annotated[
        list[Id], Doc("负责社区 Communities that the supervisor looks after"), Ref("Community", inverse="supervisors")
    ]
    allowed_categories: Annotated[
        list[Code], Doc("可上报的诉求类别 Petition categories, with all below them", example="040103"), Managed
    ]
    nominated_on: Annotated[date, Doc("提名日期 Nominated on")]
    appointed_on: Annotated[date | None, Doc("聘任日期 Appointed on")] = None
    term_ends_on: Annotated[date | None, Doc("届满日期 Term ends on, last day")] = None
    ended_on: Annotated[date | None, Doc("卸任日期 Ended on")] = None
    certificate_number: Annotated[
        Code | None, Doc("聘书编号 Number of the certificate", example="JDY-20230703-000001")
    ] = None
    reports_submitted: Annotated[int, Doc("上报数 Reports submitted"), Managed] = 0
    reports_confirmed: Annotated[int, Doc("核实数 Reports confirmed: closed as solved"), Managed] = 0
    state: Annotated[SupervisorState, Doc("状态 State")] = S.NOMINATED

    @classmethod
    def nominate(
        cls,
        *,
        id: str,
        worker: Worker,
        post: SupervisorPostType,
        batch_number: int,
        community_ids: list[str],
        on: date,
    ) -> "GovernanceSupervisor":
        """Raises NEG_NOT_ELIGIBLE."""
        return cls(
            id=id,
            worker_id=worker.id,
            resident_id=post.require_eligible(worker),
            batch_number=batch_number,
            post_type=post.post_type,
            community_ids=community_ids,
            allowed_categories=list(post.allowed_categories),
            nominated_on=on,
        )

    def appoint(
        self,
        *,
        worker: Worker,
        post: SupervisorPostType,
        batch: SupervisorBatch,
        on: date,
        term_ends_on: date,
        certificate_number: str,
    ) -> None:
        """The categories are those that the post has now. Raises NEG_NOT_ELIGIBLE, NEG_QUOTA, NEG_PERIOD_INVALID."""
        if on < self.nominated_on:
            raise NegError.PERIOD_INVALID(field="on", start=self.nominated_on.isoformat())
        if term_ends_on <= on:
            raise NegError.PERIOD_INVALID(field="termEndsOn", start=on.isoformat())
        self.TABLE.move(self, "appointSupervisor")
        self.resident_id = post.require_eligible(worker)
        batch.seat(self)
        self.allowed_categories = list(post.allowed_categories)
        self.appointed_on, self.term_ends_on, self.certificate_number = on, term_ends_on, certificate_number
        self.record(SupervisorAppointed, supervisor_id=self.id)

    def suspend(self) -> None:
        self.TABLE.move(self, "suspendSupervisor")
        self.record(SupervisorSuspended, supervisor_id=self.id)

    def resume(self) -> None:
        self.TABLE.move(self, "resumeSupervisor")
        self.record(SupervisorAppointed, supervisor_id=self.id)

    def end(self, batch: SupervisorBatch, on: date) -> None:
        """Gives the place back. Raises NEG_PERIOD_INVALID."""
        start = self.appointed_on or self.nominated_on
        if on < start:
            raise NegError.PERIOD_INVALID(field="on", start=start.isoformat())
        self.TABLE.move(self, "endSupervisor")
        self.ended_on = on
        batch.release(self.id)
        self.record(SupervisorEnded, supervisor_id=self.id)
