"""The contracts of pyproject.toml hold for what they name; these tests see to it that they name everything."""

from __future__ import annotations

import tomllib
from typing import Any

import grimp
import pytest

from lanling_local.import_contract import OnlyImportsContract
from lanling_local.parts import services
from lanling_local.paths import REPOSITORY


@pytest.fixture(scope="module")
def linter() -> dict[str, Any]:
    settings: dict[str, Any] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
    return settings


def test_every_service_is_in_every_contract_of_services(linter: dict[str, Any]) -> None:
    packages = {part.package for part in services()}
    contracts = {contract["name"]: contract for contract in linter["contracts"]}
    assert packages <= set(linter["root_packages"])
    assert packages <= set(contracts["The kit knows no service"]["forbidden_modules"])
    assert packages <= set(contracts["The gateway knows no other part"]["forbidden_modules"])
    assert packages <= set(contracts["Services do not know each other"]["modules"])
    assert packages <= set(contracts["In a service, imports go inwards"]["containers"])


@pytest.mark.parametrize(
    ("imported", "kept"),
    [
        ("shop.domain.prices", True),
        ("datetime", True),
        ("kit.domain.events", True),
        ("kit.store", False),
        ("kit.domains", False),
        ("shop.handlers", False),
        ("motor", False),
    ],
)
def test_only_imports_allows_what_it_lists(imported: str, kept: bool) -> None:
    graph = grimp.ImportGraph()
    graph.add_module("shop")
    graph.add_module("shop.domain")
    graph.add_module("shop.domain.orders")
    if imported not in graph.modules:
        graph.add_module(imported)
    graph.add_import(importer="shop.domain.orders", imported=imported)
    contract = OnlyImportsContract(
        name="pure", session_options={}, contract_options={"modules": ["*.domain"], "allowed": ["kit.domain"]}
    )
    check = contract.check(graph, verbose=False)
    assert check.kept is kept
    if not kept:
        assert check.metadata["broken"] == [f"shop.domain.orders imports {imported}"]
