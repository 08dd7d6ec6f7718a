"""Joint meetings, uses of powers, assessment, appeals and violations over HTTP; Party organizations of the sectors."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from govkit.domain import FixedClock, Role
from govkit.testing.service import RunningService, running
from govkit.testing.tokens import Issuer
from organization.service import SERVICE

if TYPE_CHECKING:
    from lanling_local.stack import Infrastructure

NOW = datetime(2023, 6, 1, 1, tzinfo=UTC)
AGENDA = [{"topic": "停车难", "kind": "RESIDENT_DEMAND"}]
SECTORS = "new-employment-group"


class County:
    """A running service with one community, its committee and secretary, an area, an enterprise; and who may act."""

    def __init__(self, service: RunningService, issuer: Issuer):
        self.service = service
        self.admin = issuer.token(Role.ORG_ADMIN, Role.AUDITOR)
        self.housing = issuer.token(Role.HOUSING_AUTHORITY, sub="housing")
        self.street = issuer.token(Role.STREET_OFFICER, sub="street", scope={"countyWide": True})
        self.issuer = issuer

    async def do(self, mutation: str, token: str, fields: str = "id", **values: Any) -> Any:
        return (await self.service.data(document(mutation, fields), {"i": values}, token))[mutation]

    async def refusal(self, mutation: str, token: str, **values: Any) -> str:
        return await self.service.refusal(document(mutation), {"i": values}, token)

    async def prepare(self) -> None:
        made = await self.do("createStreet", self.admin, code="371324009", name="街道")
        made = await self.do(
            "createCommunity",
            self.admin,
            code="371324001099",
            name="社区",
            streetId=made["id"],
            origin="ORIGINAL",
            establishedOn="2010-01-01",
        )
        self.community = made["id"]
        self.secretary = self.issuer.token(Role.COMMUNITY_SECRETARY, scope={"communityIds": [self.community]})
        made = await self.do(
            "createResidentialArea",
            self.admin,
            code="371324001099R01",
            name="小区",
            communityId=self.community,
            kind="OLD_ESTATE",
            propertyStatus="NONE",
            buildings=1,
            households=1,
        )
        self.area = made["id"]
        made = await self.do(
            "registerPropertyEnterprise",
            self.housing,
            name="物业",
            creditCode="91371324MA3C0A0011",
            stateOwned=False,
        )
        self.enterprise = made["id"]

    async def appoint_secretary(self) -> str:
        """The committee of the community, with a secretary in office; the committee's id."""
        parent = None
        for kind in ("COUNTY_COMMITTEE", "STREET_WORKING_COMMITTEE", "COMMUNITY_COMMITTEE"):
            made = await self.do(
                "establishPartyOrganization",
                self.admin,
                name=kind,
                type=kind,
                parentId=parent,
                communityId=self.community if kind == "COMMUNITY_COMMITTEE" else None,
                establishedOn="2010-01-01",
            )
            parent = made["id"]
        person = await self.do("createPerson", self.admin, name="书记")
        await self.do(
            "appointToPost",
            self.admin,
            partyOrganizationId=parent,
            role="SECRETARY",
            personId=person["id"],
            startOn="2020-01-01",
        )
        return str(parent)


def document(mutation: str, fields: str = "id") -> str:
    input = f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"mutation($i: {input}!) {{ {mutation}(input: $i) {{ {fields} }} }}"


@pytest_asyncio.fixture
async def county(infrastructure: "Infrastructure", issuer: Issuer, topic_prefix: str) -> AsyncIterator[County]:
    async with running(SERVICE, infrastructure, issuer, topic_prefix, clock=FixedClock(NOW)) as service:
        made = County(service, issuer)
        await made.prepare()
        yield made


async def test_a_joint_meeting_from_convening_to_its_resolution(county: County) -> None:
    call = {"communityId": county.community, "title": "会议", "plannedAt": "2023-06-04T01:00:00Z"}
    assert await county.refusal("convokeJointMeeting", county.admin, **call, agendaItems=AGENDA) == "AUTH_FORBIDDEN"
    assert await county.refusal("convokeJointMeeting", county.secretary, **call, agendaItems=AGENDA) == (
        "ORG_NOT_CONVENER"
    )
    committee = await county.appoint_secretary()
    meeting = await county.do("convokeJointMeeting", county.secretary, **call, agendaItems=AGENDA)
    soon = await county.do(
        "convokeJointMeeting",
        county.secretary,
        **call | {"plannedAt": "2023-06-04T00:59:59Z"},
        agendaItems=AGENDA,
    )
    assert await county.refusal("noticeJointMeeting", county.secretary, id=soon["id"]) == "ORG_NOTICE_TOO_SHORT"
    await county.do("cancelJointMeeting", county.secretary, id=soon["id"], reason="来不及通知")
    await county.do("noticeJointMeeting", county.secretary, id=meeting["id"])
    assert await county.refusal("closeJointMeeting", county.secretary, id=meeting["id"], minutes="记录") == (
        "ORG_MINUTES_MISSING"
    )
    await county.do(
        "recordJointAttendance",
        county.secretary,
        id=meeting["id"],
        attendance=[{"organizationId": committee, "present": True}, {"organizationId": "unit", "present": False}],
    )
    vote = {"jointMeetingId": meeting["id"], "text": "决议", "ownerOrganizationId": committee, "dueOn": "2023-07-01"}
    assert await county.refusal("recordJointResolution", county.secretary, **vote, votesFor=2) == (
        "ORG_VOTES_EXCEED_PRESENT"
    )
    resolution = await county.do("recordJointResolution", county.secretary, **vote, votesFor=1)
    await county.do("closeJointMeeting", county.secretary, id=meeting["id"], minutes="会议记录")
    assert await county.refusal("recordJointResolution", county.secretary, **vote, votesFor=1) == "GEN_INVALID_STATE"
    await county.do("advanceJointResolution", county.secretary, id=resolution["id"], progress=50)
    done = await county.do(
        "completeJointResolution",
        county.secretary,
        "state progress completedOn jointMeeting { state minutes agendaItems { kind } }",
        id=resolution["id"],
    )
    assert done == {
        "state": "DONE",
        "progress": 100,
        "completedOn": "2023-06-01",
        "jointMeeting": {"state": "CLOSED", "minutes": "会议记录", "agendaItems": [{"kind": "RESIDENT_DEMAND"}]},
    }
    names = {event.type.removeprefix("cn.lanling.") for event in await county.service.published()}
    assert {"joint_meeting.noticed.v1", "joint_meeting.closed.v1", "resolution.created.v1"} <= names
    outsider = county.issuer.token(Role.RESIDENT)
    seen = await county.service.data("{ jointMeetings { totalCount } }", token=outsider)
    assert seen["jointMeetings"]["totalCount"] == 0


async def test_a_power_is_exercised_on_a_day_on_which_it_is_granted(county: County) -> None:
    category = await county.do("createDelegatedPowerCategory", county.admin, code="P1", name="类", position=1)
    await county.do(
        "createDelegatedPowerItem",
        county.admin,
        code="P1-1",
        name="项",
        categoryId=category["id"],
        effectiveOn="2023-01-01",
    )
    use = {"itemCode": "P1-1", "communityId": county.community, "subject": "事项", "outcome": "PENDING"}
    assert await county.refusal("recordPowerExercise", county.secretary, **use, exercisedOn="2023-05-01") == (
        "ORG_POWER_NOT_GRANTED"
    )
    await county.do("grantPower", county.admin, itemCode="P1-1", communityId=county.community, startOn="2023-04-01")
    for day, code in (("2023-03-31", "ORG_POWER_NOT_GRANTED"), ("2023-06-02", "ORG_FUTURE_DATE")):
        assert await county.refusal("recordPowerExercise", county.secretary, **use, exercisedOn=day) == code
    unknown = use | {"itemCode": "P9-9"}
    assert await county.refusal("recordPowerExercise", county.secretary, **unknown, exercisedOn="2023-05-01") == (
        "GEN_REFERENCE_UNKNOWN"
    )
    made = await county.do("recordPowerExercise", county.secretary, "item { name }", **use, exercisedOn="2023-04-01")
    assert made == {"item": {"name": "项"}}
    (event,) = await county.service.published("power.exercised")
    assert "subject" not in event.data


async def test_an_edition_of_the_scheme_follows_the_last(county: County) -> None:
    indicator = {"code": "B1", "name": "基础", "kind": "BASE", "weight": 100, "maxScore": 100, "validMonths": 1}
    scheme = {"name": "办法", "effectiveOn": "2023-01-01", "redMin": 90, "blackMax": 70}
    light = [indicator | {"weight": 99}]
    assert await county.refusal("adoptAssessmentScheme", county.housing, **scheme, indicators=light) == (
        "ORG_SCHEME_INVALID"
    )
    made = [
        await county.do("adoptAssessmentScheme", county.housing, "edition", **scheme, indicators=[indicator])
        for _ in range(2)
    ]
    assert made == [{"edition": 1}, {"edition": 2}]


async def test_a_listed_enterprise_appeals_once(county: County) -> None:
    entry = {"subjectId": county.enterprise, "colour": "BLACK", "rank": 1, "score": 50}
    listed = await county.do("draftList", county.street, period="2023-05", entries=[entry])
    await county.do("publishList", county.housing, id=listed["id"])
    mine = county.issuer.token(Role.PROPERTY_ENTERPRISE, scope={"enterpriseId": county.enterprise})
    other = county.issuer.token(Role.PROPERTY_ENTERPRISE, scope={"enterpriseId": "other"})
    appeal = {"listId": listed["id"], "enterpriseId": county.enterprise, "grounds": "理由"}
    assert await county.refusal("fileListAppeal", other, **appeal) == "AUTH_OUT_OF_SCOPE"
    filed = await county.do("fileListAppeal", mine, **appeal)
    assert await county.refusal("fileListAppeal", mine, **appeal) == "ORG_APPEAL_EXISTS"
    counted = "{ listAppeals { totalCount } }"
    assert (await county.service.data(counted, token=mine))["listAppeals"]["totalCount"] == 1
    assert (await county.service.data(counted, token=other))["listAppeals"]["totalCount"] == 0
    decided = await county.do(
        "upholdListAppeal", county.housing, "state decidedOn", id=filed["id"], decision="申诉成立"
    )
    assert decided == {"state": "UPHELD", "decidedOn": "2023-06-01"}


async def test_the_bidding_platform_learns_from_when_to_when_a_consequence_holds(county: County) -> None:
    entry = {"subjectId": county.enterprise, "colour": "BLACK", "rank": 1, "score": 40}
    listed = await county.do("draftList", county.street, period="2023-04", entries=[entry])
    await county.do("publishList", county.housing, id=listed["id"])
    consequence = {
        "subjectType": "PROPERTY_ENTERPRISE",
        "subjectId": county.enterprise,
        "kind": "BIDDING_RESTRICTED",
        "startOn": "2023-05-01",
        "endOn": "2023-10-31",
        "basisListId": listed["id"],
    }
    made = await county.do("activateConsequence", county.housing, "id liftedOn", **consequence)
    assert made["liftedOn"] is None
    lifted = await county.do("liftConsequence", county.housing, "liftedOn", id=made["id"], reason="榜单更正")
    assert lifted == {"liftedOn": "2023-06-01"}
    common = {name: consequence[name] for name in ("subjectType", "subjectId", "kind")}
    common["linkedConsequenceId"] = made["id"]
    (activated,) = await county.service.published("consequence.activated")
    (ended,) = await county.service.published("consequence.lifted")
    assert activated.data == common | {"startOn": "2023-05-01", "endOn": "2023-10-31"}
    assert ended.data == common | {"liftedOn": "2023-06-01"}
    assert (activated.subject, ended.subject) == (made["id"], made["id"])


async def test_a_violation_is_opened_put_right_and_closed(county: County) -> None:
    case = {
        "kind": "ARBITRARY_CHARGES",
        "enterpriseId": county.enterprise,
        "residentialAreaId": county.area,
        "foundOn": "2023-05-30",
        "rectifyBy": "2023-06-30",
    }
    late = case | {"foundOn": "2023-06-02"}
    assert await county.refusal("openViolationCase", county.street, **late) == "ORG_FUTURE_DATE"
    opened = await county.do(
        "openViolationCase", county.street, "id communityId allowedActions { action allowed }", **case
    )
    assert opened["communityId"] == county.community
    allowed = {hint["action"]: hint["allowed"] for hint in opened["allowedActions"]}
    assert allowed == {"rectifyViolationCase": True, "penaliseViolationCase": False, "closeViolationCase": False}
    assert await county.refusal("closeViolationCase", county.street, id=opened["id"]) == "GEN_INVALID_STATE"
    await county.do("rectifyViolationCase", county.street, id=opened["id"], on="2023-06-01")
    closed = await county.do("closeViolationCase", county.street, "state closedOn", id=opened["id"])
    assert closed == {"state": "CLOSED", "closedOn": "2023-06-01"}


async def test_party_organizations_of_the_sectors_are_shown_once_and_only_shown(county: County) -> None:
    committee = {"industryCommitteeId": "committee", "sector": "FOOD_DELIVERY", "establishedOn": "2021-01-01"}
    await county.service.receive(SECTORS, "industry_committee.established", "committee", committee, times=2)
    branch = {
        "newBusinessPartyOrganizationId": "branch",
        "industryCommitteeId": "committee",
        "sector": "FOOD_DELIVERY",
        "type": "BRANCH",
        "establishedOn": "2022-01-01",
        "memberCount": 5,
    }
    event = "new_business_party_organization"
    await county.service.receive(SECTORS, f"{event}.established", "branch", branch, times=2)
    changed = {"newBusinessPartyOrganizationId": "branch", "type": "JOINT_BRANCH", "memberCount": 7}
    await county.service.receive(SECTORS, f"{event}.changed", "branch", changed)
    listed = await county.service.data(
        """{ partyOrganizations(filter: {source: {eq: NEW_EMPLOYMENT_GROUP}}) { edges { node {
             id type parentId memberCount status newBusinessPartyOrganizationId
             allowedActions { action reasonCode } } } } }""",
        token=county.admin,
    )
    rows = {edge["node"]["id"]: edge["node"] for edge in listed["partyOrganizations"]["edges"]}
    assert set(rows) == {"committee", "branch"}
    assert rows["branch"] == {
        "id": "branch",
        "type": "NEW_BUSINESS_ORG",
        "parentId": "committee",
        "memberCount": 7,
        "status": "ACTIVE",
        "newBusinessPartyOrganizationId": "branch",
        "allowedActions": [{"action": "dissolvePartyOrganization", "reasonCode": "ORG_READ_ONLY_COPY"}],
    }
    dissolve = {"id": "branch", "on": "2023-06-01", "reason": "撤销"}
    assert await county.refusal("dissolvePartyOrganization", county.admin, **dissolve) == "ORG_READ_ONLY_COPY"
    person = await county.do("createPerson", county.admin, name="书记")
    post = {"partyOrganizationId": "branch", "role": "SECRETARY", "personId": person["id"], "startOn": "2023-01-01"}
    assert await county.refusal("appointToPost", county.admin, **post) == "ORG_READ_ONLY_COPY"
    below = {"name": "组", "type": "BUILDING_GROUP", "parentId": "branch", "establishedOn": "2023-01-01"}
    assert await county.refusal("establishPartyOrganization", county.admin, **below) == "ORG_READ_ONLY_COPY"
    gone = {"newBusinessPartyOrganizationId": "branch", "dissolvedOn": "2023-05-01"}
    await county.service.receive(SECTORS, f"{event}.dissolved", "branch", gone)
    await county.service.receive(
        SECTORS, f"{event}.dissolved", "unheard", gone | {"newBusinessPartyOrganizationId": "unheard"}
    )
    state = await county.service.data('{ partyOrganization(id: "branch") { status dissolvedOn } }', token=county.admin)
    assert state["partyOrganization"] == {"status": "DISSOLVED", "dissolvedOn": "2023-05-01"}
    again = branch | {"newBusinessPartyOrganizationId": "other", "dissolvedOn": "2022-12-31", "status": "DISSOLVED"}
    await county.service.receive(SECTORS, f"{event}.snapshot", "other", again)
    state = await county.service.data('{ partyOrganization(id: "other") { status dissolvedOn } }', token=county.admin)
    assert state["partyOrganization"] == {"status": "DISSOLVED", "dissolvedOn": "2022-12-31"}
    assert await county.service.published("party_organization.established") == []


async def test_a_visit_moves_the_last_visit_of_its_contact_point(county: County) -> None:
    leader = await county.do("createPerson", county.admin, name="领导")
    point = await county.do(
        "createContactPoint",
        county.admin,
        leaderId=leader["id"],
        communityId=county.community,
        startOn="2023-01-01",
        visitEveryDays=90,
    )
    official = county.issuer.token(Role.COUNTY_LEADER)
    visit = {"contactPointId": point["id"], "topics": ["物业服务"], "problemsRaised": 2}
    for day, code in (("2023-06-02", "ORG_FUTURE_DATE"), ("2022-12-31", "ORG_PERIOD_INVALID")):
        assert await county.refusal("recordContactVisit", official, **visit, visitedOn=day) == code
    for day in ("2023-05-20", "2023-05-10"):
        made = await county.do(
            "recordContactVisit", official, "communityId contactPoint { lastVisitOn }", **visit, visitedOn=day
        )
        assert made == {"communityId": county.community, "contactPoint": {"lastVisitOn": "2023-05-20"}}


async def test_there_is_one_property_industry_committee(county: County) -> None:
    root = await county.do(
        "establishPartyOrganization", county.admin, name="县委", type="COUNTY_COMMITTEE", establishedOn="1949-10-01"
    )
    industry = {
        "name": "行业党委",
        "type": "PROPERTY_INDUSTRY_COMMITTEE",
        "parentId": root["id"],
        "establishedOn": "2022-01-01",
    }
    await county.do("establishPartyOrganization", county.admin, **industry)
    assert await county.refusal("establishPartyOrganization", county.admin, **industry) == "ORG_SINGLETON_EXISTS"
