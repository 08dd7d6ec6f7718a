"""Social and accident insurance of workers: a person-time is one enrolment; periods of one type never overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Actor,
    Aggregate,
    Code,
    Doc,
    Event,
    Hidden,
    Id,
    LabelEnum,
    Privacy,
    Ref,
    Role,
    StateTable,
    Visibility,
    action,
    event,
)
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.workers import ConsentPurpose, Worker, personal_records_of

EventType = type[Event]


class InsuranceType(LabelEnum):
    """保险类型 Type of insurance"""

    PENSION = "养老保险 Pension"
    WORK_INJURY = "工伤保险 Work injury"
    OCCUPATIONAL_INJURY = "职业伤害保障 Occupational-injury protection"
    MEDICAL = "医疗保险 Medical"
    UNEMPLOYMENT = "失业保险 Unemployment"
    ACCIDENT = "意外险 Accident"


class InsurancePayer(LabelEnum):
    """缴费主体 Who pays the insurance"""

    ENTERPRISE = "企业 Enterprise"
    SELF = "个人 Self"
    SUBSIDY = "补贴 Subsidy"


class InsuranceState(LabelEnum):
    """参保状态 State of an insurance enrolment"""

    ACTIVE = "参保中 Active"
    LAPSED = "断缴 Lapsed"
    ENDED = "已终止 Ended"


@event("insurance.enrolled")
class InsuranceEnrolled(Event):
    """参保 One person-time more of a type; who it is stays here"""

    insurance_enrollment_id: Annotated[Id, Doc("参保记录 Enrolment")]
    type: Annotated[InsuranceType, Doc("类型 Type")]


@event("insurance.ended")
class InsuranceEnded(Event):
    """参保终止 An enrolment ended"""

    insurance_enrollment_id: Annotated[Id, Doc("参保记录 Enrolment")]
    type: Annotated[InsuranceType, Doc("类型 Type")]


@event("insurance_enrollment.snapshot")
class InsuranceSnapshot(Event):
    """参保快照 A person-time of the past or present"""

    insurance_enrollment_id: Annotated[Id, Doc("参保记录 Enrolment")]
    type: Annotated[InsuranceType, Doc("类型 Type")]
    state: Annotated[InsuranceState, Doc("状态 State")]


@dataclass(kw_only=True)
class InsuranceEnrollment(Aggregate):
    """参保记录 Insurance enrolment: one person-time of one type, from a day to a day (both included) or open"""

    TABLE = StateTable(
        action(
            "endInsurance",
            (InsuranceState.ACTIVE, InsuranceState.LAPSED),
            InsuranceState.ENDED,
            Role.UNION_OFFICER,
            Role.INDUSTRY_COMMITTEE_OFFICER,
        ),
    )

    worker_id: Annotated[Id, Doc("从业者 Worker"), Ref("Worker", inverse="insurance_enrollments")]
    resident_id: Annotated[Id | None, Doc("居民标识 Resident"), Ref("Resident"), Privacy.P3, Hidden] = None
    union_id: Annotated[
        Id | None, Doc("登记时的工会 Union of the worker then"), Ref("IndustryUnion"), Privacy.P3, Hidden
    ] = None
    type: Annotated[InsuranceType, Doc("类型 Type")]
    payer: Annotated[InsurancePayer, Doc("缴费主体 Payer")]
    from_on: Annotated[date, Doc("开始日期 From")]
    to_on: Annotated[date | None, Doc("结束日期 To, included; open when empty")] = None
    evidence_code: Annotated[Code | None, Doc("凭证编号 Number of the evidence on file"), Privacy.P3, Hidden] = None
    state: Annotated[InsuranceState, Doc("状态 State")] = InsuranceState.ACTIVE

    @classmethod
    def visible_to(cls, actor: Actor) -> Visibility:
        return personal_records_of(actor)

    @classmethod
    def snapshot_event(cls) -> EventType:
        return InsuranceSnapshot

    @classmethod
    def enroll(
        cls,
        *,
        id: str,
        worker: Worker,
        type: InsuranceType,
        payer: InsurancePayer,
        from_on: date,
        to_on: date | None,
        others: Iterable["InsuranceEnrollment"],
        evidence_code: str | None = None,
    ) -> "InsuranceEnrollment":
        """A person-time more; `others` are all enrolments of the worker.

        Raises NEG_WORKER_LEFT, NEG_CONSENT_REQUIRED, NEG_PERIOD_INVALID, NEG_COVERAGE_OVERLAP.
        """
        worker.require_active("workerId")
        worker.require_consent(ConsentPurpose.INSURANCE)
        enrollment = cls(
            id=id,
            worker_id=worker.id,
            resident_id=worker.resident_id,
            union_id=worker.main_union_id,
            type=type,
            payer=payer,
            from_on=from_on,
            to_on=to_on,
            evidence_code=evidence_code,
        )
        enrollment._require_period(to_on)
        for other in others:
            if other.overlaps(enrollment):
                raise NegError.COVERAGE_OVERLAP(field="fromOn", enrollmentId=other.id)
        # The worker changes with every enrolment, so that two at the same time cannot both find the period free.
        worker.enrollments += 1
        enrollment.record(InsuranceEnrolled)
        return enrollment

    def overlaps(self, other: "InsuranceEnrollment") -> bool:
        """Whether both are of one type and share a day."""
        starts_in_time = other.to_on is None or self.from_on <= other.to_on
        ends_in_time = self.to_on is None or other.from_on <= self.to_on
        return self.type is other.type and starts_in_time and ends_in_time

    def end(self, on: date) -> None:
        """The last covered day is `on`, never later than was agreed. Raises NEG_PERIOD_INVALID."""
        self._require_period(on)
        if self.to_on is not None and on > self.to_on:
            raise NegError.PERIOD_INVALID(field="on", latest=self.to_on.isoformat())
        self.TABLE.move(self, "endInsurance")
        self.to_on = on
        self.record(InsuranceEnded)

    def _require_period(self, to_on: date | None) -> None:
        if to_on is not None and to_on < self.from_on:
            raise NegError.PERIOD_INVALID(field="toOn", start=self.from_on.isoformat())
