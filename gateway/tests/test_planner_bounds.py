"""What the planner may cost, and small units of it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from gateway.errors import PlanningError, RequestError
from gateway.execution import Execution, OperationCode, Shape
from gateway.guards.limits import Limits, check_text
from gateway.json_text import dumps
from gateway.planner import Graph, Plan, Planner
from gateway.planner.conditions import ALWAYS, NEVER, both, either, holds, variable_is
from gateway.supergraph import build_public_schema, read_supergraph
from gateway.transport import Response

from .first_plan import first_plan, first_plan_within

SUBGRAPHS = "ABCDEF"
ENUM = " ".join(f'{one} @join__graph(name: "{one}", url: "http://{one}")' for one in SUBGRAPHS)
KEYED = " ".join(f'@join__type(graph: {one}, key: "id")' for one in SUBGRAPHS)


def plan(sdl: str, query: str) -> Plan:
    return first_plan(Graph(read_supergraph(sdl)), query)


def supergraph(query_fields: str, types: str) -> str:
    joins = " ".join(f"@join__type(graph: {one})" for one in SUBGRAPHS)
    return f"enum join__Graph {{ {ENUM} }}\ntype Query {joins} {{ {query_fields} }}\n{types}"


def test_an_interface_with_a_hundred_implementers() -> None:
    fields = " ".join(f"f{one}: String @join__field(graph: {one})" for one in SUBGRAPHS)
    implements = '@join__implements(graph: A, interface: "Node")'
    types = "\n".join(f"type T{one} implements Node {implements} {KEYED} {{ id: ID! {fields} }}" for one in range(100))
    interface = (
        "interface Node @join__type(graph: A) { id: ID! " + " ".join(f"f{one}: String" for one in SUBGRAPHS) + " }"
    )
    sdl = supergraph("nodes: [Node] @join__field(graph: A)", f"{types}\n{interface}")
    made = first_plan_within(2.0, sdl, "{ nodes { id " + " ".join(f"f{one}" for one in SUBGRAPHS) + " } }")
    assert len(list(made.fetches)) == 6


def test_a_requirement_that_would_need_itself_is_cut() -> None:
    """`size` is in B, which needs `weight` for it, and in C; `weight` is in A, which needs `size` for it."""
    types = f"""type Item {KEYED} {{
      id: ID!
      weight: Int @join__field(graph: A, requires: "size") @join__field(graph: B, external: true)
      size: Int @join__field(graph: A, external: true) @join__field(graph: B, requires: "weight")
                @join__field(graph: C)
    }}"""
    sdl = supergraph("items: [Item] @join__field(graph: A)", types)
    assert [one.subgraph for one in plan(sdl, "{ items { weight size } }").fetches] == ["A", "C", "A"]
    closed = sdl.replace("@join__field(graph: C)", "")
    with pytest.raises(PlanningError, match=r"Item\.weight"):
        plan(closed, "{ items { weight } }")


def test_sixty_shareable_fields_over_six_subgraphs() -> None:
    def owners(index: int) -> str:
        return " ".join(f"@join__field(graph: {SUBGRAPHS[(index + step) % 6]})" for step in range(3))

    fields = " ".join(f"w{one}: Int {owners(one)}" for one in range(60))
    sdl = supergraph("wide: Wide @join__field(graph: A)", f"type Wide {KEYED} {{ id: ID! {fields} }}")
    made = first_plan_within(1.0, sdl, "{ wide { " + " ".join(f"w{one}" for one in range(60)) + " } }")
    assert len(list(made.fetches)) == 2


def test_a_field_without_a_path_is_named() -> None:
    fields = "a: Int @join__field(graph: A) b: Int @join__field(graph: B)"
    types = f"type T @join__type(graph: A) @join__type(graph: B) {{ {fields} }}"
    with pytest.raises(PlanningError, match=r"T\.b"):
        plan(supergraph("t: T @join__field(graph: A)", types), "{ t { a b } }")


def test_requirements_on_each_other_are_cut() -> None:
    types = f"""type T {KEYED} {{
      id: ID!
      a: Int @join__field(graph: A, requires: "b") @join__field(graph: B, external: true)
      b: Int @join__field(graph: B, requires: "a") @join__field(graph: A, external: true)
    }}"""
    with pytest.raises(PlanningError):
        plan(supergraph("t: T @join__field(graph: C)", types), "{ t { a } }")


def test_a_choice_goes_where_another_branch_goes_anyway() -> None:
    types = f"""type T {KEYED} {{
      id: ID!
      either: Int @join__field(graph: B) @join__field(graph: C)
      only: Int @join__field(graph: C)
    }}"""
    sdl = supergraph("one: T @join__field(graph: A) other: T @join__field(graph: A)", types)
    made = plan(sdl, "{ one { either } other { only } }")
    assert [fetch.subgraph for fetch in made.fetches] == ["A", "C"]


def test_conditions() -> None:
    x, y = variable_is("x", True), variable_is("y", False)
    assert both(ALWAYS, x) == x == both(x, ALWAYS)
    assert both(x, variable_is("x", False)) == NEVER
    assert either(x, both(x, y)) == x
    assert either(x, ALWAYS) == ALWAYS
    assert either(NEVER, y) == y
    assert holds(both(x, y), {"x": True, "y": False})
    assert not holds(both(x, y), {"x": True, "y": True})
    assert not holds(NEVER, {})


class Answering:
    """A client that gives one answer and keeps what it was asked."""

    def __init__(self, name: str, data: dict[str, Any]):
        self.name = name
        self.data = data
        self.asked: list[bytes] = []

    async def post(self, body: bytes, _headers: list[tuple[bytes, bytes]], *, is_safe: bool) -> Response:
        assert is_safe
        self.asked.append(body)
        return Response(200, {}, dumps({"data": self.data}))


async def test_the_query_type_entered_again() -> None:
    """The library composes no such supergraph, Apollo's composition does."""
    types = "type Nested @join__type(graph: A) { query: Query! }"
    fields = "a: Int @join__field(graph: A) b: Int @join__field(graph: B) list: [Nested!] @join__field(graph: A)"
    sdl = supergraph(fields, types)
    graph = Graph(read_supergraph(sdl))
    document = parse("{ list { query { a b } } }")
    definition = document.definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    operation = graph.normaliser.operation(document, definition)
    made = Planner(graph).plan(operation)
    assert [(fetch.subgraph, fetch.path, fetch.after) for fetch in made.fetches] == [
        ("A", (), ()),
        ("B", ("list", "query"), (0,)),
    ]
    clients = {"A": Answering("a", {"list": [{"query": {"a": 1}}, {"query": {"a": 1}}]}), "B": Answering("b", {"b": 2})}
    shape = Shape(build_public_schema(read_supergraph(sdl)), [(operation.selections, ALWAYS)])
    gathered = await Execution(clients, OperationCode("", shape, made), {}, {}, operation.selections, []).run(made)
    assert gathered.data == {"list": [{"query": {"a": 1, "b": 2}}, {"query": {"a": 1, "b": 2}}]}
    assert clients["B"].asked == [b'{"query":"query { b }","variables":{}}']


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        ('"""', '\n\\"""'),  # escaped quotes of a block string that never ends
        ('"""', '"" '),
        ('"', '\\"'),
        ("#", "#"),
        ("", '"'),
        ("", "1e"),
        ("", "-"),
    ],
)
def test_the_scan_of_a_text_is_linear_in_its_bytes(start: str, repeated: str) -> None:
    """CPU seconds for 400 KB: milliseconds; where each place is looked at again from the next one it is minutes."""
    text = start + repeated * (400_000 // len(repeated))
    began = time.process_time()
    with suppress(RequestError):
        check_text(text, Limits(max_tokens=10**9))
    assert time.process_time() - began < 2
