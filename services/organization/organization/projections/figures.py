"""The article's figures that this service answers for, each a count over its own records (domain reference 5.2)."""

from govkit.graphql.statistics import Figure
from organization.domain.party import (
    Appointment,
    AppointmentState,
    PartyOrganization,
    PartyOrganizationStatus,
    PartyOrganizationType,
    PostRole,
)
from organization.domain.powers import DelegatedPowerCategory, DelegatedPowerItem
from organization.domain.property import HandoverPlan, HandoverState
from organization.domain.territory import Community, CommunityOrigin, CommunityStatus
from organization.domain.venues import Venue, VenueKind
from organization.domain.workforce import (
    CommunityWorker,
    DispatchBatch,
    EmploymentState,
    PostingState,
    RedCollarSecretary,
)

ACTIVE = {"status": PartyOrganizationStatus.ACTIVE}
BRANCH = PartyOrganizationType.AREA_BRANCH

FIGURES = (
    Figure("communities", "城市社区 Communities", Community, {"status": CommunityStatus.ACTIVE}),
    Figure(
        "originalCommunities",
        "原有社区 Original communities",
        Community,
        {"status": CommunityStatus.ACTIVE, "origin": CommunityOrigin.ORIGINAL},
    ),
    Figure(
        "newCommunities",
        "新增社区 Newly divided communities",
        Community,
        {"status": CommunityStatus.ACTIVE, "origin": CommunityOrigin.NEWLY_DIVIDED},
    ),
    Figure("branches", "小区党支部 Branches of residential areas", PartyOrganization, {"type": BRANCH, **ACTIVE}),
    Figure(
        "branchSecretaries",
        "小区党支部书记 Branch secretaries in office",
        Appointment,
        {"organization_type": BRANCH, "role": PostRole.SECRETARY, "state": AppointmentState.ACTIVE},
    ),
    Figure("workers", "社区专职工作者 Full-time workers", CommunityWorker, {"state": EmploymentState.EMPLOYED}),
    Figure("areaStations", "小区党群服务站 Area stations", Venue, {"kind": VenueKind.AREA_STATION}),
    Figure(
        "redCollarSecretaries", "红领书记 Red-collar secretaries", RedCollarSecretary, {"state": PostingState.ACTIVE}
    ),
    Figure("dispatchBatches", "选派批次 Dispatch batches", DispatchBatch),
    Figure("powerCategories", "下放权力大项 Categories of delegated powers", DelegatedPowerCategory),
    Figure("powerItems", "下放权力小项 Items of delegated powers", DelegatedPowerItem),
    Figure(
        "propertyPartyOrganizations",
        "物业企业党组织 Party organizations of property enterprises",
        PartyOrganization,
        {"type": PartyOrganizationType.PROPERTY_ENTERPRISE_ORG, **ACTIVE},
    ),
    Figure("fallbackAreas", "兜底管理小区 Areas handed over", HandoverPlan, {"state": HandoverState.COMPLETED}),
)
