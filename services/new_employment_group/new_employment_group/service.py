"""The new-employment-group service, put together."""

from dataclasses import dataclass

from fastapi import FastAPI

from govkit.domain import Clock
from govkit.runtime.settings import ServiceSettings
from govkit.service import Service
from new_employment_group.consumers import CONSUMERS
from new_employment_group.domain.care import CareDelivery, CareMeasure, Plan, PlanProject
from new_employment_group.domain.insurance import InsuranceEnrollment
from new_employment_group.domain.reports import SupervisorReport
from new_employment_group.domain.sectors import Enterprise, IndustryCommittee, NewBusinessPartyOrganization
from new_employment_group.domain.stations import BeeStation, SixHaveStandard, StationInspection
from new_employment_group.domain.supervisors import GovernanceSupervisor, SupervisorBatch, SupervisorPostType
from new_employment_group.domain.unions import IndustryUnion, UnionMembership
from new_employment_group.domain.workers import Worker
from new_employment_group.graphql import COMPUTED, QUERIES
from new_employment_group.handlers import COMMANDS
from new_employment_group.personal_data import NewEmploymentSettings, Vault, use_vault
from new_employment_group.projections.figures import FIGURES
from new_employment_group.projections.references import KEPT
from new_employment_group.seed import seed


@dataclass(frozen=True, kw_only=True)
class NewEmploymentService(Service):
    """Opens the vault for personal data with the settings, before anything else."""

    def application(self, settings: ServiceSettings, clock: Clock | None = None) -> FastAPI:
        _open_vault(settings)
        return super().application(settings, clock)

    async def load_seed(self, settings: ServiceSettings) -> None:
        _open_vault(settings)
        await super().load_seed(settings)


def _open_vault(settings: ServiceSettings) -> None:
    assert isinstance(settings, NewEmploymentSettings)
    use_vault(Vault.of(settings))


SERVICE = NewEmploymentService(
    name="new-employment-group",
    aggregates=[
        IndustryCommittee,
        NewBusinessPartyOrganization,
        Enterprise,
        Worker,
        IndustryUnion,
        UnionMembership,
        InsuranceEnrollment,
        SixHaveStandard,
        BeeStation,
        StationInspection,
        CareMeasure,
        CareDelivery,
        Plan,
        PlanProject,
        SupervisorPostType,
        SupervisorBatch,
        GovernanceSupervisor,
        SupervisorReport,
    ],
    commands=COMMANDS,
    queries=QUERIES,
    computed=COMPUTED,
    consumers=CONSUMERS,
    kept=KEPT,
    listens_to=("organization", "petition"),
    statistics=("newEmploymentStatistics", FIGURES),
    seed_data=seed,
    settings_class=NewEmploymentSettings,
)
