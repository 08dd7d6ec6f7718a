"""The article's figures that this service answers for, each a count over its own records (domain reference 5.2)."""

from govkit.graphql.statistics import Figure
from new_employment_group.domain.care import CareMeasure, Plan
from new_employment_group.domain.insurance import InsuranceEnrollment, InsuranceType
from new_employment_group.domain.sectors import (
    Enterprise,
    IndustryCommittee,
    NewBusinessOrganizationStatus,
    NewBusinessPartyOrganization,
)
from new_employment_group.domain.stations import BeeStation, StationStatus
from new_employment_group.domain.supervisors import GovernanceSupervisor, SupervisorPostType, SupervisorState
from new_employment_group.domain.unions import IndustryUnion, MembershipState, UnionMembership

OPEN = {"status": StationStatus.OPEN}

FIGURES = (
    Figure("industryCommittees", "行业党委 Industry committees", IndustryCommittee),
    Figure(
        "newBusinessPartyOrganizations",
        "新业态企业党组织 Party organizations of the new sectors",
        NewBusinessPartyOrganization,
        {"status": NewBusinessOrganizationStatus.ACTIVE},
    ),
    Figure("newBusinessEnterprises", "新业态企业 Enterprises of the new sectors", Enterprise),
    Figure("stations", "沂蒙小蜜蜂驿站 Bee stations that are open", BeeStation, OPEN),
    Figure(
        "compliantStations", "达标驿站 Open stations that meet the standard", BeeStation, {**OPEN, "compliant": True}
    ),
    Figure("unions", "行业工会 Industry unions", IndustryUnion),
    Figure("unionMembers", "工会会员 Union members", UnionMembership, {"state": MembershipState.ACTIVE}),
    Figure("insurancePersonTimes", "参保人次 Person-times of insurance", InsuranceEnrollment),
    Figure(
        "pensionPersonTimes",
        "养老保险人次 Person-times of pension insurance",
        InsuranceEnrollment,
        {"type": InsuranceType.PENSION},
    ),
    Figure(
        "workInjuryPersonTimes",
        "工伤保险人次 Person-times of work-injury insurance",
        InsuranceEnrollment,
        {"type": InsuranceType.WORK_INJURY},
    ),
    Figure(
        "supervisors",
        "在任监督员 Governance supervisors in office",
        GovernanceSupervisor,
        {"state": SupervisorState.ACTIVE},
    ),
    Figure("supervisorPostTypes", "监督员岗位 Post types of supervisors", SupervisorPostType),
    Figure("careMeasures", "关心关爱措施 Care measures", CareMeasure),
    Figure("plans", "三大计划 Plans", Plan),
)
