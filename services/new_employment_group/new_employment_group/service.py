"""The new-employment-group service, put together."""

from dataclasses import dataclass

from govkit.demonstration import demonstration
from govkit.runtime.settings import ServiceSettings
from govkit.service import Service
from govkit.store.store import Store
from new_employment_group.consumers import CONSUMERS
from new_employment_group.domain.care import CareDelivery, CareMeasure, Plan, PlanProject
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.insurance import InsuranceEnrollment
from new_employment_group.domain.reports import SupervisorReport
from new_employment_group.domain.sectors import Enterprise, IndustryCommittee, NewBusinessPartyOrganization
from new_employment_group.domain.stations import BeeStation, SixHaveStandard, StationInspection
from new_employment_group.domain.supervisors import GovernanceSupervisor, SupervisorBatch, SupervisorPostType
from new_employment_group.domain.unions import IndustryUnion, UnionMembership
from new_employment_group.domain.workers import Worker
from new_employment_group.graphql import COMPUTED, QUERIES
from new_employment_group.handlers import COMMANDS
from new_employment_group.migrations import MIGRATIONS
from new_employment_group.personal_data import NewEmploymentSettings, Vault, require_known_keys, use_vault, vault
from new_employment_group.projections.figures import FIGURES
from new_employment_group.projections.gauges import GAUGES
from new_employment_group.projections.references import KEPT


@dataclass(frozen=True, kw_only=True)
class NewEmploymentService(Service):
    """Opens the vault for personal data with the settings, before anything is read or stored."""

    def store(self, settings: ServiceSettings, client_name: str | None = None) -> Store:
        assert isinstance(settings, NewEmploymentSettings)
        use_vault(Vault.of(settings))
        return super().store(settings, client_name)

    async def require_fit(self, store: Store) -> None:
        """Nor on records that another key has sealed: they would not open, and no number be recognised."""
        await super().require_fit(store)
        await require_known_keys(store.database, vault())


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
    listens_to=("organization", "petition", "points"),
    statistics=("newEmploymentStatistics", FIGURES),
    gauges=GAUGES,
    errors=NegError,
    seed_data=demonstration("new_employment_group.seed"),
    migrations=MIGRATIONS,
    settings_class=NewEmploymentSettings,
)
