"""Mediation of disputes, by spokespersons and residents."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from govkit.domain import (
    Added,
    Aggregate,
    Doc,
    Event,
    Gen,
    Hidden,
    Id,
    LabelEnum,
    Nulled,
    Range,
    Ref,
    Register,
    Role,
    event,
)
from petition.domain.deliberation import HOSTS


class MediationType(LabelEnum):
    """纠纷类型 Type of a mediated dispute"""

    NEIGHBOURS = "邻里纠纷 Neighbours"
    FAMILY = "家庭纠纷 Family"
    PROPERTY = "物业纠纷 Property service"
    OTHER = "其他 Other"


class MediationResult(LabelEnum):
    """调解结果 Result of a mediation"""

    AGREED = "达成一致 Agreed"
    PARTLY_AGREED = "部分一致 Partly agreed"
    NOT_AGREED = "未达成一致 Not agreed"


@event("dispute.reported")
class DisputeReported(Event):
    """上报矛盾纠纷 A resident told a spokesperson of a dispute, which was then mediated"""

    mediation_record_id: Annotated[Id, Doc("调解记录 Mediation")]
    resident_id: Annotated[Id, Doc("居民 Resident who told of it")]
    community_id: Annotated[Id, Doc("社区 Community")]
    mediated_on: Annotated[date, Doc("调解日期 Mediated on")]


@dataclass(kw_only=True)
class MediationRecord(Aggregate):
    """调解记录 Mediation of a dispute by a spokesperson"""

    REGISTER = Register(
        *HOSTS,
        Role.SPOKESPERSON,
        noun="dispute",
        created="mediated",
        create="recordMediation",
        update="updateMediation",
    )

    type: Annotated[MediationType, Doc("纠纷类型 Type")]
    parties_count: Annotated[int, Doc("当事人数 Number of parties"), Range(2, 1_000)]
    result: Annotated[MediationResult, Doc("结果 Result")]
    mediated_on: Annotated[date, Doc("调解日期 Mediated on")]
    spokesperson_id: Annotated[Id | None, Doc("话事员 Spokesperson"), Ref("Spokesperson", inverse="mediations")] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="mediations")]
    petition_id: Annotated[Id | None, Doc("诉求 Petition"), Ref("Petition", inverse="mediations")] = None
    mediator_ids: Annotated[
        list[Id], Doc("调解居民 Residents who mediated, for whom a reward is due"), Ref("Resident"), Added, Nulled
    ] = field(default_factory=list)
    reported_by_id: Annotated[Id | None, Doc("上报居民 Resident who told of it; only without a petition"), Hidden] = (
        None
    )

    def check(self) -> None:
        """Raises GEN_VALIDATION: with a petition, the event for the reward would tell who reported it."""
        if self.petition_id is not None and self.reported_by_id is not None:
            raise Gen.VALIDATION(field="reportedById", rule="only without petitionId")

    def registered(self, verb: str = "created") -> None:
        super().registered(verb)
        if verb == "created" and self.reported_by_id is not None:
            self.record(DisputeReported, resident_id=self.reported_by_id)
