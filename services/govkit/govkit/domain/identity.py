"""Who acts, and how far a role reaches. Authorisation is role ∧ reach ∧ state (domain reference 3.0)."""

from dataclasses import dataclass, field
from enum import Enum

from govkit.domain.errors import Auth


class Role(Enum):
    """Roles of the county; the names are the claim values."""

    RESIDENT = "居民 Resident"
    SPOKESPERSON = "话事员 Spokesperson"
    SUPERVISOR = "城市基层治理监督员 Governance supervisor"
    GRID_WORKER = "网格员 Grid worker"
    BRANCH_SECRETARY = "小区党支部书记 Secretary of a residential-area branch"
    COMMUNITY_SECRETARY = "社区党组织书记 Community secretary"
    STREET_OFFICER = "街道干部 Street officer"
    COUNTY_DISPATCHER = "街呼县应平台调度员 County dispatcher"
    DEPARTMENT_OFFICER = "县直部门工作人员 Department officer"
    COUNTY_LEADER = "县级党员领导干部 County leader"
    PROPERTY_ENTERPRISE = "物业服务企业 Property enterprise"
    PARTNER = "红色合伙人 Red partner"
    SUPERMARKET_MANAGER = "积分超市管理员 Supermarket manager"
    POINTS_REVIEWER = "积分审核员 Points reviewer"
    UNION_OFFICER = "行业工会干部 Union officer"
    INDUSTRY_COMMITTEE_OFFICER = "行业党委干部 Officer of an industry committee"
    ORG_ADMIN = "组织部管理员 Organization department administrator"
    HOUSING_AUTHORITY = "住建部门 Housing authority"
    AUDITOR = "审计员 Auditor: reads all, masked"
    DPO = "个人信息保护负责人 Personal-information officer"
    ADMIN = "系统管理员 Administrator"
    SYSTEM = "系统 The system itself"
    EXTERNAL_SYSTEM = "外部系统 External system"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The jurisdiction in a token."""

    county_wide: bool = False
    street_ids: frozenset[str] = frozenset()
    community_ids: frozenset[str] = frozenset()
    grid_ids: frozenset[str] = frozenset()
    department_id: str | None = None
    partner_id: str | None = None
    enterprise_id: str | None = None
    supermarket_ids: frozenset[str] = frozenset()
    union_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a record lies, for the check against a scope. `None`: it does not lie anywhere on that axis."""

    owner_id: str | None = None
    street_id: str | None = None
    community_id: str | None = None
    grid_id: str | None = None
    department_id: str | None = None
    partner_id: str | None = None
    enterprise_id: str | None = None
    supermarket_id: str | None = None
    union_id: str | None = None


OWNERS = frozenset({Role.RESIDENT, Role.SUPERVISOR})
STREET_WIDE = frozenset({Role.STREET_OFFICER})
COMMUNITY_WIDE = frozenset({Role.COMMUNITY_SECRETARY, Role.BRANCH_SECRETARY, Role.SPOKESPERSON})
STAFF = frozenset(
    {
        Role.GRID_WORKER,
        Role.BRANCH_SECRETARY,
        Role.COMMUNITY_SECRETARY,
        Role.STREET_OFFICER,
        Role.COUNTY_DISPATCHER,
        Role.DEPARTMENT_OFFICER,
        Role.COUNTY_LEADER,
        Role.ORG_ADMIN,
        Role.HOUSING_AUTHORITY,
        Role.AUDITOR,
        Role.ADMIN,
        Role.SYSTEM,
    }
)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The caller of a command or query. `id` is the token's subject."""

    id: str
    roles: frozenset[Role] = frozenset()
    scope: Scope = field(default_factory=Scope)

    @property
    def authenticated(self) -> bool:
        return self is not ANONYMOUS

    def has(self, roles: frozenset[Role]) -> bool:
        return bool(self.roles & roles)

    def require(self, roles: frozenset[Role], place: Place | None = None) -> None:
        """Pass when one of the actor's roles is among `roles` and reaches `place`.

        Raises AUTH_UNAUTHENTICATED, AUTH_FORBIDDEN (no such role) or AUTH_OUT_OF_SCOPE (the role does not reach).
        """
        if not self.authenticated:
            raise Auth.UNAUTHENTICATED()
        held = self.roles & roles
        if not held:
            raise Auth.FORBIDDEN(allowed=sorted(role.name for role in roles))
        if place is not None and not any(self.reaches(role, place) for role in held):
            raise Auth.OUT_OF_SCOPE()

    def reaches(self, role: Role, place: Place) -> bool:
        """Whether the jurisdiction that this role carries covers `place`.

        Residents reach what is theirs; local roles what their ids name; all other roles the county. A county-wide
        scope lifts the local limits, never that of residents.
        """
        scope = self.scope
        if role in OWNERS:
            return place.owner_id == self.id
        if scope.county_wide:
            return True
        if role in STREET_WIDE:
            return place.street_id in scope.street_ids or place.community_id in scope.community_ids
        if role in COMMUNITY_WIDE:
            return place.community_id in scope.community_ids
        match role:
            case Role.GRID_WORKER:
                return place.grid_id in scope.grid_ids or place.community_id in scope.community_ids
            case Role.DEPARTMENT_OFFICER:
                return place.department_id is not None and place.department_id == scope.department_id
            case Role.PARTNER:
                return place.partner_id is not None and place.partner_id == scope.partner_id
            case Role.PROPERTY_ENTERPRISE:
                return place.enterprise_id is not None and place.enterprise_id == scope.enterprise_id
            case Role.SUPERMARKET_MANAGER:
                return place.supermarket_id in scope.supermarket_ids
            case Role.UNION_OFFICER:
                # Workers belong to no union yet when an officer registers them.
                return bool(scope.union_ids) and (place.union_id is None or place.union_id in scope.union_ids)
        return True


ANONYMOUS = Actor(id="anonymous")
SYSTEM = Actor(id="system", roles=frozenset({Role.SYSTEM}), scope=Scope(county_wide=True))
