"""The reply to the reporter, the rating, the close."""

from dataclasses import dataclass
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Doc, Id, Text
from petition.domain.petitions import Petition
from petition.domain.values import PetitionRating
from petition.domain.vocabulary import RatingResolved, RatingSatisfaction


@dataclass(frozen=True, kw_only=True)
class ReplyPetition:
    id: Annotated[Id, Doc("诉求 Petition")]
    text: Annotated[Text, Doc("回复内容 Text")]


@command(on=Petition)
async def reply_petition(context: Context, input: ReplyPetition) -> Petition:
    """回复诉求 The lead unit answers the reporter; without that no petition is closed."""
    petition = await context.load(Petition, input.id)
    petition.reply_with(input.text, context.actor, context.now)
    return petition


@dataclass(frozen=True, kw_only=True)
class RatePetition:
    id: Annotated[Id, Doc("诉求 Petition")]
    resolved: Annotated[RatingResolved, Doc("是否解决 Whether the matter is resolved")]
    satisfaction: Annotated[RatingSatisfaction, Doc("满意度 How satisfied the reporter is")]


@command(on=Petition)
async def rate_petition(context: Context, input: RatePetition) -> Petition:
    """评价诉求 The reporter rates the reply, once; that closes the petition."""
    petition = await context.load(Petition, input.id)
    rating = PetitionRating(resolved=input.resolved, satisfaction=input.satisfaction, rated_at=context.now)
    petition.rate(rating)
    return petition


@dataclass(frozen=True, kw_only=True)
class ClosePetition:
    id: Annotated[Id, Doc("诉求 Petition")]


@command(on=Petition)
async def close_petition(context: Context, input: ClosePetition) -> Petition:
    """未评价办结 Close a replied petition that nobody rated within seven days, or that has no reporter to rate it."""
    petition = await context.load(Petition, input.id)
    petition.close_unrated(context.now)
    return petition
