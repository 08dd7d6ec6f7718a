"""What of a worker's personal data is shown, to whom; and insurance as numbers without persons."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Actor, Doc
from govkit.graphql.functions import computed, query
from govkit.graphql.request import RequestContext
from govkit.graphql.types import mask
from new_employment_group.domain.insurance import InsuranceEnrollment, InsuranceType
from new_employment_group.domain.workers import CASE_OFFICERS, Consent, Worker
from new_employment_group.personal_data import vault
from new_employment_group.projections.balance import ServiceBalance, balance_of


def concerned(actor: Actor, worker: Worker) -> bool:
    """The worker, and officers who work with named workers; auditors see what is masked already."""
    return actor.has(CASE_OFFICERS) or (worker.resident_id is not None and worker.resident_id == actor.id)


@computed(Worker)
async def display_name(worker: Worker, context: RequestContext) -> str | None:
    """姓名 Name, for the worker and the officers concerned; null for others"""
    return worker.display_name if concerned(context.actor, worker) else None


@computed(Worker)
async def phone_masked(worker: Worker, context: RequestContext) -> str | None:
    """联系电话(脱敏) Phone, masked"""
    if worker.phone_sealed is None:
        return None
    return mask(vault().open(worker.phone_sealed, worker.id))


@computed(Worker)
async def id_number_masked(worker: Worker, context: RequestContext) -> str | None:
    """身份证号(脱敏) Identity number, masked, for the worker and the officers concerned; never shown in full"""
    if not concerned(context.actor, worker):
        return None
    return mask(vault().open(worker.id_number_sealed, worker.id))


@computed(Worker)
async def consents(worker: Worker, context: RequestContext) -> list[Consent]:
    """同意记录 Consents, those withdrawn included; empty for those not concerned"""
    return worker.consents if concerned(context.actor, worker) else []


@computed(Worker)
async def service_balance(worker: Worker, context: RequestContext) -> ServiceBalance | None:
    """服务换服务 Service given and received, for the worker and the officers concerned; null for others"""
    return await balance_of(context.store, worker) if concerned(context.actor, worker) else None


@dataclass(frozen=True, kw_only=True)
class InsuranceCount:
    """参保数 Person-times of one type"""

    type: Annotated[InsuranceType, Doc("类型 Type")]
    person_times: Annotated[int, Doc("人次 Person-times")]


@dataclass(frozen=True, kw_only=True)
class InsuranceStatistics:
    """参保统计 Insurance in numbers"""

    person_times: Annotated[int, Doc("参保人次 Person-times: enrolments")]
    persons: Annotated[int, Doc("参保人数 Distinct persons, never more than person-times")]
    by_type: Annotated[list[InsuranceCount], Doc("按类型 By type")]


@query
async def insurance_statistics(context: RequestContext) -> InsuranceStatistics:
    """参保统计 Person-times by type, and how many persons they are"""
    enrollments = context.store.collection(InsuranceEnrollment)
    by_type = {row["_id"]: row["n"] async for row in enrollments.aggregate([_count_by("type")])}
    persons = [row["n"] async for row in enrollments.aggregate([{"$group": {"_id": "$worker_id"}}, {"$count": "n"}])]
    return InsuranceStatistics(
        person_times=sum(by_type.values()),
        persons=sum(persons),
        by_type=[
            InsuranceCount(type=type_, person_times=by_type[type_.name])
            for type_ in InsuranceType
            if type_.name in by_type
        ],
    )


def _count_by(name: str) -> dict[str, object]:
    return {"$group": {"_id": f"${name}", "n": {"$sum": 1}}}
