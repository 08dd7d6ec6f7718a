"""The article's figures that this service answers for, each a count over its own records (domain reference 5.2)."""

from govkit.graphql.statistics import Figure
from petition.domain.deliberation import CouncilHall, Spokesperson, SpokespersonState
from petition.domain.outreach import DoorKnockingRound, LanzhixinTeam, MicroCollectionSession, WeChatGroup
from petition.domain.petitions import Petition
from petition.domain.vocabulary import PetitionState

RESOLVED = (PetitionState.RESOLVED, PetitionState.REPLIED, PetitionState.RATED, PetitionState.CLOSED)

FIGURES = (
    Figure("halls", "红色议事厅 Council halls", CouncilHall),
    Figure("spokespersons", "话事员 Spokespersons in office", Spokesperson, {"state": SpokespersonState.ACTIVE}),
    Figure("teams", "“兰知心”小队 Lanzhixin teams", LanzhixinTeam),
    Figure("doorKnockingRounds", "“敲门行动”轮次 Door-knocking rounds", DoorKnockingRound),
    Figure("microCollections", "“微征集”活动 Micro-collection sessions", MicroCollectionSession),
    Figure("weChatGroups", "议事微信群 WeChat groups", WeChatGroup),
    Figure("petitionsResolved", "累计解决诉求 Petitions resolved", Petition, {"state": RESOLVED}),
)
