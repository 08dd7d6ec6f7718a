"""Service for service: what workers gave, and what they were helped with."""

from dataclasses import dataclass
from typing import Annotated

from govkit.domain import Doc
from govkit.store.store import Store
from new_employment_group.domain.supervisors import GovernanceSupervisor
from new_employment_group.domain.workers import Worker

EARNED = "points_earned"


@dataclass(frozen=True, kw_only=True)
class ServiceBalance:
    """服务换服务 What a worker gave to the city, and what was done for the worker by name"""

    points_earned: Annotated[int, Doc("获得积分 Points earned by service, those reversed left out")]
    reports_confirmed: Annotated[int, Doc("办结上报数 Reports as a supervisor that were solved, in all terms")]
    insurance_enrollments: Annotated[int, Doc("参保登记次数 Insurance enrolments that were arranged")]


async def balance_of(store: Store, worker: Worker) -> ServiceBalance:
    """Care and visits to stations are counted without names, so they are in no worker's balance."""
    resident_id = worker.resident_id
    terms = await store.find(GovernanceSupervisor, {"resident_id": resident_id}) if resident_id else []
    return ServiceBalance(
        points_earned=await points_earned(store, resident_id) if resident_id else 0,
        reports_confirmed=sum(term.reports_confirmed for term in terms),
        insurance_enrollments=worker.enrollments,
    )


async def points_earned(store: Store, resident_id: str) -> int:
    """As far as this service heard."""
    row = await store.database[EARNED].find_one({"_id": resident_id}) or {}
    reversed = row.get("reversed", {})
    return sum(points for grant, points in row.get("grants", {}).items() if grant not in reversed)
