from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lanling_local import clean, java
from lanling_local.errors import StackError
from lanling_local.parts import SERVICES, port_of, service_named
from lanling_local.ports import HOST, free_ports
from lanling_local.preflight import check_ports, is_running, single_instance


def test_a_taken_port_is_told_with_its_variable() -> None:
    (free,) = free_ports(1)
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        with pytest.raises(StackError, match=f"^port {taken} of b is taken: stop what listens there, or set B_PORT to"):
            check_ports({"A_PORT": ("a", free), "B_PORT": ("b", taken)})


def test_several_taken_ports_are_told_in_one_line() -> None:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as two:
        first, second = one.getsockname()[1], two.getsockname()[1]
        with pytest.raises(StackError, match=rf"^ports {first}, {second} are taken, .* others by A_PORT, B_PORT$"):
            check_ports({"A_PORT": ("a", first), "B_PORT": ("b", second)})


def test_a_port_given_twice_is_told() -> None:
    (free,) = free_ports(1)
    with pytest.raises(StackError, match=f"^port {free} is given to a and to b: change B_PORT$"):
        check_ports({"A_PORT": ("a", free), "B_PORT": ("b", free)})


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "40 00"])
def test_a_wrong_port_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("GRID_PORT", text)
    with pytest.raises(StackError, match=f"GRID_PORT={text} is no port"):
        port_of("GRID_PORT", 4002)


def test_ports_of_the_environment_reach_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RED_PARTNER_PORT", "5005")
    assert next(part for part in SERVICES if part.name == "red-partner").url == f"http://{HOST}:5005/graphql"


def test_an_unknown_service_is_told_with_the_known_ones() -> None:
    with pytest.raises(StackError, match="no service 'pints'; there are: organization"):
        service_named("pints")


def test_data_are_not_removed_under_a_running_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANLING_RUN_DIRECTORY", str(tmp_path))
    for name in ("mongodb/data", "issuer"):
        (tmp_path / name).mkdir(parents=True)
    with single_instance(tmp_path):
        assert is_running(tmp_path)
        with pytest.raises(StackError, match="stop it first"):
            clean.clean_data()
    assert not is_running(tmp_path)
    assert clean.clean_data() == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["issuer", "lock"]


@pytest.mark.parametrize(
    ("version", "good"), [("17.0.15", True), ("25", True), ("11.0.2", False), ("1.8.0_402", False)]
)
def test_a_java_of_the_machine_serves_when_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, good: bool
) -> None:
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    if good:
        assert java.java_on_path() == str(program)
    else:
        with pytest.raises(StackError, match="no Java ≥ 17"):
            java.java_on_path()
