"""Workers of the new sectors. What is personal stays sealed, and none of it is in any event."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from govkit.domain import (
    EVERYTHING,
    NOTHING,
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Managed,
    Name,
    Place,
    Privacy,
    Ref,
    Role,
    StateTable,
    Unique,
    Visibility,
    action,
    event,
)
from new_employment_group.domain.errors import NegError

CASE_OFFICERS = frozenset({Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER, Role.ADMIN})
"""Who works with named workers. UNION_OFFICERs with unions in their scope see the workers of these only."""

READERS = CASE_OFFICERS | {Role.AUDITOR}
REGISTRARS = (Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER)


class WorkerOccupation(LabelEnum):
    """职业 Occupation of a worker"""

    COURIER = "快递员 Courier"
    FOOD_DELIVERY_RIDER = "外卖配送员 Food-delivery rider"
    LIVE_STREAMER = "网络主播 Live streamer"
    DRIVER = "货运司机 Driver"
    SORTER = "分拣员 Sorter"
    OTHER = "其他 Other"


class WorkerStatus(LabelEnum):
    """从业状态 Status of a worker"""

    ACTIVE = "在业 Active"
    LEFT = "已离开 Left the sector"


class ConsentPurpose(LabelEnum):
    """同意的目的 Purpose of a consent; the sensitive ones are given one by one"""

    REGISTRATION = "登记与服务 Registration and services"
    IDENTITY_NUMBER = "敏感信息:身份证号 Sensitive: identity number"
    INSURANCE = "敏感信息:参保记录 Sensitive: insurance records"


REQUIRED_CONSENTS = (ConsentPurpose.REGISTRATION, ConsentPurpose.IDENTITY_NUMBER)


@dataclass(frozen=True, kw_only=True)
class Consent:
    """同意记录 Consent of a worker to one purpose, to a text of one version"""

    purpose: Annotated[ConsentPurpose, Doc("目的 Purpose")]
    text_version: Annotated[Code, Doc("文本版本 Version of the text")]
    given_at: Annotated[datetime, Doc("同意时间 Given at")]
    withdrawn_at: Annotated[datetime | None, Doc("撤回时间 Withdrawn at")] = None

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None


def personal_records_of(actor: Actor) -> Visibility:
    """Records with `union_id` and `resident_id` of a worker: readers by scope, the worker the own ones, nobody else."""
    return _visible(actor, "union_id")


def _visible(actor: Actor, union_field: str) -> Visibility:
    if not actor.authenticated:
        return NOTHING
    own = {"resident_id": actor.id}
    if actor.roles & READERS == {Role.UNION_OFFICER} and not actor.scope.county_wide:
        return ({union_field: actor.scope.union_ids}, own)
    return EVERYTHING if actor.roles & READERS else (own,)


@event("worker.snapshot")
class WorkerSnapshot(Event):
    """从业者快照 A worker as a number for statistics: not who, not where employed"""

    worker_id: Annotated[Id, Doc("从业者 Worker")]
    occupation: Annotated[WorkerOccupation, Doc("职业 Occupation")]
    community_id: Annotated[Id | None, Doc("社区 Community")]
    status: Annotated[WorkerStatus, Doc("状态 Status")]


@dataclass(kw_only=True)
class Worker(Aggregate):
    """新就业群体从业者 Worker of a new sector, seen by officers concerned, auditors (masked) and the worker only"""

    TABLE = StateTable(
        action("updateWorker", WorkerStatus.ACTIVE, None, *REGISTRARS, Role.RESIDENT),
        action("recordWorkerLeft", WorkerStatus.ACTIVE, WorkerStatus.LEFT, *REGISTRARS, reason=True),
        action("giveConsent", WorkerStatus.ACTIVE, None, *REGISTRARS, Role.RESIDENT),
        action("withdrawConsent", (WorkerStatus.ACTIVE, WorkerStatus.LEFT), None, *REGISTRARS, Role.RESIDENT),
        attribute="status",
    )
    UNIQUE = (
        Unique(("id_number_hash",), NegError.WORKER_EXISTS),
        Unique(("resident_id",), NegError.WORKER_EXISTS),
    )

    resident_id: Annotated[
        Id | None,
        Doc("居民标识 Resident that the worker signs in as"),
        Ref("Resident", inverse="new_employment_worker", single=True),
    ] = None
    display_name: Annotated[Name, Doc("姓名 Name"), Privacy.P1]
    phone_sealed: Annotated[str | None, Doc("联系电话(密文) Phone, sealed"), Privacy.P2, Hidden] = None
    id_number_sealed: Annotated[str, Doc("身份证号(密文) Identity number, sealed"), Privacy.P3, Hidden]
    id_number_hash: Annotated[str, Doc("身份证号摘要 Keyed hash of the identity number"), Privacy.P3, Hidden]
    occupation: Annotated[WorkerOccupation, Doc("职业 Occupation")]
    enterprise_ids: Annotated[list[Id], Doc("所在企业 Enterprises"), Ref("Enterprise", inverse="workers")]
    community_id: Annotated[Id | None, Doc("居住或服务社区 Community"), Ref("Community")] = None
    union_ids: Annotated[
        list[Id],
        Doc("服务的工会 Unions that look after the worker, the first one mainly"),
        Ref("IndustryUnion"),
        Privacy.P1,
        Hidden,
    ]
    registered_on: Annotated[date, Doc("登记日期 Registered on")]
    left_on: Annotated[date | None, Doc("离开日期 Left on")] = None
    consents: Annotated[list[Consent], Doc("同意记录 Consents"), Privacy.P1]
    enrollments: Annotated[int, Doc("参保登记次数 Insurance enrolments so far"), Privacy.P3, Managed, Hidden] = 0
    status: Annotated[WorkerStatus, Doc("状态 Status")] = WorkerStatus.ACTIVE

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return _visible(actor, "union_ids")

    @classmethod
    def snapshot_event(cls) -> type[Event]:
        return WorkerSnapshot

    @property
    def main_union_id(self) -> str | None:
        return self.union_ids[0] if self.union_ids else None

    def place(self) -> Place:
        return Place(owner_id=self.resident_id, community_id=self.community_id, union_id=self.main_union_id)

    def check(self) -> None:
        """Raises NEG_CONSENT_REQUIRED."""
        for purpose in REQUIRED_CONSENTS:
            self.require_consent(purpose)

    def require_active(self, field: str) -> None:
        """Raises NEG_WORKER_LEFT."""
        if self.status is not WorkerStatus.ACTIVE:
            raise NegError.WORKER_LEFT(field=field)

    def require_consent(self, purpose: ConsentPurpose) -> None:
        """Raises NEG_CONSENT_REQUIRED."""
        if not any(consent.purpose is purpose and consent.holds for consent in self.consents):
            raise NegError.CONSENT_REQUIRED(field="consents", purpose=purpose.name)

    def consent(self, purpose: ConsentPurpose, text_version: str, at: datetime) -> None:
        """A newer consent replaces one that holds; those withdrawn stay as evidence."""
        self.consents = [item for item in self.consents if item.purpose is not purpose or not item.holds]
        self.consents.append(Consent(purpose=purpose, text_version=text_version, given_at=at))

    def withdraw(self, purpose: ConsentPurpose, at: datetime) -> None:
        """Raises NEG_CONSENT_UNKNOWN."""
        if not any(item.purpose is purpose and item.holds for item in self.consents):
            raise NegError.CONSENT_UNKNOWN(field="purpose", purpose=purpose.name)
        self.consents = [
            replace(item, withdrawn_at=at) if item.purpose is purpose and item.holds else item for item in self.consents
        ]

    def leave(self, on: date) -> None:
        """Raises NEG_PERIOD_INVALID."""
        if on < self.registered_on:
            raise NegError.PERIOD_INVALID(field="on", start=self.registered_on.isoformat())
        self.TABLE.move(self, "recordWorkerLeft")
        self.left_on = on

    def looked_after_by(self, union_id: str) -> None:
        if union_id not in self.union_ids:
            self.union_ids = [*self.union_ids, union_id]

    def no_longer_looked_after_by(self, union_id: str) -> None:
        self.union_ids = [other for other in self.union_ids if other != union_id]
