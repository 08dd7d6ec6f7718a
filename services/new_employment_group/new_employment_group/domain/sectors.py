"""The sectors: their industry committees, the enterprises, and the Party organizations in these."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.domain import (
    Aggregate,
    Code,
    Doc,
    Event,
    GeoPoint,
    Id,
    LabelEnum,
    Managed,
    Name,
    Pattern,
    Place,
    Range,
    Ref,
    Register,
    Role,
    StateTable,
    Unique,
    action,
    event,
)
from new_employment_group.domain.codes import DEMONSTRATION_CREDIT_CODE, credit_code_holds
from new_employment_group.domain.errors import NegError


class NewEmploymentSector(LabelEnum):
    """新业态行业 Sector of the new economy"""

    LIVE_STREAM_ECOMMERCE = "直播电商 Live-stream e-commerce"
    EXPRESS_LOGISTICS = "快递物流 Express delivery and logistics"
    FOOD_DELIVERY = "外卖配送 Food delivery"


OFFICERS = (Role.INDUSTRY_COMMITTEE_OFFICER, Role.ORG_ADMIN)


@dataclass(kw_only=True)
class IndustryCommittee(Aggregate):
    """行业党委 Industry committee: leads the Party organizations of one sector"""

    UNIQUE = (Unique(("sector",), NegError.COMMITTEE_EXISTS),)
    REGISTER = Register(
        Role.ORG_ADMIN, created="established", create="establishIndustryCommittee", update="updateIndustryCommittee"
    )

    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    name: Annotated[Name, Doc("名称 Name")]
    lead_department_id: Annotated[
        Id | None, Doc("牵头部门 Lead department"), Ref("Department", inverse="industry_committees")
    ] = None
    established_on: Annotated[date, Doc("成立日期 Established on")]
    secretary_name: Annotated[Name | None, Doc("书记 Secretary, an office holder")] = None

    def __post_init__(self) -> None:
        self._sector_before = self.sector

    def check(self) -> None:
        """Its organizations are of its sector. Raises NEG_SECTOR_MISMATCH when it would change."""
        if self.sector is not self._sector_before:
            raise NegError.SECTOR_MISMATCH(field="sector", expected=self._sector_before.name)


class NewBusinessOrganizationType(LabelEnum):
    """新业态企业党组织类型 Type of a Party organization in the new sectors"""

    COMMITTEE = "党委 Committee"
    GENERAL_BRANCH = "党总支 General branch"
    BRANCH = "党支部 Branch"
    JOINT_BRANCH = "联合党支部 Joint branch"


class NewBusinessOrganizationStatus(LabelEnum):
    """新业态企业党组织状态 Status of a Party organization in the new sectors"""

    ACTIVE = "在册 Active"
    DISSOLVED = "已撤销 Dissolved"


@event("new_business_party_organization.established")
class NewBusinessPartyOrganizationEstablished(Event):
    """新业态企业党组织成立 A Party organization of the new sectors was established"""

    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    industry_committee_id: Annotated[Id, Doc("行业党委 Industry committee")]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    type: Annotated[NewBusinessOrganizationType, Doc("类型 Type")]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    member_count: Annotated[int, Doc("党员数 Members")]


@event("new_business_party_organization.changed")
class NewBusinessPartyOrganizationChanged(Event):
    """新业态企业党组织变更 A Party organization of the new sectors changed"""

    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    type: Annotated[NewBusinessOrganizationType, Doc("类型 Type")]
    member_count: Annotated[int, Doc("党员数 Members")]


@event("new_business_party_organization.dissolved")
class NewBusinessPartyOrganizationDissolved(Event):
    """新业态企业党组织撤销 A Party organization of the new sectors was dissolved"""

    new_business_party_organization_id: Annotated[Id, Doc("党组织 Party organization")]
    dissolved_on: Annotated[date, Doc("撤销日期 Dissolved on")]


@dataclass(kw_only=True)
class NewBusinessPartyOrganization(Aggregate):
    """新业态企业党组织 Party organization in enterprises of a new sector: the register of record"""

    TABLE = StateTable(
        action("updateNewBusinessPartyOrganization", NewBusinessOrganizationStatus.ACTIVE, None, *OFFICERS),
        action(
            "dissolveNewBusinessPartyOrganization",
            NewBusinessOrganizationStatus.ACTIVE,
            NewBusinessOrganizationStatus.DISSOLVED,
            *OFFICERS,
            reason=True,
        ),
        attribute="status",
    )

    name: Annotated[Name, Doc("名称 Name")]
    type: Annotated[NewBusinessOrganizationType, Doc("类型 Type")]
    industry_committee_id: Annotated[
        Id, Doc("行业党委 Industry committee"), Ref("IndustryCommittee", inverse="organizations")
    ]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector"), Managed]
    established_on: Annotated[date, Doc("成立日期 Established on")]
    dissolved_on: Annotated[date | None, Doc("撤销日期 Dissolved on")] = None
    member_count: Annotated[int, Doc("党员数 Members"), Range(0, 100_000)] = 0
    status: Annotated[NewBusinessOrganizationStatus, Doc("状态 Status")] = NewBusinessOrganizationStatus.ACTIVE

    @classmethod
    def establish(
        cls,
        *,
        id: str,
        name: str,
        type: NewBusinessOrganizationType,
        committee: IndustryCommittee,
        established_on: date,
        member_count: int,
    ) -> "NewBusinessPartyOrganization":
        organization = cls(
            id=id,
            name=name,
            type=type,
            industry_committee_id=committee.id,
            sector=committee.sector,
            established_on=established_on,
            member_count=member_count,
        )
        organization.record(NewBusinessPartyOrganizationEstablished)
        return organization

    def dissolve(self, on: date) -> None:
        """Raises NEG_PERIOD_INVALID."""
        if on < self.established_on:
            raise NegError.PERIOD_INVALID(field="on", start=self.established_on.isoformat())
        self.TABLE.move(self, "dissolveNewBusinessPartyOrganization")
        self.dissolved_on = on
        self.record(NewBusinessPartyOrganizationDissolved)


@dataclass(kw_only=True)
class Enterprise(Aggregate):
    """新业态企业 Enterprise of a new sector: a platform's station, an outlet, a studio"""

    UNIQUE = (Unique(("credit_code",), NegError.ENTERPRISE_EXISTS),)
    REGISTER = Register(
        Role.INDUSTRY_COMMITTEE_OFFICER, Role.UNION_OFFICER, create="registerEnterprise", update="updateEnterprise"
    )

    name: Annotated[Name, Doc("名称 Name")]
    credit_code: Annotated[
        Code,
        Doc("统一社会信用代码 Unified social credit code, 18 characters", example="91371324MA3C0A0011"),
        Pattern(r"[0-9A-Z]{18}", "91371324MA3C0A0019"),
    ]
    sector: Annotated[NewEmploymentSector, Doc("行业 Sector")]
    platform: Annotated[Name | None, Doc("平台 Platform that it works for")] = None
    community_id: Annotated[Id, Doc("社区 Community"), Ref("Community", inverse="new_business_enterprises")]
    location: Annotated[GeoPoint | None, Doc("位置 Location")] = None
    workers_count: Annotated[int | None, Doc("从业人数 Workers as reported"), Range(0, 1_000_000)] = None
    registered_on: Annotated[date | None, Doc("登记日期 Registered on")] = None
    party_organization_id: Annotated[
        Id | None,
        Doc("覆盖的党组织 Party organization that covers it"),
        Ref("NewBusinessPartyOrganization", inverse="enterprises"),
        Managed,
    ] = None
    union_id: Annotated[
        Id | None, Doc("行业工会 Union that organises it"), Ref("IndustryUnion", inverse="enterprises"), Managed
    ] = None

    def __post_init__(self) -> None:
        self._sector_before = self.sector

    def check(self) -> None:
        """Codes of the demonstration county pass: they cannot be mistaken for real ones.

        Raises NEG_CREDIT_CODE_INVALID, and NEG_SECTOR_MISMATCH when it would leave the sector that it is organised in.
        """
        if not (credit_code_holds(self.credit_code) or DEMONSTRATION_CREDIT_CODE.fullmatch(self.credit_code)):
            raise NegError.CREDIT_CODE_INVALID(field="creditCode")
        if self.party_organization_id or self.union_id:
            self._require_sector(self._sector_before)

    def place(self) -> Place:
        return Place(community_id=self.community_id, enterprise_id=self.id, union_id=self.union_id)

    def join_party_organization(self, organization: NewBusinessPartyOrganization) -> None:
        """Raises NEG_SECTOR_MISMATCH, NEG_ENTERPRISE_COVERED, NEG_ORGANIZATION_DISSOLVED."""
        if organization.status is not NewBusinessOrganizationStatus.ACTIVE:
            raise NegError.ORGANIZATION_DISSOLVED(field="partyOrganizationId")
        self._require_sector(organization.sector)
        if self.party_organization_id not in (None, organization.id):
            raise NegError.ENTERPRISE_COVERED(enterpriseId=self.id, organizationId=self.party_organization_id)
        self.party_organization_id = organization.id
        self.registered("changed")

    def join_union(self, union_id: str, sector: NewEmploymentSector) -> None:
        """Raises NEG_SECTOR_MISMATCH, NEG_ENTERPRISE_COVERED."""
        self._require_sector(sector)
        if self.union_id not in (None, union_id):
            raise NegError.ENTERPRISE_COVERED(enterpriseId=self.id, organizationId=self.union_id)
        self.union_id = union_id
        self.registered("changed")

    def leave_party_organization(self) -> None:
        self.party_organization_id = None
        self.registered("changed")

    def _require_sector(self, sector: NewEmploymentSector) -> None:
        if self.sector is not sector:
            raise NegError.SECTOR_MISMATCH(enterpriseId=self.id, sector=self.sector.name, expected=sector.name)
