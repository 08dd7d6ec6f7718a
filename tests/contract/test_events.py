"""The event contract is on disk as the event classes say it, it is valid, and it keeps what was promised."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from lanling_local.contract.files import broken_promises, contract_files, stale_files, unpublished
from lanling_local.contract.services import ServiceContract, current_contracts
from lanling_local.contract.texts import bilingual, thing_of
from lanling_local.contract.volume import read_volume
from lanling_local.contract.write import validate_asyncapi
from lanling_local.errors import StackError
from lanling_local.node import run_node
from lanling_local.paths import REPOSITORY

SCHEMAS = REPOSITORY / "schemas"
EVENTS = sorted((SCHEMAS / "events").glob("*/*.json"))
SAMPLES = sorted((SCHEMAS / "samples").glob("*/*.json"))


@pytest.fixture(scope="module")
def contracts() -> list[ServiceContract]:
    return current_contracts()


def read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(file.read_bytes())
    return content


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_schemas_samples_asyncapi_and_catalogue_are_committed(contracts: list[ServiceContract]) -> None:
    files = contract_files(REPOSITORY, contracts)
    outdated = [
        str(path)
        for path, text in files.items()
        if not (REPOSITORY / path).exists() or (REPOSITORY / path).read_bytes() != text
    ]
    assert (outdated, stale_files(REPOSITORY, files)) == ([], []), "run make compose-schema"


def test_no_promise_to_subscribers_is_broken(contracts: list[ServiceContract]) -> None:
    assert [str(each) for each in broken_promises(REPOSITORY, contracts, datetime.now(UTC).date())] == []


def test_everything_that_is_sent_has_been_published(contracts: list[ServiceContract]) -> None:
    assert unpublished(REPOSITORY, contracts) == [], "run make publish-schemas once their form is final"


def test_no_event_type_has_two_producers() -> None:
    names = [path.name for path in EVENTS]
    assert names
    assert len(names) == len(set(names))


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in EVENTS}))
def test_the_schemas_are_valid_and_fit_their_examples(folder: str) -> None:
    for file in (path for path in EVENTS if path.parent.name == folder):
        schema = read(file)
        Draft202012Validator.check_schema(schema)
        assert schema["title"] == file.stem
        assert all(bilingual(schema["description"])), file.stem
        for example in schema["examples"]:
            validator(schema).validate(example)


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in SAMPLES}))
def test_golden_samples_fit_the_envelope_and_their_schemas(folder: str) -> None:
    envelope = read(SCHEMAS / "envelope.json")
    Draft202012Validator.check_schema(envelope)
    for file in (path for path in SAMPLES if path.parent.name == folder):
        sample = read(file)
        validator(envelope).validate(sample)
        assert sample.keys() == set(envelope["required"]) == envelope["properties"].keys(), file.stem
        assert (sample["type"], sample["source"]) == (file.stem, f"/lanling/{folder}")
        validator(read(SCHEMAS / "events" / sample["dataschema"])).validate(sample["data"])


def test_every_type_has_its_golden_sample() -> None:
    assert [path.relative_to(SCHEMAS / "events") for path in EVENTS] == [
        path.relative_to(SCHEMAS / "samples") for path in SAMPLES
    ]


def test_the_official_parser_accepts_the_asyncapi_document() -> None:
    validate_asyncapi(REPOSITORY)


def test_the_official_parser_refuses_a_wrong_one(tmp_path: Path) -> None:
    document = read(SCHEMAS / "asyncapi.json")
    document["operations"]["grid.publish"]["action"] = "shout"
    wrong = tmp_path / "asyncapi.json"
    wrong.write_bytes(orjson.dumps(document))
    (tmp_path / "envelope.json").symlink_to(SCHEMAS / "envelope.json")
    (tmp_path / "events").symlink_to(SCHEMAS / "events")
    with pytest.raises(StackError) as refused:
        run_node([str(SCHEMAS / "asyncapi" / "validate.mjs"), str(wrong)], REPOSITORY)
    assert any("operations.grid.publish.action" in line for line in refused.value.details)


def test_expected_volumes_are_those_of_things_that_exist() -> None:
    volume = read_volume(SCHEMAS / "volume.toml")
    assert volume.classes.keys() <= {thing_of(path.stem) for path in EVENTS}
