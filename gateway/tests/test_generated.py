"""Generated code does what the interpreter does: on data as they should be, and on spoiled ones."""

from __future__ import annotations

import json
import random
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import GraphQLSchema, parse, validate

from gateway.execution import OperationCode, operation_code
from gateway.execution.batch import Batch
from gateway.execution.collect import collectors
from gateway.execution.complete import Completion
from gateway.execution.generated import source_of
from gateway.json_text import dumps
from gateway.planner import Entities, Source
from gateway.planner.inputs import Input
from gateway.routing.operations import ReadyOperation
from gateway.transport import Response

from .federation import FIXTURES, Federation
from .oracle.local import DirectClient, fixture
from .random_operations import OperationMaker
from .test_malformed import spoiled
from .worlds import shop as shop_world

NAMES = sorted(path.name for path in FIXTURES.iterdir() if (path / "supergraph.graphql").exists())


class Compared:
    """What happened while every run of generated code was held against the interpreter."""

    def __init__(self) -> None:
        self.projected = self.collected = self.interpreted = 0


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    seen = Compared()
    complete, collect, root = OperationCode.complete, Batch.collect, Completion.root

    def complete_both(
        self: OperationCode,
        data: dict[str, Any],
        variables: Mapping[str, Any],
        errors: list[dict[str, Any]],
        *,
        is_explained: bool,
    ) -> Any:
        expected_errors = list(errors)
        expected = root(Completion(variables, expected_errors, is_explained), self._shape, data)
        before = seen.interpreted
        answer = complete(self, data, variables, errors, is_explained=is_explained)
        assert dumps(answer) == dumps(expected)
        assert errors == expected_errors
        seen.projected += seen.interpreted == before
        return answer

    def collect_both(entities: Any, data: dict[str, Any], collectors: Any = None) -> Batch:
        assert collectors is not None
        batch, expected = collect(entities, data, collectors), collect(entities, data)
        assert [*batch.texts.items()] == [*expected.texts.items()]
        assert [[id(one) for one in row] for row in batch.targets] == [
            [id(one) for one in row] for row in expected.targets
        ]
        assert batch.ends == expected.ends
        seen.collected += 1
        return batch

    def interpreted(self: Completion, shape: Any, data: dict[str, Any]) -> Any:
        seen.interpreted += 1
        return root(self, shape, data)

    monkeypatch.setattr(OperationCode, "complete", complete_both)
    monkeypatch.setattr(Batch, "collect", collect_both)
    monkeypatch.setattr(Completion, "root", interpreted)
    monkeypatch.setattr(operation_code, "INTERPRETED", 0)
    return seen


def operations(schema: GraphQLSchema, seed: str, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(count):
        maker = OperationMaker(schema, random.Random(f"{seed}.{number}"), max_width=6)
        text, variables = maker.text(), maker.variables
        if not validate(schema, parse(text, allow_empty_selection_sets=False), max_errors=1):
            yield text, variables


@pytest.mark.parametrize("name", NAMES)
async def test_equal_to_the_interpreter(compared: Compared, name: str) -> None:
    federation = fixture(name)
    asked = 0
    for text, variables in operations(federation.router.snapshot.schema, name, 8):
        asked += "errors" not in await federation.ask(text, variables)
    assert compared.projected >= asked > 0


@pytest.mark.parametrize("seed", range(12))
async def test_equal_on_spoiled_data(compared: Compared, seed: int) -> None:
    choices = random.Random(seed)
    rate = choices.choice([0.03, 0.1, 0.3])
    federation = fixture("shop", shop_world())
    for client in federation.router.snapshot.clients.values():
        assert isinstance(client, DirectClient)
        _spoil(client, choices, rate)
    for text, variables in operations(federation.router.snapshot.schema, str(seed), 10):
        await federation.ask(text, variables)
    assert compared.interpreted


def _spoil(client: DirectClient, choices: random.Random, rate: float) -> None:
    post = client.post

    async def post_badly(*arguments: Any, **options: Any) -> Response:
        response = await post(*arguments, **options)
        answer = json.loads(response.body)
        data = spoiled(answer["data"], choices, rate)
        return Response(200, {}, json.dumps({**answer, "data": data if isinstance(data, dict) else {}}).encode())

    client.post = post_badly  # type: ignore[method-assign]


async def ready_after(federation: Federation, text: str, times: int) -> ReadyOperation:
    for _ in range(times):
        await federation.ask(text)
    return federation.router.snapshot.operations.get(text, None)[0]


async def test_code_is_made_for_what_comes_back_and_can_be_read() -> None:
    federation = fixture("shop", shop_world())
    text = "query Goods { products { id name inStock } }"
    assert (await ready_after(federation, text, 1)).code._project is None
    project = (await ready_after(federation, text, 1)).code._project
    assert project is not None
    assert project.__name__ in source_of(project)
    assert "'inStock'" in source_of(project)


async def test_a_traceback_shows_generated_lines() -> None:
    federation = fixture("shop", shop_world())
    project = (await ready_after(federation, "query Shown { products { id } }", 2)).code._project
    assert project is not None
    with pytest.raises(AttributeError) as caught:
        project("no object", {})  # type: ignore[arg-type]
    assert "o.get('products')" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("is_generated", [True, False])
def test_keys_are_told_apart_as_json_tells_them(is_generated: bool) -> None:
    values = [True, 1, 1.0, "1", False, 0, 0.0, -0.0, None, [1], [True], {"a": 1}, {"a": 1.0}, "null", "true"]
    for names in (("id",), ("id", "also")):
        inputs = tuple(Input(name, name) for name in names)
        entities = Entities("_entities", "representations", (Source(("things",), "T", inputs, names),))
        made = collectors("keys", entities.sources) if is_generated else None
        things = [dict.fromkeys(names, value) for value in values] * 2
        batch = Batch.collect(entities, {"things": things}, made)
        assert [len(one) for one in batch.targets] == [2] * (len(values) - 1)
        texts = [dumps({"__typename": "T", **dict.fromkeys(names, value)}) for value in values if value is not None]
        assert list(batch.texts) == texts
