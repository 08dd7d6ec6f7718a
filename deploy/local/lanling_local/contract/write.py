"""Writes the event contract, and publishes it: `make compose-schema`, `make publish-schemas`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from lanling_local.contract.files import (
    Files,
    broken_promises,
    contract_files,
    publications,
    stale_files,
    unpublished,
)
from lanling_local.contract.services import ServiceContract, current_contracts
from lanling_local.errors import StackError
from lanling_local.node import install_packages, run_node

SHOWN = 10


def write_event_contract(repository: Path) -> None:
    """Schemas, samples, AsyncAPI document and catalogue. Raises StackError when a promise is broken: writes nothing."""
    contracts = current_contracts()
    _write_all(repository, contracts)
    if waiting := unpublished(repository, contracts):
        print(f"not published yet, make publish-schemas does it: {_some(waiting)}")


def publish_event_contract(repository: Path) -> None:
    """Promise what the classes say now, for good; then write the contract."""
    contracts = current_contracts()
    _keep_promises(repository, contracts)
    waiting = unpublished(repository, contracts)
    _write(repository, publications(repository, contracts) | _samples(repository, contracts))
    _write_all(repository, contracts)
    print(f"published: {_some(waiting) or 'nothing new'}")


def validate_asyncapi(repository: Path) -> None:
    """With the official parser. Raises StackError with what it says."""
    validator = repository / "schemas" / "asyncapi"
    install_packages(validator)
    run_node([str(validator / "validate.mjs"), str(repository / "schemas" / "asyncapi.json")], repository)


def _write_all(repository: Path, contracts: Sequence[ServiceContract]) -> None:
    _keep_promises(repository, contracts)
    files = contract_files(repository, contracts)
    for stale in stale_files(repository, files):
        (repository / stale).unlink()
    _write(repository, files)
    print(f"wrote schemas/events, schemas/samples, schemas/asyncapi.json, docs/events of {len(contracts)} services")


def _keep_promises(repository: Path, contracts: Sequence[ServiceContract]) -> None:
    if broken := broken_promises(repository, contracts, datetime.now(UTC).date()):
        raise StackError(
            "published events would break; keep the field or make a new version: docs/adr/0014-event-contract.md",
            [str(each) for each in broken],
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _samples(repository: Path, contracts: Sequence[ServiceContract]) -> Files:
    """As they are before publication, so that what is promised lies on disk."""
    return {path: text for path, text in contract_files(repository, contracts).items() if "samples" in path.parts}


def _write(repository: Path, files: Files) -> None:
    for path, text in files.items():
        file = repository / path
        if not file.exists() or file.read_bytes() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text)
