"""S1, the golden path: a rider reports a pothole, it is mended, and the report and a good deed become a casserole.

Five services take part; every arrow between them is an event. Deadlines and escalation come with their own capability.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from county import County, eventually

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

# In a base grid of the county when read as GCJ-02, what the phone of a rider gives.
POTHOLE = {"longitude": 118.0467, "latitude": 34.8537, "coordinateSystem": "GCJ02"}


class Rider:
    """W: nearly has the points for a casserole. Was a supervisor; the term ends, a new one begins."""

    def __init__(self, county: County):
        self.county = county
        officer = county.token("ORG_ADMIN", "AUDITOR", "ADMIN")
        found = county.data(
            """{ governanceSupervisors(first: 100, filter: {postType: {eq: MUNICIPAL_FACILITY_OBSERVER},
                 state: {eq: ACTIVE}}) { edges { node {
                   id workerId residentId communityIds resident { passbook { available } } } } } }""",
            token=officer,
        )
        terms = [edge["node"] for edge in found["governanceSupervisors"]["edges"]]
        self.term = max(terms, key=lambda term: (term["resident"]["passbook"] or {"available": 0})["available"])
        self.id = self.term["residentId"]
        self.token = county.token("RESIDENT", "SUPERVISOR", sub=self.id)

    def do(self, mutation: str, values: dict[str, Any], fields: str, token: str | None = None) -> Any:
        return do(self.county, mutation, values, fields, token or self.token)

    def available(self) -> int:
        passbook = self.county.data("{ myPassbook { available held posted } }", token=self.token)["myPassbook"]
        assert passbook["available"] == passbook["posted"] - passbook["held"]
        return int(passbook["available"])


def do(county: County, mutation: str, values: dict[str, Any], fields: str, token: str) -> Any:
    """One mutation with a fresh `clientMutationId`; its record."""
    input_type = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation($i: {input_type}!) {{ {mutation}(input: $i) {{ {fields} }} }}"
    return county.data(document, {"i": values | {"clientMutationId": uuid4().hex}}, token)[mutation]


def appoint(rider: Rider) -> str:
    """1: the old term ends, the rider is nominated and appointed anew; a category that the post may report."""
    officer = rider.county.token("ORG_ADMIN")
    rider.do("endSupervisor", {"id": rider.term["id"], "reason": "任期结束"}, "state", officer)
    quotas = [{"postType": "MUNICIPAL_FACILITY_OBSERVER", "places": 5}]
    batch = {"number": 2, "announcedOn": "2026-01-01", "quotas": quotas}
    rider.do("createSupervisorBatch", batch, "id", officer)
    nomination = {
        "workerId": rider.term["workerId"],
        "postType": "MUNICIPAL_FACILITY_OBSERVER",
        "batchNumber": 2,
        "communityIds": rider.term["communityIds"],
    }
    nominated = rider.do("nominateSupervisor", nomination, "id state", officer)
    appointed = rider.do("appointSupervisor", {"id": nominated["id"]}, "id state allowedCategories", officer)
    assert appointed["state"] == "ACTIVE"
    return str(appointed["allowedCategories"][0])


def report(rider: Rider, category: str) -> Any:
    """2: the report has its number at once and knows its grid by the place in GCJ-02."""
    values = {
        "kind": "REPORT",
        "categoryCode": category,
        "title": "路面塌陷",
        "description": "非机动车道有一处坑洼",
        "channel": "SUPERVISOR_REPORT",
        "location": POTHOLE,
        "attachments": [{"kind": "PHOTO", "hash": "a" * 64}],
    }
    fields = "id number state gridCode locateStatus communityId sourceType version"

    def submitted() -> Any:
        # The petition service must have heard of the new term; until then it refuses.
        document = f"mutation($i: SubmitPetitionInput!) {{ submitPetition(input: $i) {{ {fields} }} }}"
        answer = rider.county.query(document, {"i": values | {"clientMutationId": "pothole"}}, rider.token)
        petition = (answer.get("data") or {}).get("submitPetition")
        return petition if petition and petition["sourceType"] == "SUPERVISOR" else None

    petition = eventually(submitted)
    located = rider.county.data(
        """query($longitude: Float!, $latitude: Float!, $coordinateSystem: CoordinateSystem!) {
             locate(longitude: $longitude, latitude: $latitude, coordinateSystem: $coordinateSystem) { code } }""",
        POTHOLE,
        rider.token,
    )["locate"]
    assert petition["number"].startswith("LL-")
    assert petition["gridCode"] == located["code"]
    assert petition["gridCode"].startswith("371324001")
    return petition


def handle(rider: Rider, petition: Any) -> None:
    """3, 7, 8: triaged, ordered, done with a photo, verified by another, replied, rated, closed."""
    county = rider.county
    here = {"communityIds": [petition["communityId"]]}
    secretary = county.token("COMMUNITY_SECRETARY", sub="secretary", **here)
    worker = county.token("GRID_WORKER", sub="grid-worker", **here)
    rider.do("acceptPetition", {"id": petition["id"]}, "state", secretary)
    rider.do("triagePetition", {"id": petition["id"], "level": "GRID"}, "state", secretary)
    order = rider.do("dispatchWorkOrder", {"petitionId": petition["id"]}, "id number unit { type id } role", secretary)
    assert order["number"].startswith("GD-")
    assert order["role"] == "LEAD"
    rider.do("acceptWorkOrder", {"id": order["id"]}, "state", worker)
    rider.do("respondToReporter", {"id": order["id"], "text": "已到现场"}, "state", worker)
    result = {"outcome": "SOLVED", "text": "已修补", "evidence": [{"kind": "PHOTO", "hash": "b" * 64}]}
    rider.do("completeWorkOrder", {"id": order["id"]} | result, "state", worker)
    own_work = "mutation($i: VerifyCompletionInput!) { verifyCompletion(input: $i) { state } }"
    handler = county.token("COMMUNITY_SECRETARY", sub="grid-worker", **here)
    verdict = {"id": order["id"], "passed": True}
    assert county.refusal(own_work, {"i": verdict}, handler) == "PET_SELF_VERIFICATION"
    rider.do("verifyCompletion", verdict, "state", secretary)
    rider.do("replyPetition", {"id": petition["id"], "text": "路面已修复"}, "state", worker)
    rating = {"id": petition["id"], "resolved": "YES", "satisfaction": "VERY_SATISFIED"}
    closed = rider.do("ratePetition", rating, "state closedAt")
    assert closed["state"] == "CLOSED"


def attend_event(rider: Rider) -> None:
    """10: a red partner's event; checked in, attendance confirmed."""
    county = rider.county
    partner = county.data(
        "{ redPartners(first: 1, filter: {state: {eq: ACTIVE}}) { edges { node { id communityId } } } }",
        token=county.token("AUDITOR"),
    )["redPartners"]["edges"][0]["node"]
    staff = county.token("COMMUNITY_SECRETARY", communityIds=[partner["communityId"]])
    starts = datetime.now(UTC) + timedelta(minutes=5)
    event = {
        "title": "骑乐无穷",
        "themeKey": f"theme-{uuid4().hex[:8]}",
        "communityId": partner["communityId"],
        "partnerIds": [partner["id"]],
        "startsAt": starts.isoformat(),
        "endsAt": (starts + timedelta(hours=1)).isoformat(),
        "address": "社区广场",
        "capacity": 30,
    }
    event_id = rider.do("createEvent", event, "id", staff)["id"]
    rider.do("publishEvent", {"id": event_id}, "state", staff)
    registration = rider.do("registerForEvent", {"eventId": event_id}, "id state")
    assert registration["state"] == "REGISTERED"
    rider.do("startEvent", {"id": event_id}, "state", staff)
    rider.do("checkIn", {"id": registration["id"]}, "state checkedInAt", staff)
    rider.do("completeEvent", {"id": event_id}, "state", staff)
    assert rider.do("confirmAttendance", {"registrationId": registration["id"]}, "id", staff)["id"] == event_id


def redeem_casserole(rider: Rider) -> None:
    """11: stock and points reserved, handed over against the code; the ledger balances."""
    county = rider.county
    product = county.data('{ product(code: "casserole") { id pointsPrice } }', token=rider.token)["product"]
    shop = county.data(
        """query($p: ID!) { stocks(first: 100, filter: {productId: {eq: $p}}) {
             edges { node { supermarketId available } } } }""",
        {"p": product["id"]},
        rider.token,
    )["stocks"]["edges"]
    supermarket_id = next(edge["node"]["supermarketId"] for edge in shop if edge["node"]["available"] > 0)
    before = rider.available()
    order = {
        "supermarketId": supermarket_id,
        "lines": [{"productId": product["id"], "quantity": 1}],
        "expectedTotal": product["pointsPrice"],
    }
    reserved = rider.do("reserveRedemption", order, "id state totalPoints pickupCode")
    assert reserved["state"] == "RESERVED"
    assert rider.available() == before - product["pointsPrice"]
    manager = county.token("SUPERMARKET_MANAGER", sub="manager", supermarketIds=[supermarket_id])
    handover = {"id": reserved["id"], "code": reserved["pickupCode"]}
    assert rider.do("fulfilRedemption", handover, "state", manager)["state"] == "FULFILLED"
    assert rider.available() == before - product["pointsPrice"]
    verdict = county.data("{ verifyLedger { ok } }", token=county.token("AUDITOR"))["verifyLedger"]
    assert verdict["ok"] is True


def test_a_pothole_becomes_a_casserole(county: County) -> None:
    rider = Rider(county)
    petition = report(rider, appoint(rider))
    start = rider.available()
    handle(rider, petition)
    eventually(lambda: rider.available() == start + 1)  # 9: confirmed by new-employment, granted by points
    attend_event(rider)
    eventually(lambda: rider.available() >= start + 2)
    redeem_casserole(rider)
    whole = county.data(
        """{ me { id supervisor { state reportsConfirmed } passbook { available }
             petitions(first: 1, sort: [{field: SUBMITTED_AT, direction: DESC}]) { edges { node {
               number state } } }
             registrations(first: 1, sort: [{field: REGISTERED_AT, direction: DESC}]) { edges { node { state } } }
           } }""",
        token=rider.token,
    )["me"]
    assert whole["supervisor"] == {"state": "ACTIVE", "reportsConfirmed": 1}
    assert whole["petitions"]["edges"][0]["node"] == {"number": petition["number"], "state": "CLOSED"}
    assert whole["registrations"]["edges"][0]["node"]["state"] == "ATTENDED"
