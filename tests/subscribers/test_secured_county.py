"""On the secured broker: a service as it is deployed, and the example subscriber beside it, each with its own user."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bidding_platform.__main__ import GROUP
from bidding_platform.eligibility import Answer, Eligibility
from county import eventually
from govkit.domain.ports import new_id
from govkit.testing.tokens import AUDIENCE, ISSUER, Issuer
from lanling_local.paths import REPOSITORY
from lanling_local.ports import free_ports
from lanling_local.processes import Child, guarded, stop
from lanling_local.secured_kafka import SecuredKafka
from lanling_local.stack import infrastructure
from subscribers.plain import FROM, ORGANIZATION, SUBSCRIBER, TO, activated, client, envelope, write

MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.timeout(300)  # broker, database, service and platform start, one after the other
# The platform, dying where its effects are on disk and its offsets are not.
DYING = """
import os, runpy, signal, bidding_platform.listener
bidding_platform.listener.commit = lambda consumer: os.kill(os.getpid(), signal.SIGKILL)
runpy.run_module("bidding_platform", run_name="__main__")
"""


class Platform:
    """The example as a process of its own, with its own user and database."""

    def __init__(self, broker: SecuredKafka, database: Path):
        self.database = database
        secrets = broker.environment(SUBSCRIBER)
        self.environment = {**os.environ, **secrets, "PYTHONPATH": str(REPOSITORY / "docs" / "examples")}
        self.children: list[Child] = []

    def listen(self, *options: str, program: tuple[str, ...] = ("-m", "bidding_platform")) -> Child:
        command = [sys.executable, *program, "--database", str(self.database), "listen", *options]
        log = self.database.with_suffix(f".{len(self.children)}.log")
        child = Child("platform", command, log=log, environment=self.environment)
        self.children.append(child)
        return child

    def ask(self, enterprise: str, on: date) -> int:
        command = [sys.executable, "-m", "bidding_platform", "--database", str(self.database), "ask", enterprise]
        return subprocess.run(guarded([*command, "--on", str(on)]), env=self.environment, check=False).returncode

    def table(self) -> list[Any]:
        eligibility = Eligibility(self.database)
        try:
            return eligibility.restrictions()
        finally:
            eligibility.close()


@pytest.fixture
def platform(broker: SecuredKafka, tmp_path: Path) -> Iterator[Platform]:
    started = Platform(broker, tmp_path / "bidding.sqlite3")
    yield started
    stop(started.children)


def committed(broker: SecuredKafka) -> list[int]:
    """The group's offsets of all partitions."""
    consumer = Consumer({**client(broker, SUBSCRIBER), "group.id": GROUP})
    partitions = [TopicPartition(ORGANIZATION, number) for number in range(6)]
    try:
        while True:
            try:
                return [partition.offset for partition in consumer.committed(partitions, timeout=60)]
            except KafkaException as error:
                # A young broker has no coordinator of groups yet.
                if error.args[0].code() != KafkaError.NOT_COORDINATOR:
                    raise
                time.sleep(0.2)
    finally:
        consumer.close()


def test_killed_between_effect_and_offset_nothing_is_lost_or_applied_twice(
    broker: SecuredKafka, platform: Platform, tmp_path: Path
) -> None:
    writer = client(broker, "organization")
    write(writer, ORGANIZATION, b"no event at all")
    for number in range(50):
        write(writer, ORGANIZATION, activated(f"killed-{number}", f"e-{number}"), key=f"killed-{number}")
    before = committed(broker)
    for _ in range(2):
        dying = platform.listen(program=("-c", DYING))
        assert eventually(dying.process.poll, 60) == -signal.SIGKILL
        assert committed(broker) == before
    applied = platform.table()
    assert applied, "the effects were on disk"
    write(writer, ORGANIZATION, activated("after-the-kill", "e-50"), key="after-the-kill")
    platform.listen()
    eventually(lambda: any(row[0] == "after-the-kill" for row in platform.table()), 60)
    eventually(lambda: committed(broker) != before)
    survived = platform.table()
    assert {f"killed-{n}" for n in range(50)} < {row[0] for row in survived}
    stop(platform.children)

    replayed = Platform(broker, tmp_path / "replayed.sqlite3")
    try:
        replayed.listen()
        eventually(lambda: replayed.table() == survived, 60)
    finally:
        stop(replayed.children)


def test_a_replay_over_the_same_table_changes_nothing(broker: SecuredKafka, platform: Platform) -> None:
    write(client(broker, "organization"), ORGANIZATION, activated("replayed", "e-replayed"), key="replayed")
    platform.listen()
    eventually(lambda: any(row[0] == "replayed" for row in platform.table()), 60)
    stop(platform.children)
    before = platform.table()
    more = activated("after-the-replay", "e-replayed")
    write(client(broker, "organization"), ORGANIZATION, more, key="after-the-replay")
    platform.listen("--from-start")
    eventually(lambda: any(row[0] == "after-the-replay" for row in platform.table()), 60)
    assert [row for row in platform.table() if row[0] != "after-the-replay"] == before


def test_a_wrong_password_ends_the_platform_with_one_line(
    broker: SecuredKafka, platform: Platform, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guessed")
    platform.environment["KAFKA_SASL_PASSWORD_FILE"] = str(wrong)
    child = platform.listen()
    assert eventually(lambda: child.process.poll() is not None)
    assert child.process.returncode == 1
    assert "cannot read events: " in child.log.read_text().splitlines()[-1]


@dataclass(frozen=True)
class Organization:
    url: str
    issuer: Issuer

    def do(self, document: str, token: str, **input: Any) -> Any:
        body = {"query": document, "variables": {"i": input}}
        answer = httpx.post(self.url, json=body, headers={"authorization": f"Bearer {token}"}, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture
def organization(broker: SecuredKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organization]:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", broker.servers)
    (port,) = free_ports(1)
    issuer = Issuer(tmp_path / "issuer")
    with infrastructure(tmp_path / "database") as infra:
        environment = broker.environment("organization") | {
            "SERVICE_PORT": str(port),
            "MONGODB_URI": infra.mongodb_uri,
            "MONGODB_DATABASE": f"secured_{new_id()[:8]}",
            "JWKS_URL": issuer.jwks_url,
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }
        command = [sys.executable, "-m", "organization", "serve", "--migrate"]
        service = Child("organization", command, log=tmp_path / "organization.log", environment=environment)
        try:
            eventually(lambda: ready(service, f"http://127.0.0.1:{port}/readyz"), 60)
            yield Organization(f"http://127.0.0.1:{port}/graphql", issuer)
        finally:
            stop([service])


def ready(service: Child, url: str) -> bool:
    service.raise_if_dead()
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_a_service_publishes_and_consumes_and_the_platform_hears_of_it(
    broker: SecuredKafka, organization: Organization, platform: Platform
) -> None:
    platform.listen()
    housing = organization.issuer.token("HOUSING_AUTHORITY", sub="housing")
    street = organization.issuer.token("STREET_OFFICER", sub="street")

    def do(mutation: str, token: str, **values: Any) -> str:
        input = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation($i: {input}!) {{ {mutation}(input: $i) {{ id }} }}"
        return str(organization.do(document, token, **values)[mutation]["id"])

    enterprise = do(
        "registerPropertyEnterprise", housing, name="物业", creditCode="91371324MA3C0A0011", stateOwned=False
    )
    entry = {"subjectId": enterprise, "colour": "BLACK", "rank": 1, "score": 40}
    listed = do("draftList", street, period="2026-01", entries=[entry])
    do("publishList", housing, id=listed)
    consequence = {
        "subjectType": "PROPERTY_ENTERPRISE",
        "subjectId": enterprise,
        "kind": "BIDDING_RESTRICTED",
        "startOn": str(FROM),
        "endOn": str(TO),
        "basisListId": listed,
    }
    made = do("activateConsequence", housing, **consequence)
    eventually(lambda: any(row[0] == made for row in platform.table()), 60)
    assert eventually(lambda: platform.ask(enterprise, MARCH) != list(Answer).index(Answer.UNKNOWN))
    assert platform.ask(enterprise, MARCH) == list(Answer).index(Answer.NO) == 1
    assert platform.ask(enterprise, date(2026, 8, 1)) == 0

    committee = {"industryCommitteeId": "committee-1", "sector": "FOOD_DELIVERY", "establishedOn": "2026-01-01"}
    event = envelope("new-employment-group", "industry_committee.established", "committee-1", 1, committee)
    write(client(broker, "new-employment-group"), "lanling.new-employment-group.events", event, key="committee-1")
    counted = "{ partyOrganizations { totalCount } }"
    eventually(lambda: organization.do(counted, housing)["partyOrganizations"]["totalCount"] == 1, 60)
