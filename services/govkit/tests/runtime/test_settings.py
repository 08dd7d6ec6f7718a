from pathlib import Path

import pytest

from govkit.bus.kafka import SecuredBroker
from govkit.runtime.settings import ServiceSettings, load_settings

VALID = {
    "SERVICE_PORT": "4001",
    "MONGODB_URI": "mongodb://127.0.0.1:27117/?replicaSet=rs0",
    "MONGODB_DATABASE": "lanling_organization",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:19092",
    "JWKS_URL": "file:///tmp/jwks.json",
    "JWT_ISSUER": "https://issuer.test",
    "JWT_AUDIENCE": "lanling",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in ServiceSettings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    for name, value in VALID.items():
        monkeypatch.setenv(name, value)


def refused(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        load_settings(ServiceSettings)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()


def test_valid_environment() -> None:
    settings = load_settings(ServiceSettings)
    assert (settings.service_port, settings.service_host, settings.topic_prefix) == (4001, "127.0.0.1", "lanling")
    assert settings.demo_data is False


def test_one_line_for_each_problem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SERVICE_PORT", "400x")
    monkeypatch.setenv("DEMO_DATA", "perhaps")
    monkeypatch.delenv("JWT_ISSUER")
    lines = refused(capsys)
    assert len(lines) == 3
    assert lines[0].startswith("configuration: SERVICE_PORT has a wrong value '400x': ")
    assert lines[0].endswith("; for example SERVICE_PORT=4001")
    assert lines[1] == "configuration: JWT_ISSUER is missing; for example JWT_ISSUER=https://issuer.example"
    assert lines[2].startswith("configuration: DEMO_DATA has a wrong value 'perhaps'")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SERVICE_PORT", "70000"),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1"),
        ("MONGODB_DATABASE", "a.b"),
        ("JWKS_URL", "ftp://issuer"),
        ("LOG_LEVEL", "LOUD"),
        ("SERVICE_HOST", ""),
    ],
)
def test_wrong_values(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    (line,) = refused(capsys)
    assert line.startswith(f"configuration: {variable} has a wrong value {value!r}")


def test_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongo://user:pass@host")
    (line,) = refused(capsys)
    assert "pass" not in line
    assert line.startswith("configuration: MONGODB_URI has a wrong value: ")


def test_secured_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret-word\n")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_SASL_USERNAME", "organization")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD_FILE", str(password))
    broker = load_settings(ServiceSettings).broker
    assert isinstance(broker, SecuredBroker)
    assert (broker.username, broker.password) == ("organization", "secret-word")
    assert broker.ssl_context.check_hostname
    assert "secret-word" not in repr(broker)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "SASL_SSL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE"),
        ({"KAFKA_SASL_USERNAME": "a"}, "SASL_SSL needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD_FILE"),
        ({"KAFKA_SASL_USERNAME": "a", "KAFKA_SASL_PASSWORD_FILE": "/none"}, "KAFKA_SASL_PASSWORD_FILE has a wrong"),
        (
            {"KAFKA_SASL_USERNAME": "a", "KAFKA_SASL_PASSWORD_FILE": __file__, "KAFKA_CA_FILE": __file__},
            "KAFKA_CA_FILE",
        ),
    ],
)
def test_incomplete_secured_broker(
    given: dict[str, str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", **given}.items():
        monkeypatch.setenv(name, value)
    (line,) = refused(capsys)
    assert complaint in line


def test_a_value_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "uri"
    file.write_text("mongodb://user:pass@host\n")
    monkeypatch.delenv("MONGODB_URI")
    monkeypatch.setenv("MONGODB_URI_FILE", str(file))
    assert load_settings(ServiceSettings).mongodb_uri == "mongodb://user:pass@host"


def test_a_wrong_value_from_a_file_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "uri"
    file.write_text("mongo://user:pass@host\n")
    monkeypatch.delenv("MONGODB_URI")
    monkeypatch.setenv("MONGODB_URI_FILE", str(file))
    (line,) = refused(capsys)
    assert line.startswith("configuration: MONGODB_URI has a wrong value: ")


def test_what_is_wrong_with_a_file_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "uri"
    monkeypatch.setenv("MONGODB_URI_FILE", str(file))
    both = "configuration: MONGODB_URI and MONGODB_URI_FILE are both set: unset one of them"
    assert refused(capsys) == [both]
    monkeypatch.delenv("MONGODB_URI")
    assert refused(capsys) == [
        f"configuration: MONGODB_URI_FILE: {file} cannot be read: No such file or directory",
    ]
    file.write_bytes(b"\xff\xfe")
    assert refused(capsys) == [f"configuration: MONGODB_URI_FILE: {file} cannot be read: not UTF-8"]
    file.write_text(" \n")
    assert refused(capsys) == [f"configuration: MONGODB_URI_FILE: {file} is empty"]
