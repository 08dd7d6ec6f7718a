"""The organization service, put together."""

from govkit.demonstration import demonstration
from govkit.service import Service
from organization.consumers import CONSUMERS
from organization.domain.assessment import AssessmentScheme, ListAppeal
from organization.domain.assessment_items import AssessmentItem
from organization.domain.errors import OrgError
from organization.domain.meetings import JointMeeting
from organization.domain.party import Appointment, PartyOrganization, Person, Post
from organization.domain.powers import DelegatedPowerCategory, DelegatedPowerItem, PowerExercise, PowerGrant
from organization.domain.property import (
    HandoverBatch,
    HandoverPlan,
    LinkedConsequence,
    PropertyContract,
    PropertyEnterprise,
    RedBlackList,
)
from organization.domain.resolutions import JointResolution
from organization.domain.territory import Community, Department, Developer, ResidentialArea, Street
from organization.domain.venues import OwnersCommittee, ResidentUnit, Venue
from organization.domain.violations import RectificationCampaign, ViolationCase
from organization.domain.visits import ContactVisit
from organization.domain.workforce import CommunityWorker, ContactPoint, DispatchBatch, RedCollarSecretary
from organization.handlers import COMMANDS
from organization.projections.figures import FIGURES
from organization.projections.gauges import GAUGES

SERVICE = Service(
    name="organization",
    aggregates=[
        Street,
        Department,
        Community,
        Developer,
        ResidentialArea,
        PartyOrganization,
        Person,
        Post,
        Appointment,
        CommunityWorker,
        DispatchBatch,
        RedCollarSecretary,
        ContactPoint,
        ContactVisit,
        DelegatedPowerCategory,
        DelegatedPowerItem,
        PowerGrant,
        PowerExercise,
        Venue,
        ResidentUnit,
        OwnersCommittee,
        PropertyEnterprise,
        PropertyContract,
        RedBlackList,
        LinkedConsequence,
        HandoverBatch,
        HandoverPlan,
        AssessmentScheme,
        AssessmentItem,
        ListAppeal,
        RectificationCampaign,
        ViolationCase,
        JointMeeting,
        JointResolution,
    ],
    commands=COMMANDS,
    consumers=CONSUMERS,
    listens_to=["new-employment-group", "petition"],
    statistics=("organizationStatistics", FIGURES),
    gauges=GAUGES,
    errors=OrgError,
    seed_data=demonstration("organization.seed"),
)
