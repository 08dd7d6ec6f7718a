"""A service dies while the county is at work: the others answer, what was accepted arrives, read models catch up."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from county import County, eventually

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

TWO_SERVICES = "{ gridStatistics { baseGrids } organizationStatistics { communities } }"


def listener(port: int) -> int:
    """The process that listens on a port of this machine, as soon as one does."""
    return int(eventually(lambda: listening(port), 60))


def listening(port: int) -> int | None:
    wanted = (f"0100007F:{port:04X}", "0A")
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    sockets = {f"socket:[{row[9]}]" for row in rows if (row[1], row[3]) == wanted}
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) in sockets:
                return int(link.parts[2])
        except OSError:
            continue  # closed meanwhile
    return None


def test_a_service_that_is_down_takes_only_its_fields_away(county: County) -> None:
    token = county.token("AUDITOR")
    os.kill(county.pid, signal.SIGSTOP)  # it would start the service again, perhaps before the query
    try:
        os.kill(listener(county.ports["GRID_PORT"]), signal.SIGKILL)
        answer = county.query(TWO_SERVICES, token=token)
    finally:
        os.kill(county.pid, signal.SIGCONT)
    assert answer["data"] == {"gridStatistics": None, "organizationStatistics": {"communities": 21}}
    (error,) = answer["errors"]
    assert error["path"] == ["gridStatistics"]
    assert error["extensions"]["code"] == "GEN_DEPENDENCY_UNAVAILABLE"
    assert error["extensions"]["service"] == "grid"
    eventually(lambda: "errors" not in county.query(TWO_SERVICES, token=token), 60)


def test_what_was_accepted_arrives_though_producer_and_consumer_are_killed(county: County) -> None:
    officer = county.token("ORG_ADMIN")
    street_id = county.data('{ street(code: "371324001") { id } }', token=officer)["street"]["id"]
    created = []
    for number, victim in enumerate(("PETITION_PORT", "ORGANIZATION_PORT", "PETITION_PORT")):
        community = {
            "code": f"37132400190{number}",
            "name": f"试验社区{number}",
            "streetId": street_id,
            "origin": "ORIGINAL",
            "establishedOn": "2020-01-01",
        }
        document = "mutation($i: CreateCommunityInput!) { createCommunity(input: $i) { id } }"

        def accepted(community: dict[str, Any] = community, document: str = document) -> Any:
            values = community | {"clientMutationId": community["code"]}
            answer = county.query(document, {"i": values}, officer)
            return (answer.get("data") or {}).get("createCommunity")

        created.append(eventually(accepted, 60)["id"])
        os.kill(listener(county.ports[victim]), signal.SIGKILL)
    secretary = county.token("COMMUNITY_SECRETARY", communityIds=created)
    for community_id in created:
        post = {"title": "楼道清扫", "communityId": community_id, "slots": 2, "publishedOn": "2026-01-01"}
        document = """mutation($i: PublishVolunteerPostInput!) {
            publishVolunteerPost(input: $i) { community { id name } } }"""

        def known(post: dict[str, Any] = post, document: str = document) -> Any:
            # Refused with GEN_REFERENCE_UNKNOWN until the event about the community has arrived.
            answer = county.query(document, {"i": post | {"clientMutationId": post["communityId"]}}, secretary)
            return (answer.get("data") or {}).get("publishVolunteerPost")

        assert eventually(known, 60)["community"]["id"] == community_id
