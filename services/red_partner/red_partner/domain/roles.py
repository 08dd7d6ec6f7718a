"""Who acts in this service: the groups of roles that the state tables name."""

from govkit.domain import Role

ORGANIZERS = (
    Role.COMMUNITY_SECRETARY,
    Role.BRANCH_SECRETARY,
    Role.GRID_WORKER,
    Role.STREET_OFFICER,
    Role.ADMIN,
)
"""Staff of a community: they hold events and look after those who come."""

REVIEWERS = (Role.COMMUNITY_SECRETARY, Role.STREET_OFFICER, Role.ADMIN)
"""Who decides on partners, publishes and cancels events."""

RESIDENTS = (Role.RESIDENT, Role.SUPERVISOR)
"""Who registers for events in their own name."""

OVERSEERS = frozenset({Role.AUDITOR, Role.ADMIN, Role.SYSTEM})
"""Who reads all registrations."""
