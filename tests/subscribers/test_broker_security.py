"""The security profile of deploy/kafka on a real broker: who is declared comes in, and nothing else does."""

import importlib
import socket
import ssl
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from govkit.bus.envelope import Envelope
from govkit.bus.kafka import SecuredBroker
from govkit.operations.restore import told
from lanling_local.secured_kafka import PROFILE, SecuredKafka
from subscribers.plain import ORGANIZATION, SECONDS, SUBSCRIBER, client, envelope, write

PETITION = "lanling.petition.events"
FIRST = b"first"
PRINCIPALS: dict[str, Any] = tomllib.loads((PROFILE / "principals.toml").read_text())["principals"]
SERVICES = ("organization", "grid", "petition", "points", "red-partner", "new-employment-group")


def read(config: dict[str, Any], topic: str, group: str) -> None:
    """Read from the start until FIRST comes. Raises KafkaException with the first error, of connection or topic."""
    errors: list[KafkaError] = []
    settings = {"group.id": group, "auto.offset.reset": "earliest", "error_cb": errors.append}
    consumer = Consumer({**config, **settings})
    deadline = time.monotonic() + SECONDS
    try:
        consumer.subscribe([topic])
        while time.monotonic() < deadline:
            record = consumer.poll(0.2)
            if record is not None:
                if error := record.error():
                    raise KafkaException(error)
                if record.value() == FIRST:
                    return
            if errors:
                raise KafkaException(errors[0])
    finally:
        consumer.close()
    raise TimeoutError(f"neither what was written to {topic} nor an error in {SECONDS} s")


@contextmanager
def tls_session(server: str, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    host, port = server.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=host) as session,
    ):
        yield session


def own_group(principal: str) -> str:
    return f"{PRINCIPALS[principal]['groups']}test-{uuid.uuid4().hex[:8]}"


def refusal_to_read(config: dict[str, Any], topic: str, group: str) -> int:
    with pytest.raises(KafkaException) as refused:
        read(config, topic, group)
    return int(refused.value.args[0].code())


@pytest.fixture(scope="module", autouse=True)
def first_event(broker: SecuredKafka) -> None:
    write(client(broker, "organization"), ORGANIZATION, FIRST)


def test_a_declared_reader_reads_what_the_service_wrote(broker: SecuredKafka) -> None:
    read(client(broker, SUBSCRIBER), ORGANIZATION, own_group(SUBSCRIBER))


def test_a_wrong_password_is_refused(broker: SecuredKafka) -> None:
    config = client(broker, SUBSCRIBER, sasl_password="guessed")
    assert refusal_to_read(config, ORGANIZATION, own_group(SUBSCRIBER)) == KafkaError._AUTHENTICATION


def test_the_password_of_another_is_refused(broker: SecuredKafka) -> None:
    config = client(broker, SUBSCRIBER, sasl_username="organization")
    assert refusal_to_read(config, ORGANIZATION, own_group(SUBSCRIBER)) == KafkaError._AUTHENTICATION


def test_an_unknown_user_is_refused(broker: SecuredKafka) -> None:
    config = client(broker, SUBSCRIBER, sasl_username="somebody")
    assert refusal_to_read(config, ORGANIZATION, own_group(SUBSCRIBER)) == KafkaError._AUTHENTICATION


@pytest.mark.parametrize("protocol", ["plaintext", "sasl_plaintext"])
def test_nothing_is_spoken_without_encryption(broker: SecuredKafka, protocol: str) -> None:
    encrypted = client(broker, SUBSCRIBER)
    assert ORGANIZATION in Consumer({**encrypted, "group.id": "any"}).list_topics(timeout=SECONDS).topics
    plain = {**encrypted, "security.protocol": protocol, "group.id": "any"}
    with pytest.raises(KafkaException):
        Consumer(plain).list_topics(timeout=3)


def test_the_broker_is_trusted_through_the_authority_alone(broker: SecuredKafka) -> None:
    with pytest.raises(ssl.SSLCertVerificationError), tls_session(broker.servers, ssl.create_default_context()):
        pass
    with tls_session(broker.servers, ssl.create_default_context(cafile=broker.ca)) as session:
        assert session.version() == "TLSv1.3"


def test_a_topic_that_is_not_named_is_refused(broker: SecuredKafka) -> None:
    config = client(broker, SUBSCRIBER)
    assert refusal_to_read(config, PETITION, own_group(SUBSCRIBER)) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert set(Consumer({**config, "group.id": "any"}).list_topics(timeout=SECONDS).topics) == {ORGANIZATION}


async def test_a_service_reads_back_what_it_has_told(broker: SecuredKafka) -> None:
    """As `restore` does, with its own user."""
    told_here = envelope("organization", "staff.registered", f"staff-{uuid.uuid4().hex[:8]}", 1, {})
    event = Envelope.from_json(told_here)
    write(client(broker, "organization"), ORGANIZATION, told_here, key=event.subject)
    own = SecuredBroker(
        bootstrap_servers=broker.servers,
        username="organization",
        password=(broker.passwords / "organization.password").read_text().strip(),
        ssl_context=ssl.create_default_context(cafile=broker.ca),
    )
    read_back = [found async for batch in told(own, ORGANIZATION, event.source, []) for found in batch]
    assert event in read_back


def test_a_service_reads_only_what_its_consumers_listen_to(broker: SecuredKafka) -> None:
    assert PETITION not in PRINCIPALS["red-partner"]["reads"]
    code = refusal_to_read(client(broker, "red-partner"), PETITION, own_group("red-partner"))
    assert code == KafkaError.TOPIC_AUTHORIZATION_FAILED


@pytest.mark.parametrize("group", ["lanling.grid", "bidding", "another-system."])
def test_a_group_of_another_system_is_refused(broker: SecuredKafka, group: str) -> None:
    code = refusal_to_read(client(broker, SUBSCRIBER), ORGANIZATION, group)
    assert code == KafkaError.GROUP_AUTHORIZATION_FAILED


@pytest.mark.parametrize("principal", [SUBSCRIBER, "gateway", "grid"])
def test_who_only_reads_does_not_write(broker: SecuredKafka, principal: str) -> None:
    with pytest.raises(KafkaException) as refused:
        write(client(broker, principal), ORGANIZATION, b"forged")
    assert refused.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_system_gives_itself_neither_rights_nor_topics(broker: SecuredKafka) -> None:
    admin = AdminClient(client(broker, SUBSCRIBER))
    right = AclBinding(
        ResourceType.TOPIC,
        PETITION,
        ResourcePatternType.LITERAL,
        f"User:{SUBSCRIBER}",
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    futures = [*admin.create_acls([right]).values(), *admin.create_topics([NewTopic("own", 1)]).values()]
    for future in futures:
        with pytest.raises(KafkaException) as refused:
            future.result(SECONDS)
        assert refused.value.args[0].code() in (
            KafkaError.CLUSTER_AUTHORIZATION_FAILED,
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
        )


def test_operators_come_by_certificate_alone(broker: SecuredKafka) -> None:
    trusting = ssl.create_default_context(cafile=broker.ca)
    with (
        pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"),
        tls_session(broker.internal_servers, trusting) as session,
    ):
        session.recv(1)  # With TLS 1.3 the refusal arrives after the handshake.


def test_what_is_in_line_stays(broker: SecuredKafka) -> None:
    assert broker.prepare() == "nothing to do\n"
    assert broker.prepare("--apply") == "nothing to do\n"


def test_a_system_that_is_no_longer_declared_loses_everything(broker: SecuredKafka, tmp_path: Path) -> None:
    declaration = tmp_path / "principals.toml"
    kept, _, _ = (PROFILE / "principals.toml").read_text().partition(f"[principals.{SUBSCRIBER}]")
    declaration.write_text(kept)
    shown = broker.prepare(f"--principals={declaration}")
    read(client(broker, SUBSCRIBER), ORGANIZATION, own_group(SUBSCRIBER))
    try:
        done = broker.prepare(f"--principals={declaration}", "--apply")
        assert done.splitlines() == [
            f"- allow User:{SUBSCRIBER} to read group {SUBSCRIBER}.*",
            f"- allow User:{SUBSCRIBER} to read topic {ORGANIZATION}",
            f"- user {SUBSCRIBER}",
        ]
        assert shown == done + "nothing was changed yet: --apply does it\n"
        code = refusal_to_read(client(broker, SUBSCRIBER), ORGANIZATION, own_group(SUBSCRIBER))
        assert code == KafkaError._AUTHENTICATION
    finally:
        broker.prepare("--apply")
    read(client(broker, SUBSCRIBER), ORGANIZATION, own_group(SUBSCRIBER))


@pytest.mark.parametrize("name", ["broker", "operator"])
def test_no_system_has_the_name_of_a_super_user(broker: SecuredKafka, tmp_path: Path, name: str) -> None:
    declaration = tmp_path / "principals.toml"
    declaration.write_text(
        (PROFILE / "principals.toml").read_text() + f'\n[principals.{name}]\nreads = ["{PETITION}"]\n'
    )
    with pytest.raises(subprocess.CalledProcessError) as refused:
        broker.prepare(f"--principals={declaration}", "--apply")
    assert f"{name}: super.users of server.properties may do everything" in refused.value.stderr
    assert len(refused.value.stderr.splitlines()) == 1
    assert not (broker.passwords / f"{name}.password").exists()


def test_a_new_password_replaces_the_old(broker: SecuredKafka) -> None:
    old = client(broker, SUBSCRIBER)
    assert broker.prepare(f"--new-password={SUBSCRIBER}", "--apply") == f"+ user {SUBSCRIBER}\n"
    assert refusal_to_read(old, ORGANIZATION, own_group(SUBSCRIBER)) == KafkaError._AUTHENTICATION
    read(client(broker, SUBSCRIBER), ORGANIZATION, own_group(SUBSCRIBER))


@pytest.mark.parametrize("name", SERVICES)
def test_rights_are_those_that_the_service_needs(name: str) -> None:
    service = importlib.import_module(f"{name.replace('-', '_')}.service").SERVICE
    declared = PRINCIPALS[name]
    assert declared["writes"] == [f"lanling.{name}.events"]
    needed = {f"lanling.{other}.events" for other in service.listens_to}
    own = f"lanling.{name}.events"  # for `restore`
    assert set(declared["reads"]) == needed | {own}, "deploy/kafka/principals.toml and listens_to differ"
    assert declared["groups"] == f"lanling.{name}"


@pytest.mark.parametrize("command", ["prepare.py", "reload_certificates.py"])
def test_a_certificate_that_is_not_there_is_one_line(command: str, tmp_path: Path) -> None:
    files = {"--ca": "ca.pem", "--certificate": "operator.pem", "--passwords": "passwords"}
    given = [part for option, name in files.items() for part in (option, str(tmp_path / name))]
    asked = given if command == "prepare.py" else given[:4]
    line = [sys.executable, str(PROFILE / command), "--bootstrap-servers", "127.0.0.1:1", *asked]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "ssl.ca.location failed" in done.stderr


def test_passwords_are_readable_by_their_owner_alone(broker: SecuredKafka) -> None:
    files = list(broker.passwords.iterdir())
    assert {file.stem for file in files} == PRINCIPALS.keys()
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert len({file.read_text() for file in files}) == len(files)
    assert broker.passwords.stat().st_mode & 0o777 == 0o700


def test_a_renewed_certificate_is_served_without_a_restart(broker: SecuredKafka) -> None:
    trusted = ssl.create_default_context(cafile=str(broker.ca))
    name = f"renewal-{uuid.uuid4().hex[:8]}".encode()
    connected = Consumer({**client(broker, "organization"), "group.id": "none"})

    def serial() -> Any:
        with tls_session(broker.servers, trusted) as session:
            return (session.getpeercert() or {})["serialNumber"]

    connected.list_topics(timeout=SECONDS)
    # The second time it is the same path, and another file again.
    for _ in range(2):
        before = serial()
        broker.renew_certificates()
        deadline = time.monotonic() + SECONDS
        while serial() == before:
            assert time.monotonic() < deadline, "the old certificate is still served"
            time.sleep(0.1)
    # Who was connected stays so, who comes now comes in, and the operator's new certificate works.
    connected.list_topics(timeout=SECONDS)
    connected.close()
    write(client(broker, "organization"), ORGANIZATION, name)
    assert broker.prepare() == "nothing to do\n"
