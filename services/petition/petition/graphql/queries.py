"""Queries beside the derived ones."""

from typing import Annotated, Any

from govkit.domain import Code, Doc, Gen, Id
from govkit.graphql.functions import Computed, Query, computed, make_field, query
from govkit.graphql.lists import connect, connection_type, list_arguments
from govkit.graphql.request import RequestContext
from petition.domain.categories import PetitionCategory
from petition.domain.petitions import Petition
from petition.domain.values import HandlingUnit, PetitionStep
from petition.domain.vocabulary import ResponseLevel
from petition.projections.units import responsible_unit


async def _resolve_mine(_root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
    context.require_signed_in()
    return await connect(context, Petition, {"reporter_id": context.actor.id}, given)


MY_PETITIONS = Query(
    "myPetitions",
    lambda types: make_field(
        "myPetitions",
        connection_type(Petition),
        "我的诉求 Petitions that the caller reported, anonymous ones included",
        _resolve_mine,
        list_arguments(Petition),
    ),
)


@query
async def petition_timeline(
    context: RequestContext,
    id: Annotated[Id | None, Doc("诉求 Petition, by id")] = None,
    number: Annotated[Code | None, Doc("诉求编号 Petition, by number")] = None,
) -> list[PetitionStep] | None:
    """办理进度 The steps of a petition so far, oldest first; null when there is none to be seen"""
    if (id is None) == (number is None):
        raise Gen.VALIDATION(field="id", rule="exactly one key", keys=["id", "number"])
    found = await context.load(Petition, id or number, "id" if id else "number")
    return found.steps if found else None


@computed(Petition)
async def suggested_unit(
    petition: Petition,
    context: RequestContext,
    level: Annotated[ResponseLevel | None, Doc("层级 Level; else the petition's own")] = None,
) -> HandlingUnit | None:
    """建议承办单位 The unit that a dispatch without a named unit goes to; null when none is known"""
    wanted = level or petition.level
    return await responsible_unit(context.store, petition, wanted) if wanted else None


@computed(PetitionCategory)
async def level(category: PetitionCategory, context: RequestContext) -> int:
    """层次 Depth in the tree: 1 大类 top, 2 中类 middle, 3 小类 leaf"""
    return category.depth


QUERIES: list[Query] = [MY_PETITIONS, petition_timeline]
COMPUTED: list[Computed] = [suggested_unit, level]
