"""One command is one trace: through gateway, service, outbox and Kafka to the last effect, two services further on."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from collector import Collector, Span
from county import County, eventually

pytestmark = pytest.mark.timeout(300)  # the first test starts the county

RECORD = """mutation TellOfADispute($input: RecordMediationInput!) { recordMediation(input: $input) { id } }"""
TYPE = "cloudevents.event_type"


class Trace:
    """What the collector has of a trace."""

    def __init__(self, spans: list[Span]):
        self.spans = spans

    def only(self, service: str, name: str, parent: str, **attributes: Any) -> Span:
        """The one span of this name below `parent`; `attributes` with underscores for dots."""
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        found = [
            span
            for span in self.spans
            if (span.service, span.name, span.parent) == (service, name, parent)
            and wanted.items() <= span.attributes.items()
        ]
        assert len(found) == 1, (service, name, [span.name for span in self.spans])
        return found[0]


@pytest.fixture(scope="module")
def resident(county: County) -> str:
    """Someone with a passbook."""
    document = "{ governanceSupervisors(first: 5) { edges { node { residentId } } } }"
    found = county.data(document, token=county.token("ORG_ADMIN", "AUDITOR", "ADMIN"))
    return str(found["governanceSupervisors"]["edges"][0]["node"]["residentId"])


@pytest.fixture(scope="module")
def trace_id(county: County, resident: str) -> str:
    """Of a dispute that was told of and reconciled, as a client sends it that has a trace of its own."""
    admin = county.token("AUDITOR", "ADMIN", "ORG_ADMIN")
    community = county.data("{ communities(first: 1) { edges { node { id } } } }", token=admin)["communities"]
    body = {
        "type": "NEIGHBOURS",
        "partiesCount": 2,
        "result": "AGREED",
        "mediatedOn": "2026-05-01",
        "communityId": community["edges"][0]["node"]["id"],
        "reportedById": resident,
        "clientMutationId": uuid4().hex,
    }
    trace_id = uuid4().hex
    headers = {
        "authorization": f"Bearer {county.token('COMMUNITY_SECRETARY', sub='secretary')}",
        "traceparent": f"00-{trace_id}-{CLIENT}-01",
    }
    sent = {"query": RECORD, "variables": {"input": body}}
    answer = httpx.post(county.url, json=sent, headers=headers, timeout=30)
    assert answer.json()["data"]["recordMediation"], answer.text
    assert answer.headers["x-trace-id"] == trace_id
    return trace_id


CLIENT = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def trace(collector: Collector, trace_id: str) -> Trace:
    """When the last effect is there, and the spans of all who took part have come."""

    def complete() -> list[Span] | None:
        spans = collector.trace(trace_id)
        whole = {"mutation TellOfADispute", "command recordMediation", "process cn.lanling.points.granted.v1"}
        has_all = whole <= {span.name for span in spans}
        sends = [span for span in spans if span.name.startswith("send ")]
        return spans if has_all and {"petition", "points"} <= {span.service for span in sends} else None

    return Trace(eventually(complete))


def test_a_command_is_followed_to_its_last_effect(trace: Trace) -> None:
    request = trace.only("gateway", "mutation TellOfADispute", parent=CLIENT)
    trace.only("gateway", "plan", parent=request.id)
    fetch = trace.only("gateway", "fetch petition", parent=request.id, http__response__status_code=200)
    served = trace.only("petition", "POST /graphql", parent=fetch.id)
    command = trace.only("petition", "command recordMediation", parent=served.id)
    trace.only("petition", "commit", parent=command.id)
    told = {TYPE.replace(".", "__"): "cn.lanling.dispute.reported.v1"}
    trace.only("petition", "send lanling.petition.events", parent=command.id, **told)
    rewarded = trace.only("points", "process cn.lanling.dispute.reported.v1", parent=command.id)
    granted = {TYPE.replace(".", "__"): "cn.lanling.points.granted.v1"}
    trace.only("points", "send lanling.points.events", parent=rewarded.id, **granted)
    trace.only("new-employment-group", "process cn.lanling.points.granted.v1", parent=rewarded.id)


def test_kinds_are_those_of_the_conventions(trace: Trace) -> None:
    kinds = {span.name.split()[0]: span.kind for span in trace.spans}
    assert kinds == {
        "mutation": "SERVER",
        "plan": "INTERNAL",
        "fetch": "CLIENT",
        "POST": "SERVER",
        "command": "INTERNAL",
        "commit": "INTERNAL",
        "send": "PRODUCER",
        "process": "CONSUMER",
    }
    assert not any(span.is_error for span in trace.spans)


def test_spans_name_nobody(trace: Trace, resident: str) -> None:
    told = str([(span.name, span.attributes) for span in trace.spans])
    assert resident not in told
    assert "secretary" not in told
    assert "2026-05-01" not in told


def test_a_refused_command_tells_its_code_and_is_no_failure(county: County, collector: Collector) -> None:
    trace_id = uuid4().hex
    headers = {
        "authorization": f"Bearer {county.token('RESIDENT', sub='somebody')}",
        "traceparent": f"00-{trace_id}-{CLIENT}-01",
    }
    sent = {"query": 'mutation { closePetition(input: {id: "none"}) { id } }'}
    answer = httpx.post(county.url, json=sent, headers=headers, timeout=30).json()
    code = answer["errors"][0]["extensions"]["code"]

    def request() -> Span | None:
        return next(
            (span for span in collector.trace(trace_id) if span.service == "gateway" and span.parent == CLIENT), None
        )

    span = eventually(request)
    assert span.attributes["error.type"] == code
    assert not span.is_error


def test_a_trace_that_the_client_does_not_sample_is_not_exported(county: County, collector: Collector) -> None:
    unsampled, sampled = uuid4().hex, uuid4().hex
    headers = {"authorization": f"Bearer {county.token('AUDITOR')}"}
    for trace_id, flags in ((unsampled, "00"), (sampled, "01")):
        sent = {"query": "{ communities(first: 1) { totalCount } }"}
        parent = {"traceparent": f"00-{trace_id}-{CLIENT}-{flags}"}
        httpx.post(county.url, json=sent, headers=headers | parent, timeout=30).raise_for_status()
    eventually(lambda: len({span.service for span in collector.trace(sampled)}) == 2)
    assert collector.trace(unsampled) == []
