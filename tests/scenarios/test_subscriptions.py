"""Subscriptions of the county, as front ends open them: through the gateway, fed by what the services publish."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from county import County

pytestmark = pytest.mark.timeout(300)

CHANGED = "subscription($id: ID!) { petitionChanged(id: $id) { state number community { name } } }"


class Events:
    """An open stream of server-sent events; `last` is the id to come back with."""

    def __init__(self, response: httpx.Response):
        self._lines = response.iter_lines()
        self.last = ""

    def next(self) -> Any:
        """The data of the next event; None when the stream completes."""
        name, data = "", None
        deadline = time.monotonic() + 60
        for line in self._lines:
            assert time.monotonic() < deadline, "nothing but signs of life"
            field, _, value = line.partition(":")
            if field == "id":
                self.last = value.strip()
            elif field == "event":
                name = value.strip()
            elif field == "data":
                data = value.strip()
            elif not line and name == "next":
                return json.loads(data or "null")
            elif not line and name == "complete":
                return None
        raise AssertionError("the stream ended without completing")

    def begin(self) -> None:
        """The first sign of life, which has the first id."""
        while not self.last:
            name, _, value = next(self._lines).partition(":")
            self.last = value.strip() if name == "id" else ""


@contextmanager
def subscribed(
    county: County, token: str, document: str, variables: dict[str, Any], last: str | None = None
) -> Iterator[Events]:
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    if last:
        headers["last-event-id"] = last
    body = {"query": document, "variables": variables}
    with (
        httpx.Client(timeout=30) as client,
        client.stream("POST", county.url, json=body, headers=headers) as response,
    ):
        assert response.status_code == 200, response.read()
        events = Events(response)
        if last is None:
            events.begin()
        yield events


def refused(county: County, token: str, document: str, variables: dict[str, Any]) -> tuple[int, str]:
    headers = {"accept": "text/event-stream"} | ({"authorization": f"Bearer {token}"} if token else {})
    response = httpx.post(county.url, json={"query": document, "variables": variables}, headers=headers, timeout=30)
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def submit(county: County, resident: str, **values: Any) -> Any:
    """A petition of that resident, in a base grid of the county."""
    given = {
        "kind": "COMPLAINT",
        "categoryCode": "010302",
        "title": "楼道灯不亮",
        "description": "三号楼二单元",
        "channel": "RED_BUTLER_WECHAT",
        "location": {"longitude": 118.0467, "latitude": 34.8537, "coordinateSystem": "GCJ02"},
        "clientMutationId": uuid4().hex,
    }
    document = "mutation($i: SubmitPetitionInput!) { submitPetition(input: $i) { id number state communityId } }"
    return county.data(document, {"i": given | values}, county.token("RESIDENT", sub=resident))["submitPetition"]


def run(county: County, mutation: str, token: str, **values: Any) -> Any:
    input_type = f"{mutation[0].upper()}{mutation[1:]}Input"
    document = f"mutation($i: {input_type}!) {{ {mutation}(input: $i) {{ id state }} }}"
    return county.data(document, {"i": values | {"clientMutationId": uuid4().hex}}, token)[mutation]


def secretary(county: County, petition: Any) -> str:
    return county.token("COMMUNITY_SECRETARY", sub="secretary", communityIds=[petition["communityId"]])


def test_a_changed_petition_is_told_with_what_other_services_know_of_it(county: County) -> None:
    petition, token = submit(county, "subscriber"), county.token("RESIDENT", sub="subscriber")
    with subscribed(county, token, CHANGED, {"id": petition["id"]}) as events:
        run(county, "acceptPetition", secretary(county, petition), id=petition["id"])
        told = state(events, "ACCEPTED")
        assert told["number"] == petition["number"]
        assert told["community"]["name"]


def state(events: Events, wanted: str) -> Any:
    """The petition when it is first told in that state; events before it tell of the state at their time or later."""
    while True:
        answer = events.next()
        assert "errors" not in answer, answer
        if answer["data"]["petitionChanged"]["state"] == wanted:
            return answer["data"]["petitionChanged"]


def test_the_petition_of_another_is_not_told_and_not_said_to_exist(county: County) -> None:
    mine, token = submit(county, "subscriber"), county.token("RESIDENT", sub="subscriber")
    theirs = submit(county, "another", visibility="CONFIDENTIAL")
    refusal = refused(county, token, CHANGED, {"id": theirs["id"]})
    assert refusal == (403, "SUBSCRIPTION_REFUSED") == refused(county, token, CHANGED, {"id": mine["id"][:-4] + "0000"})
    assert refused(county, "", CHANGED, {"id": mine["id"]}) == (403, "AUTH_UNAUTHENTICATED")
    assert refused(county, "", "subscription { workOrderInbox(unitId: 1) { id } }", {})[0] == 403


def test_what_happened_meanwhile_is_told_after_coming_back(county: County) -> None:
    petition, token = submit(county, "subscriber"), county.token("RESIDENT", sub="subscriber")
    staff = secretary(county, petition)
    with subscribed(county, token, CHANGED, {"id": petition["id"]}) as events:
        last = events.last
    run(county, "acceptPetition", staff, id=petition["id"])
    run(county, "triagePetition", staff, id=petition["id"], level="GRID")
    with subscribed(county, token, CHANGED, {"id": petition["id"]}, last) as events:
        for _ in ("accepted", "triaged"):
            assert state(events, "ACCEPTED")["number"] == petition["number"]
        last = events.last
        order = run(county, "dispatchWorkOrder", staff, petitionId=petition["id"])
        assert order["id"]
        assert state(events, "ASSIGNED")
        assert events.last != last


def test_an_inbox_tells_of_the_orders_of_its_unit_only(county: County) -> None:
    petition = submit(county, "subscriber")
    staff = secretary(county, petition)
    run(county, "acceptPetition", staff, id=petition["id"])
    run(county, "triagePetition", staff, id=petition["id"], level="COMMUNITY")
    unit, inbox = petition["communityId"], "subscription($u: ID!) { workOrderInbox(unitId: $u) { id unit { id } } }"
    with subscribed(county, staff, inbox, {"u": unit}) as events:
        order = run(county, "dispatchWorkOrder", staff, petitionId=petition["id"])
        assert events.next()["data"]["workOrderInbox"] == {"id": order["id"], "unit": {"id": unit}}
