"""What of a petition depends on who asks: its reporter, their contact, the exact place (domain reference 3.8)."""

from dataclasses import dataclass
from typing import Annotated, Any

import strawberry

from govkit.domain import Actor, Doc, GeoPoint, Name, Ref, Role
from govkit.graphql.edges import Reference
from govkit.graphql.functions import Computed, computed, make_field
from govkit.graphql.lists import connect, connection_type, list_arguments
from govkit.graphql.request import RequestContext
from govkit.graphql.types import mask
from govkit.store.conditions import Query, both, from_where
from petition.domain.access import CASE_STAFF, handles, in_charge, visible_cases
from petition.domain.categories import PetitionCategory
from petition.domain.petitions import Petition
from petition.domain.values import PetitionLocation
from petition.domain.vocabulary import PetitionSourceType, PetitionVisibility

COARSE_DEGREES = 0.0005
"""About fifty metres: what everyone may know of where a private dwelling lies."""


@dataclass(frozen=True, kw_only=True)
class PetitionReporter:
    """反映人联系方式 Name and phone of a reporter, as far as the caller may see them"""

    name: Annotated[Name | None, Doc("姓名 Name")]
    phone: Annotated[str | None, Doc("电话 Phone")]
    masked: Annotated[bool, Doc("已脱敏 Whether anything of it is masked")]


def is_own(actor: Actor, petition: Petition) -> bool:
    return petition.reporter_id is not None and petition.reporter_id == actor.id


def may_know_reporter(actor: Actor, petition: Petition) -> bool:
    """The reporter, and staff in charge unless the petition is anonymous."""
    return is_own(actor, petition) or (not petition.anonymous and in_charge(actor, petition.place()))


@computed(Petition)
async def reporter(petition: Petition, context: RequestContext) -> Annotated[Reference, Ref("Resident")]:
    """反映人 Reporter; for the reporter and staff in charge only, null for everyone else and when anonymous"""
    known = petition.reporter_id is not None and may_know_reporter(context.actor, petition)
    return Reference("Resident", "id", str(petition.reporter_id)) if known else None  # type: ignore[return-value]


@computed(Petition)
async def source_id(petition: Petition, context: RequestContext) -> strawberry.ID | None:
    """来源标识 Supervisor, grid event or meeting; a supervisor, being the reporter, only to those who may know that"""
    hidden = petition.source_type is PetitionSourceType.SUPERVISOR and not may_know_reporter(context.actor, petition)
    return None if hidden or petition.source_id is None else strawberry.ID(petition.source_id)


@computed(Petition)
async def reporter_contact(petition: Petition, context: RequestContext) -> PetitionReporter | None:
    """联系方式 Contact: plain for the reporter; name plain and phone masked for whoever handles the case; masked for
    other staff in charge; null for everyone else"""
    contact, actor = petition.reporter_contact, context.actor
    if contact is None or not may_know_reporter(actor, petition):
        return None
    if is_own(actor, petition):
        return PetitionReporter(name=contact.name, phone=contact.phone, masked=False)
    handling = petition.level is not None and handles(actor, petition.level, petition.place())
    auditing = actor.roles & CASE_STAFF == {Role.AUDITOR}
    return PetitionReporter(
        name=contact.name if handling else mask(contact.name),
        phone=None if auditing else mask(contact.phone),
        masked=True,
    )


@computed(Petition)
async def location(petition: Petition, context: RequestContext) -> PetitionLocation | None:
    """位置 Location: exact for the reporter and staff in charge; for others, when it may be a private dwelling, to some
    fifty metres and without the address"""
    exact = petition.location
    actor = context.actor
    if exact is None or is_own(actor, petition) or in_charge(actor, petition.place()):
        return exact
    if petition.visibility is PetitionVisibility.PUBLIC and not await _private(petition, context):
        return exact
    return PetitionLocation(
        point=GeoPoint(longitude=_coarse(exact.point.longitude), latitude=_coarse(exact.point.latitude)),
        precision_m=max(exact.precision_m or 0, 50),
    )


def _coarse(degrees: float) -> float:
    return round(round(degrees / COARSE_DEGREES) * COARSE_DEGREES, 4)


async def _private(petition: Petition, context: RequestContext) -> bool:
    category = await context.load(PetitionCategory, petition.category_code, "code")
    return category is None or category.private


def petitions_of(resident_id: str, actor: Actor) -> Query:
    """A resident's petitions: all of them for the resident, those that they may know the reporter of for staff."""
    mine: Query = {"reporter_id": resident_id}
    if resident_id == actor.id:
        return mine
    return both(mine, {"anonymous": False}, _in_charge_of(actor))


def _in_charge_of(actor: Actor) -> Query:
    """The petitions in whose places the caller is staff in charge: what is visible by jurisdiction alone."""
    by_place = [where for where in visible_cases(actor) if "visibility" not in where and "reporter_id" not in where]
    if not by_place or not actor.roles & CASE_STAFF:
        return {"_id": {"$in": []}}
    return {} if {} in by_place else {"$or": [from_where(where) for where in by_place]}


async def _resolve_petitions(root: Any, context: RequestContext, given: dict[str, Any]) -> Any:
    context.require_signed_in()
    return await connect(context, Petition, petitions_of(root.id, context.actor), given)


RESIDENT_PETITIONS = Computed(
    "Resident",
    "petitions",
    lambda types: make_field(
        "petitions",
        connection_type(Petition),
        "诉求 Petitions of this resident: for the resident, and those in their charge for staff",
        _resolve_petitions,
        list_arguments(Petition),
    ),
)

COMPUTED: list[Computed] = [reporter, source_id, reporter_contact, location, RESIDENT_PETITIONS]
