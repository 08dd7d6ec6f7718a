"""Party organizations of four levels, their posts and who holds them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Actor,
    Aggregate,
    Doc,
    Event,
    GovError,
    Id,
    LabelEnum,
    Managed,
    Name,
    Phone,
    Privacy,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    action,
    event,
)
from organization.domain.errors import OrgError


class PartyOrganizationType(LabelEnum):
    """党组织类型 Type of Party organization"""

    COUNTY_COMMITTEE = "县委 County committee"
    STREET_WORKING_COMMITTEE = "街道党工委 Street working committee"
    COMMUNITY_COMMITTEE = "社区大党委 Community committee (extended)"
    AREA_BRANCH = "小区(网格)党支部 Residential-area branch"
    BUILDING_GROUP = "楼宇党小组 Building group"
    CENTER_HOUSEHOLD = "党员中心户 Party-member centre household"
    PROPERTY_INDUSTRY_COMMITTEE = "物业管理行业党委 Property-industry committee"
    PROPERTY_ENTERPRISE_ORG = "物业服务企业党组织 Organization of a property enterprise"
    RESIDENT_UNIT_ORG = "驻区单位党组织 Organization of a resident unit"
    INDUSTRY_COMMITTEE = "新业态行业党委 Industry committee of the new sectors"
    NEW_BUSINESS_ORG = "新业态企业党组织 Organization of a new-business enterprise"


T = PartyOrganizationType
PARENTS: dict[T, frozenset[T]] = {
    T.STREET_WORKING_COMMITTEE: frozenset({T.COUNTY_COMMITTEE}),
    T.COMMUNITY_COMMITTEE: frozenset({T.STREET_WORKING_COMMITTEE}),
    T.AREA_BRANCH: frozenset({T.COMMUNITY_COMMITTEE}),
    T.BUILDING_GROUP: frozenset({T.AREA_BRANCH}),
    T.CENTER_HOUSEHOLD: frozenset({T.BUILDING_GROUP}),
    T.PROPERTY_INDUSTRY_COMMITTEE: frozenset({T.COUNTY_COMMITTEE}),
    T.PROPERTY_ENTERPRISE_ORG: frozenset({T.PROPERTY_INDUSTRY_COMMITTEE}),
    T.RESIDENT_UNIT_ORG: frozenset({T.COUNTY_COMMITTEE, T.STREET_WORKING_COMMITTEE}),
}
"""Which types may stand above which. Types that are missing here have no parent, or come from another service."""

LEVELS: dict[T, int] = {T.COMMUNITY_COMMITTEE: 1, T.AREA_BRANCH: 2, T.BUILDING_GROUP: 3, T.CENTER_HOUSEHOLD: 4}
"""The four-level system of the article: committee, branch, group, household."""


class PartyOrganizationStatus(LabelEnum):
    """党组织状态 Status of a Party organization"""

    ACTIVE = "在册 Active"
    DISSOLVED = "已撤销 Dissolved"


class RegisterSource(LabelEnum):
    """登记来源 Whose register a record comes from"""

    LOCAL = "本服务 This service"
    NEW_EMPLOYMENT_GROUP = "新就业群体服务 The new-employment-group service"


@event("party_organization.established")
class PartyOrganizationEstablished(Event):
    """党组织成立 A Party organization was established"""

    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    type: Annotated[PartyOrganizationType, Doc("类型 Type")]
    parent_id: Annotated[Id | None, Doc("上级党组织 Parent")]
    community_id: Annotated[Id | None, Doc("社区 Community")]
    residential_area_id: Annotated[Id | None, Doc("小区 Residential area")]


@event("party_organization.dissolved")
class PartyOrganizationDissolved(Event):
    """党组织撤销 A Party organization was dissolved"""

    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    type: Annotated[PartyOrganizationType, Doc("类型 Type")]
    dissolved_on: Annotated[date, Doc("撤销日期 Dissolved on")]


@dataclass(kw_only=True)
class PartyOrganization(Aggregate):
    """党组织 Party organization: committee, branch, group or household of the four-level system, or of an industry"""

    TABLE = StateTable(
        action(
            "dissolvePartyOrganization",
            PartyOrganizationStatus.ACTIVE,
            PartyOrganizationStatus.DISSOLVED,
            Role.ORG_ADMIN,
            reason=True,
        ),
        attribute="status",
    )
    UNIQUE = (
        Unique(
            ("residential_area_id",),
            OrgError.BRANCH_EXISTS,
            {"type": T.AREA_BRANCH, "status": PartyOrganizationStatus.ACTIVE},
        ),
        Unique(
            ("community_id",),
            OrgError.COMMITTEE_EXISTS,
            {"type": T.COMMUNITY_COMMITTEE, "status": PartyOrganizationStatus.ACTIVE},
        ),
        Unique(
            ("type",),
            OrgError.SINGLETON_EXISTS,
            {"type": T.PROPERTY_INDUSTRY_COMMITTEE, "status": PartyOrganizationStatus.ACTIVE},
        ),
    )

    name: Annotated[Name, Doc("名称 Name")]
    type: Annotated[PartyOrganizationType, Doc("类型 Type")]
    level: Annotated[int | None, Doc("四级体系中的层级 Level in the four-level system, 1 to 4")]
    parent_id: Annotated[Id | None, Doc("上级党组织 Parent"), Ref("PartyOrganization", inverse="children")]
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community", inverse="party_organizations")]
    residential_area_id: Annotated[
        Id | None, Doc("小区 Residential area"), Ref("ResidentialArea", inverse="party_organizations")
    ]
    micro_grid_ids: Annotated[list[Id], Doc("联系的微网格 Micro-grids that it looks after"), Ref("MicroGrid")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    dissolved_on: Annotated[date | None, Doc("撤销日期 Dissolved on")] = None
    member_count: Annotated[int, Doc("党员数 Members"), Range(0, 100_000)] = 0
    status: Annotated[PartyOrganizationStatus, Doc("状态 Status")] = PartyOrganizationStatus.ACTIVE
    source: Annotated[RegisterSource, Doc("登记来源 Register of record")] = RegisterSource.LOCAL
    industry_committee_id: Annotated[
        Id | None, Doc("对应的行业党委 Industry committee that this row shows"), Ref("IndustryCommittee")
    ] = None
    new_business_party_organization_id: Annotated[
        Id | None,
        Doc("对应的新业态企业党组织 Party organization of the new sectors that this row shows"),
        Ref("NewBusinessPartyOrganization"),
    ] = None

    def refusal(self, action: str, actor: Actor) -> GovError | None:
        """What another service registers is changed there: ORG_READ_ONLY_COPY."""
        return None if self.source is RegisterSource.LOCAL else OrgError.READ_ONLY_COPY(source=self.source.name)

    def require_local(self, field: str) -> None:
        """Raises ORG_READ_ONLY_COPY."""
        if self.source is not RegisterSource.LOCAL:
            raise OrgError.READ_ONLY_COPY(field=field, source=self.source.name)

    @classmethod
    def establish(
        cls,
        *,
        id: str,
        name: str,
        type: PartyOrganizationType,
        parent: "PartyOrganization | None",
        established_on: date,
        community_id: str | None = None,
        residential_area_id: str | None = None,
        micro_grid_ids: list[str] | None = None,
        member_count: int = 0,
    ) -> "PartyOrganization":
        """A new organization under `parent`. Raises ORG_INVALID_PARENT_LEVEL, ORG_READ_ONLY_COPY."""
        if parent:
            parent.require_local("parentId")
        allowed = PARENTS.get(type, frozenset())
        if (parent is None) != (not allowed) or (parent and parent.type not in allowed):
            raise OrgError.INVALID_PARENT_LEVEL(
                field="parentId", type=type.name, allowed=sorted(t.name for t in allowed)
            )
        organization = cls(
            id=id,
            name=name,
            type=type,
            level=LEVELS.get(type),
            parent_id=parent.id if parent else None,
            community_id=community_id or (parent.community_id if parent else None),
            residential_area_id=residential_area_id or (parent.residential_area_id if parent else None),
            micro_grid_ids=micro_grid_ids or [],
            established_on=established_on,
            member_count=member_count,
        )
        organization.record(PartyOrganizationEstablished)
        return organization

    def dissolve(self, on: date, active_children: int) -> None:
        """Raises ORG_HAS_ACTIVE_CHILDREN."""
        if active_children:
            raise OrgError.HAS_ACTIVE_CHILDREN(children=active_children)
        self.TABLE.move(self, "dissolvePartyOrganization")
        self.dissolved_on = on
        self.record(PartyOrganizationDissolved)


class PostRole(LabelEnum):
    """职务 Role of a post"""

    SECRETARY = "书记 Secretary"
    DEPUTY_SECRETARY = "副书记 Deputy secretary"
    STANDING_MEMBER = "委员 Member"
    PART_TIME_MEMBER = "兼职委员 Part-time member"
    GROUP_LEADER = "组长 Group leader"
    HOUSEHOLD_HEAD = "中心户户主 Head of the centre household"
    LIAISON = "联络员 Liaison"


@dataclass(kw_only=True)
class Person(Aggregate):
    """任职人员 Office holder or member of staff; residents are never stored here"""

    PLURAL = "persons"
    REGISTER = Register(Role.ORG_ADMIN)

    name: Annotated[Name, Doc("姓名 Name of an office holder")]
    phone: Annotated[Phone | None, Doc("联系电话 Phone"), Privacy.P2] = None


@dataclass(kw_only=True)
class Post(Aggregate):
    """职位 Post of a Party organization: a role and how many may hold it"""

    UNIQUE = (Unique(("party_organization_id", "role"), OrgError.DUPLICATE_CODE),)
    REGISTER = Register(Role.ORG_ADMIN)

    party_organization_id: Annotated[Id, Doc("党组织 Party organization"), Ref("PartyOrganization", inverse="posts")]
    role: Annotated[PostRole, Doc("职务 Role")]
    capacity: Annotated[int, Doc("职数 How many may hold it"), Range(1, 100)]


class AppointmentState(LabelEnum):
    """任职状态 State of an appointment"""

    ACTIVE = "在任 Active"
    ENDED = "已卸任 Ended"


@event("appointment.started")
class AppointmentStarted(Event):
    """任职开始,自开始日期起任职 Someone was appointed to a post, from the date of the start"""

    appointment_id: Annotated[Id, Doc("任职 Appointment")]
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    person_id: Annotated[Id, Doc("任职人员 Office holder")]
    role: Annotated[PostRole, Doc("职务 Role")]
    start_on: Annotated[date, Doc("开始日期 From")]


@event("appointment.ended")
class AppointmentEnded(Event):
    """任职结束 Someone left a post, on the date of the end"""

    appointment_id: Annotated[Id, Doc("任职 Appointment")]
    party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    person_id: Annotated[Id, Doc("任职人员 Office holder")]
    role: Annotated[PostRole, Doc("职务 Role")]
    end_on: Annotated[date, Doc("结束日期 To")]


@dataclass(kw_only=True)
class Appointment(Aggregate):
    """任职 Appointment: a person in a post of a Party organization; at most one active secretary each"""

    TABLE = StateTable(
        action(
            "endAppointment", AppointmentState.ACTIVE, AppointmentState.ENDED, Role.ORG_ADMIN, Role.COMMUNITY_SECRETARY
        )
    )
    UNIQUE = (
        Unique(
            ("party_organization_id",),
            OrgError.POST_OCCUPIED,
            {"role": PostRole.SECRETARY, "state": AppointmentState.ACTIVE},
        ),
    )

    party_organization_id: Annotated[
        Id, Doc("党组织 Party organization"), Ref("PartyOrganization", inverse="appointments")
    ]
    organization_type: Annotated[PartyOrganizationType, Doc("党组织类型 Type of the organization"), Managed]
    community_id: Annotated[Id | None, Doc("社区 Community"), Ref("Community"), Managed]
    role: Annotated[PostRole, Doc("职务 Role")]
    person_id: Annotated[Id, Doc("任职人员 Office holder"), Ref("Person", inverse="appointments")]
    on_behalf_of_id: Annotated[Id | None, Doc("代表的单位或组织 Organization that a part-time member acts for")] = None
    start_on: Annotated[date, Doc("开始日期 From")]
    end_on: Annotated[date | None, Doc("结束日期 To")] = None
    state: Annotated[AppointmentState, Doc("状态 State")] = AppointmentState.ACTIVE

    @classmethod
    def start(
        cls,
        *,
        id: str,
        organization: PartyOrganization,
        role: PostRole,
        person_id: str,
        start_on: date,
        on_behalf_of_id: str | None = None,
    ) -> "Appointment":
        """Raises ORG_NOT_ELIGIBLE_ORGANIZATION for a part-time member who acts for nobody, ORG_READ_ONLY_COPY."""
        organization.require_local("partyOrganizationId")
        if role is PostRole.PART_TIME_MEMBER and not on_behalf_of_id:
            raise OrgError.NOT_ELIGIBLE_ORGANIZATION(field="onBehalfOfId")
        appointment = cls(
            id=id,
            party_organization_id=organization.id,
            organization_type=organization.type,
            community_id=organization.community_id,
            role=role,
            person_id=person_id,
            on_behalf_of_id=on_behalf_of_id,
            start_on=start_on,
        )
        appointment.record(AppointmentStarted)
        return appointment

    def end(self, on: date) -> None:
        """Raises ORG_PERIOD_INVALID."""
        if on < self.start_on:
            raise OrgError.PERIOD_INVALID(field="on", start=self.start_on.isoformat())
        self.TABLE.move(self, "endAppointment")
        self.end_on = on
        self.record(AppointmentEnded)
