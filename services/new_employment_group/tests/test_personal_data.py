"""Sealing of personal data."""

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from govkit.domain import GovError
from new_employment_group.personal_data import NewEmploymentSettings, Vault, require_known_keys

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase


def settings(key: str, *older: str) -> NewEmploymentSettings:
    return NewEmploymentSettings.model_validate(
        {
            "service_port": 1,
            "mongodb_uri": "mongodb://127.0.0.1",
            "mongodb_database": "test",
            "kafka_bootstrap_servers": "127.0.0.1:1",
            "jwks_url": "file:///jwks.json",
            "jwt_issuer": "test",
            "jwt_audience": "test",
            "personal_data_key": key,
            "personal_data_older_keys": " ".join(older) or None,
        }
    )


def vault_of(byte: bytes) -> Vault:
    return Vault.of(settings(base64.b64encode(byte * 32).decode()))


FIRST, SECOND = vault_of(b"1"), vault_of(b"2")
BOTH = Vault.of(settings(*(base64.b64encode(byte * 32).decode() for byte in (b"2", b"1"))))


@given(st.text(), st.text())
def test_what_is_sealed_opens_for_its_subject_with_its_key_only(text: str, subject: str) -> None:
    sealed = FIRST.seal(text, subject)
    assert FIRST.open(sealed, subject) == text
    assert sealed != FIRST.seal(text, subject)
    for wrong, other in ((FIRST, subject + "x"), (SECOND, subject)):
        with pytest.raises(GovError, match="NEG_PERSONAL_DATA_KEY"):
            wrong.open(sealed, other)


def test_a_fingerprint_needs_the_key() -> None:
    assert FIRST.fingerprint("11010519491231002X") == vault_of(b"1").fingerprint("11010519491231002X")
    assert FIRST.fingerprint("11010519491231002X") != SECOND.fingerprint("11010519491231002X")


async def test_records_of_another_key_stop_the_start(
    database: "AsyncIOMotorDatabase[dict[str, Any]]", capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        await require_known_keys(database, FIRST)
    with pytest.raises(SystemExit) as ended:
        await require_known_keys(database, SECOND)
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"configuration: PERSONAL_DATA_KEY is the key {SECOND.key_id}")


@pytest.mark.parametrize("wrong", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_wrong_key_is_refused_and_never_printed(wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(wrong)
    assert refused.value.errors()[0]["loc"] == ("personal_data_key",)
    assert "**" in repr(settings(base64.b64encode(bytes(32)).decode()).personal_data_key)


def test_older_keys_open_and_recognise_and_never_seal() -> None:
    assert BOTH.open(FIRST.seal("text", "subject"), "subject") == "text"
    assert SECOND.open(BOTH.seal("text", "subject"), "subject") == "text"
    assert BOTH.fingerprint("number") == SECOND.fingerprint("number")
    assert BOTH.fingerprints("number") == {FIRST.fingerprint("number"), SECOND.fingerprint("number")}


def test_a_wrong_older_key_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        settings(base64.b64encode(bytes(32)).decode(), "not base64!")
    assert refused.value.errors()[0]["loc"] == ("personal_data_older_keys",)
