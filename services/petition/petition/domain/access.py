"""Who may read a case, and who sees the reporter (domain reference 3.8)."""

from govkit.domain import EVERYTHING, STAFF, Actor, Place, Role, Visibility
from petition.domain.vocabulary import PetitionVisibility, ResponseLevel

CASE_STAFF = frozenset(
    {
        Role.GRID_WORKER,
        Role.BRANCH_SECRETARY,
        Role.COMMUNITY_SECRETARY,
        Role.STREET_OFFICER,
        Role.COUNTY_DISPATCHER,
        Role.DEPARTMENT_OFFICER,
        Role.COUNTY_LEADER,
        Role.AUDITOR,
        Role.ADMIN,
        Role.SYSTEM,
    }
)
"""Staff whose work are cases: only they see confidential ones, and who reported."""

REPORTERS = (Role.RESIDENT, Role.SUPERVISOR)
TRIAGE = (Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, Role.COUNTY_DISPATCHER)

HANDLERS = {
    ResponseLevel.GRID: frozenset({Role.GRID_WORKER, Role.BRANCH_SECRETARY, Role.COMMUNITY_SECRETARY}),
    ResponseLevel.COMMUNITY: frozenset({Role.BRANCH_SECRETARY, Role.COMMUNITY_SECRETARY}),
    ResponseLevel.STREET: frozenset({Role.STREET_OFFICER}),
    ResponseLevel.COUNTY_DEPARTMENT: frozenset({Role.DEPARTMENT_OFFICER}),
}
"""Who works for the unit of a level. A grid is worked by its own people and those of its community."""

HIGHEST_DISPATCH = {
    Role.COMMUNITY_SECRETARY: ResponseLevel.COMMUNITY,
    Role.STREET_OFFICER: ResponseLevel.STREET,
    Role.COUNTY_DISPATCHER: ResponseLevel.COUNTY_DEPARTMENT,
}
"""Up to which level a role may dispatch: units of its own level and below (domain reference 3.3)."""


def handles(actor: Actor, level: ResponseLevel, place: Place) -> bool:
    """Whether the caller works for the unit of this level at this place."""
    return any(actor.reaches(role, place) for role in actor.roles & HANDLERS[level])


def may_dispatch(actor: Actor, level: ResponseLevel) -> bool:
    levels = list(ResponseLevel)
    return any(
        levels.index(level) <= levels.index(HIGHEST_DISPATCH[role]) for role in actor.roles & HIGHEST_DISPATCH.keys()
    )


def in_charge(actor: Actor, place: Place) -> bool:
    """Whether the caller is staff in whose jurisdiction the case lies."""
    return any(actor.reaches(role, place) for role in actor.roles & CASE_STAFF)


def visible_cases(actor: Actor) -> Visibility:
    """Public cases for everyone, internal ones for staff, confidential ones for staff in charge, own ones always.

    For records with `visibility`, `reporter_id`, `street_id`, `community_id`, `grid_code`, `department_id`.
    """
    staff = actor.roles & CASE_STAFF
    if any(actor.reaches(role, Place()) for role in staff):
        return EVERYTHING
    own = {"reporter_id": actor.id}
    if not actor.roles & STAFF:
        return ({"visibility": PetitionVisibility.PUBLIC}, own)
    scope = actor.scope
    open_to_staff = frozenset({PetitionVisibility.PUBLIC, PetitionVisibility.INTERNAL})
    local = {
        "grid_code": scope.grid_ids if Role.GRID_WORKER in staff else frozenset(),
        "community_id": scope.community_ids if staff - {Role.DEPARTMENT_OFFICER} else frozenset(),
        "street_id": scope.street_ids if Role.STREET_OFFICER in staff else frozenset(),
        "department_id": frozenset({scope.department_id} if scope.department_id else ())
        if Role.DEPARTMENT_OFFICER in staff
        else frozenset(),
    }
    return ({"visibility": open_to_staff}, own, *({name: ids} for name, ids in local.items() if ids))
