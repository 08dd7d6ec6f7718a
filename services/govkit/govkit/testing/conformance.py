"""What every service must do, as tests that each service's `test_conformance.py` inherits:

class TestConformance(Conformance):
    service = SERVICE
    package = "organization"
"""

import asyncio
import importlib
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar, get_origin

import pytest
from graphql import EnumTypeDefinitionNode, parse
from graphql.language import StringValueNode
from jsonschema import Draft202012Validator
from orjson import loads

from govkit.bus.inbox import by_type
from govkit.contract.schemas import event_schema
from govkit.domain import Actor, ErrorCode, GovError, Role, Scope
from govkit.domain.events import TYPE_PREFIX
from govkit.domain.fields import fields_of
from govkit.graphql.lists import list_name
from govkit.service import Service
from govkit.store.store import index_models
from govkit.testing.bus import until
from govkit.testing.hostile import attack, know_references, known_codes, made_up, operations, samples
from govkit.testing.service import at_rest, running

LONGEST_ANSWER_SECONDS = 10
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BUILT_IN = {"_Service", "_Entity", "_Any"}
SCHEMAS = Path(__file__).parents[4] / "schemas"
EVENT_SCHEMAS, GOLDEN_SAMPLES = SCHEMAS / "events", SCHEMAS / "samples"


class Conformance:
    """Set `service` and `package`; `settings` are further settings that the service cannot start without."""

    service: ClassVar[Service]
    package: ClassVar[str]
    settings: ClassVar[dict[str, Any]] = {}

    # --- the schema ---------------------------------------------------------------------------------------------------

    def test_everything_in_the_schema_is_described_in_chinese_and_english(self) -> None:
        missing = [name for name, text in descriptions(self.service.schema_text()) if not _bilingual(text)]
        assert missing == []

    def test_every_event_schema_is_valid_and_free_of_text_fields(self) -> None:
        for cls in self.service.events:
            Draft202012Validator.check_schema(event_schema(cls))

    # --- errors -------------------------------------------------------------------------------------------------------

    @property
    def errors(self) -> type[ErrorCode]:
        assert self.service.errors is not None, "the service names no error catalogue"
        return self.service.errors

    def test_every_error_code_is_in_the_schema_and_explained(self) -> None:
        published = error_codes(self.service.schema_text())
        assert {member.code: member.value for member in self.errors}.items() <= published.items()
        assert [code for code, text in published.items() if not _bilingual(text)] == []

    def test_every_error_code_is_raised_somewhere(self) -> None:
        catalogue = self.errors
        used = set(re.findall(rf"\b{catalogue.__name__}\.([A-Z_]+)", sources(self.package)))
        assert {member.name for member in catalogue} == used

    # --- what others publish ------------------------------------------------------------------------------------------

    def test_every_consumer_reads_an_event_that_someone_publishes(self) -> None:
        published = published_fields()
        assert by_type(self.service.all_consumers).keys() <= published.keys()
        for keep in self.service.kept:
            for event in keep.events:
                assert keep.id in published[f"{TYPE_PREFIX}{event}.v1"], f"{keep.type_name} reads {event}"

    def test_every_consumer_reads_fields_that_the_event_has(self) -> None:
        """Also those with a default: it is for events of long ago, not for names that nobody publishes."""
        published = published_fields()
        for consumer in self.service.all_consumers:
            if get_origin(consumer.view) is not dict:
                read = {item.camel for item in fields_of(consumer.view)}
                for type in consumer.types:
                    assert read <= published[type], f"{consumer.view.__name__} reads {type}"

    def test_every_consumer_reads_the_golden_samples(self) -> None:
        """Of every version that was ever published: topics keep them for ever."""
        samples = {path.stem: loads(path.read_bytes()) for path in GOLDEN_SAMPLES.glob("*/*.json")}
        for type, consumers in by_type(self.service.all_consumers).items():
            data = samples[type]["data"]
            for consumer in consumers:
                read = consumer.read(data)
                if get_origin(consumer.view) is not dict:
                    assert consumer.read(data | {"newerThanThisConsumer": {}}) == read, type

    def test_no_consumer_depends_on_knowing_every_member_of_an_enum(self) -> None:
        """Members may be added: views read them as `Code` and pass over those that they do not know."""
        views = [consumer.view for consumer in self.service.all_consumers if get_origin(consumer.view) is not dict]
        assert [(view.__name__, item.name) for view in views for item in fields_of(view) if item.is_enum] == []

    # --- states -------------------------------------------------------------------------------------------------------

    def test_state_tables_are_reachable_and_name_commands(self) -> None:
        commands = {command.name for command in self.service.all_commands}
        for cls in self.service.aggregates:
            for row in cls.TABLE.rows.values() if cls.TABLE else ():
                assert row.name in commands, f"{cls.__name__}: no command for {row.name}"
                assert row.sources, f"{cls.__name__}.{row.name} starts nowhere"

    def test_due_rules_are_described_indexed_and_lawful(self) -> None:
        for cls in (cls for cls in self.service.aggregates if cls.DUE):
            assert any(model.document["name"] == "falls_due_at_1" for model in index_models(cls)), cls.__name__
            names = [rule.name for rule in cls.DUE]
            assert len(set(names)) == len(names)
            dates = {item.name for item in fields_of(cls) if item.item in (date, datetime)}
            for rule in cls.DUE:
                assert _bilingual(rule.doc), rule.name
                assert rule.moment.field in dates, rule.name
                assert rule.target not in rule.sources, rule.name
                assert rule.target is None or rule.sources, f"{rule.name} moves from nowhere"

    def test_every_command_names_its_roles(self) -> None:
        assert [command.name for command in self.service.all_commands if not command.roles] == []

    def test_no_role_may_do_what_is_not_granted(self) -> None:
        everywhere = Scope(county_wide=True)
        for command in self.service.all_commands:
            for role in set(Role) - command.roles:
                with pytest.raises(GovError, match="AUTH_FORBIDDEN"):
                    Actor(id="x", roles=frozenset({role}), scope=everywhere).require(command.roles)

    # --- the running service --------------------------------------------------------------------------------------

    async def test_health_authentication_and_refusals(
        self, infrastructure: Any, issuer: Any, topic_prefix: str
    ) -> None:
        async with running(self.service, infrastructure, issuer, topic_prefix, **self.settings) as service:
            base = service.url.removesuffix("/graphql")
            assert (await service.client.get(f"{base}/livez")).status_code == 200

            async def ready() -> bool:
                return (await service.client.get(f"{base}/readyz")).status_code == 200

            await until(ready)
            assert "outbox" in (await service.client.get(f"{base}/metrics")).text
            listed = next(iter(self.service.aggregates))
            document = f"{{ {list_name(listed)}(first: 1) {{ totalCount }} }}"
            assert await service.refusal(document) == "AUTH_UNAUTHENTICATED"
            assert await service.refusal(document, token="forged.token.here") == "AUTH_UNAUTHENTICATED"
            token = issuer.token(Role.AUDITOR)
            too_many = document.replace("first: 1", "first: 100000")
            assert await service.refusal(too_many, token=token) == "GEN_PAGE_TOO_LARGE"
            assert await service.refusal("{ nothing", token=token) == "GRAPHQL_PARSE_FAILED"
            assert await service.refusal("{ nothing }", token=token) == "GRAPHQL_VALIDATION_FAILED"
            big = await service.client.post(service.url, content=b"x" * (2 << 20))
            assert big.status_code == 413

            async def counted() -> bool:
                shown = (await service.client.get(f"{base}/metrics")).text
                return all(f"\ncounty_{gauge.name} " in shown for gauge in self.service.gauges)

            await until(counted)

    async def test_hostile_input_gets_a_coded_refusal_or_a_sound_success(
        self, infrastructure: Any, issuer: Any, topic_prefix: str
    ) -> None:
        """`HOSTILE_CASES` for each operation, made up anew each time; without it some, the same each time."""
        cases = int(os.environ.get("HOSTILE_CASES", "0"))
        async with at_rest(self.service, infrastructure, issuer, topic_prefix, **self.settings) as (client, store):
            told = {path.stem: loads(path.read_bytes())["data"] for path in GOLDEN_SAMPLES.glob("*/*.json")}
            await know_references(store, self.service.kept, told)
            stored = await samples(store)
            subject = next(iter(stored.get("residentId", ())), "test-user")
            client.headers["authorization"] = f"Bearer {issuer.token(*Role, sub=subject)}"
            known = known_codes(error_codes(self.service.schema_text()))
            outcomes: dict[str, Counter[str]] = {}
            for operation in operations(self.service, stored):
                for variables in made_up(operation, cases):
                    try:
                        asked = attack(client, store, known, operation, variables)
                        outcome = await asyncio.wait_for(asked, LONGEST_ANSWER_SECONDS)
                    except (AssertionError, TimeoutError) as wrong:
                        raise AssertionError(f"{operation.name} with {str(variables)[:2000]}") from wrong
                    outcomes.setdefault(operation.name, Counter())[outcome] += 1
            met = sum(outcomes.values(), Counter[str]())
            # Hostile values meet rules, and sound ones get through: else nothing has been tried.
            assert met["GEN_VALIDATION"] > 0
            assert met["success"] > len(outcomes)

    def test_a_wrong_setting_stops_the_start_with_one_line(self) -> None:
        process = subprocess.run(
            [sys.executable, "-m", self.package, "serve"],
            env={"PATH": "/usr/bin:/bin", "SERVICE_PORT": "none"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert process.returncode == 2
        assert any(line.startswith("configuration: SERVICE_PORT") for line in process.stderr.splitlines())


def descriptions(sdl: str) -> list[tuple[str, str]]:
    """(name, description) of every type, field, argument, input field and enum value of the subgraph."""
    found: list[tuple[str, str]] = []
    for node in parse(sdl).definitions:
        name = getattr(getattr(node, "name", None), "value", None)
        if name is None or name in BUILT_IN or node.kind in ("scalar_type_definition", "directive_definition"):
            continue
        if node.kind != "union_type_definition" and name not in ("Query", "Mutation"):
            found.append((name, _text(getattr(node, "description", None))))
        for member in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
            label = f"{name}.{member.name.value}"
            if member.name.value.startswith("_"):
                continue
            found.append((label, _text(member.description)))
            for argument in getattr(member, "arguments", None) or ():
                found.append((f"{label}({argument.name.value})", _text(argument.description)))
    return found


def error_codes(sdl: str) -> dict[str, str]:
    """Code and description of every error that the subgraph publishes."""
    enums = [node for node in parse(sdl).definitions if isinstance(node, EnumTypeDefinitionNode)]
    (codes,) = [node for node in enums if node.name.value.endswith("ErrorCode")]
    return {member.name.value: _text(member.description) for member in codes.values or ()}


def sources(package: str) -> str:
    """All Python code of a package."""
    directory = Path(str(importlib.import_module(package).__file__)).parent
    return "\n".join(path.read_text() for path in sorted(directory.rglob("*.py")))


def published_fields() -> dict[str, set[str]]:
    """Event type → fields of its data, of all committed schemas. There must be some."""
    schemas = {path.stem: set(loads(path.read_bytes())["properties"]) for path in EVENT_SCHEMAS.glob("*/*.json")}
    assert schemas, f"no event schemas in {EVENT_SCHEMAS}"
    return schemas


def _text(node: StringValueNode | None) -> str:
    return node.value if node else ""


def _bilingual(text: str) -> bool:
    return bool(CHINESE.search(text)) and bool(re.search(r"[A-Za-z]", text))
