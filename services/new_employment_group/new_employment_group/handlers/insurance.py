"""Commands on insurance."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Role
from new_employment_group.domain.insurance import InsuranceEnrollment, InsurancePayer, InsuranceType
from new_employment_group.domain.workers import Worker


@dataclass(frozen=True, kw_only=True)
class EnrollInsurance:
    worker_id: Annotated[Id, Doc("从业者 Worker")]
    type: Annotated[InsuranceType, Doc("类型 Type")]
    payer: Annotated[InsurancePayer, Doc("缴费主体 Payer")]
    from_on: Annotated[date, Doc("开始日期 From")]
    to_on: Annotated[date | None, Doc("结束日期 To, included; open when left out")] = None
    evidence_code: Annotated[Code | None, Doc("凭证编号 Number of the evidence on file")] = None


@command(Role.UNION_OFFICER, Role.INDUSTRY_COMMITTEE_OFFICER)
async def enroll_insurance(context: Context, input: EnrollInsurance) -> InsuranceEnrollment:
    """参保登记 Enrol a worker: one person-time more; periods of one type do not overlap."""
    worker = await context.get(Worker, input.worker_id, "workerId")
    await context.authorise(worker)
    enrollment = InsuranceEnrollment.enroll(
        id=context.new_id(),
        worker=worker,
        type=input.type,
        payer=input.payer,
        from_on=input.from_on,
        to_on=input.to_on,
        others=await context.find(InsuranceEnrollment, worker_id=worker.id),
        evidence_code=input.evidence_code,
    )
    return await context.add(enrollment)


@dataclass(frozen=True, kw_only=True)
class EndInsurance:
    id: Annotated[Id, Doc("参保记录 Enrolment")]
    on: Annotated[date, Doc("最后一天 Last day that is covered")]


@command(on=InsuranceEnrollment)
async def end_insurance(context: Context, input: EndInsurance) -> InsuranceEnrollment:
    """终止参保 End an enrolment."""
    enrollment = await context.load(InsuranceEnrollment, input.id)
    enrollment.end(input.on)
    return enrollment
