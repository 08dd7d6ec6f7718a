"""The petition service, put together."""

from govkit.demonstration import demonstration
from govkit.service import Service
from petition.consumers import CONSUMERS, KEPT
from petition.domain.categories import PetitionCategory
from petition.domain.check_ins import OpinionCollector, PartyMemberCheckIn
from petition.domain.claims import Claim, MicroWish, VolunteerPost
from petition.domain.deliberation import CouncilHall, CouncilMeeting, Spokesperson
from petition.domain.errors import PetError
from petition.domain.mediation import MediationRecord
from petition.domain.outreach import (
    DoorKnockingRound,
    GroupPost,
    HouseholdVisit,
    LanzhixinTeam,
    MicroCollectionSession,
    WeChatGroup,
)
from petition.domain.petitions import Petition
from petition.domain.work_orders import WorkOrder
from petition.graphql import check_ins, queries, reporter, surroundings
from petition.graphql.subscriptions import SUBSCRIPTIONS
from petition.handlers import COMMANDS
from petition.projections.figures import FIGURES
from petition.projections.gauges import GAUGES

SERVICE = Service(
    name="petition",
    aggregates=[
        PetitionCategory,
        Petition,
        WorkOrder,
        CouncilHall,
        CouncilMeeting,
        Spokesperson,
        MediationRecord,
        LanzhixinTeam,
        DoorKnockingRound,
        HouseholdVisit,
        MicroCollectionSession,
        WeChatGroup,
        GroupPost,
        PartyMemberCheckIn,
        OpinionCollector,
        VolunteerPost,
        MicroWish,
        Claim,
    ],
    commands=COMMANDS,
    queries=queries.QUERIES,
    computed=[*reporter.COMPUTED, *queries.COMPUTED, *check_ins.COMPUTED, *surroundings.COMPUTED],
    subscriptions=SUBSCRIPTIONS,
    consumers=CONSUMERS,
    kept=KEPT,
    listens_to=["organization", "grid", "new-employment-group"],
    statistics=("petitionStatistics", FIGURES),
    gauges=GAUGES,
    errors=PetError,
    seed_data=demonstration("petition.seed"),
)
