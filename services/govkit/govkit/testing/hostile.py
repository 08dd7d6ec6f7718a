"""Hostile input, made up from a service's own schema: every mutation, list and query with arguments meets values of
every kind, most of them sound, so that they get far, and some that nobody should send.

Right is a coded error and an unchanged store, or a success whose record can be read. Never right: an unexpected
failure, an error after a commit, no answer.
"""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govkit.domain.events import TYPE_PREFIX
from govkit.domain.fields import fields_of
from govkit.domain.ports import SystemClock, business_date
from govkit.references import Keep
from govkit.service import Service
from govkit.store.store import Store

Values = st.SearchStrategy[Any]
FROM_THE_SCHEMA = frozenset({"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_REQUEST"})
# Of a wrong type are few: the schema refuses them by itself.
WEIGHTED = ["sound"] * 30 + ["hostile"] * 5 + ["nothing"] * 2 + ["wrong"]
FEW_CASES = 6
MOST_SAMPLES = 12
EXAMPLE = re.compile(r"例 e\.g\. (.+?)\)")
TODAY = business_date(SystemClock().now())


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


SQUARE = [[[118.0, 34.8], [118.01, 34.8], [118.01, 34.81], [118.0, 34.81], [118.0, 34.8]]]
SOUND_VALUES: dict[str, list[Any]] = {
    "String": ["张三", "Lanling", "2023-07", "08:30"],
    "ID": ["nobody-1"],
    "Int": [1, 2, 5, 100],
    "Float": [1.5, 34.85, 118.07],
    "Boolean": [True, False],
    "Date": [(TODAY + timedelta(days=days)).isoformat() for days in (-400, -1, 0, 1, 400)],
    "DateTime": [f"{TODAY + timedelta(days=days)}T09:00:00+08:00" for days in (-30, -1, 1, 30)],
    "GeoJSON": [{"type": "Polygon", "coordinates": SQUARE}],
}
HOSTILE_TEXTS = [
    "",
    " \u3000",
    "\0",
    "a\x1bb",
    "上\n下",
    "\u202e左",
    "\u200b",
    "\u3164",
    "e\u0301" * 90,
    "a" + "\u0323\u0301" * 3_000,
    "\ufdfa" * 100,
    "３７１３２４",
    "١٢٣",
    "长" * 5_000,
    "\ufeffx",
    "\U0010ffff",
    "$where",
    "a.b",
    "x\r\nset-cookie: y",
]
HOSTILE_NUMBERS: list[Any] = [
    0,
    -1,
    2**31 - 1,
    -(2**31),
    2**31,
    2**53 + 1,
    2**63,
    10**30,
    0.5,
    -0.0,
    1e308,
    float("nan"),
]
HOSTILE_VALUES: dict[str, list[Any]] = {
    "String": HOSTILE_TEXTS,
    "ID": [*HOSTILE_TEXTS, 5, 2**70, "'; --", "../x", "0" * 500],
    "Int": [*HOSTILE_NUMBERS, "1"],
    "Float": [*HOSTILE_NUMBERS, 180.0001, "NaN"],
    "Boolean": [0, "true"],
    "Date": ["0001-01-01", "9999-12-31", "2023-02-30", "2023-10-16T09:00:00Z", "２０２３-01-01", "", "20231016"],
    "DateTime": [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "9999-12-31T24:00:00Z",
        "2023-10-16",
        "2023-10-16T09:00:00",
        "2023-10-16T09:00:00+99:00",
        "",
    ],
    "GeoJSON": [
        {"type": "Polygon", "coordinates": deep(965)},
        {"type": "Polygon", "coordinates": [[[1, 2]]]},
        {"type": "Point", "coordinates": [1e300, "x"]},
        {"type": ["Point"], "coordinates": {}},
        {"type": "Polygon", "coordinates": SQUARE, "a\0b": {"$where": 1}},
        deep(900),
        "everywhere",
    ],
}


WRONG_VALUES = [None, {}, [], [[]], {"$gt": ""}, deep(965), "", 1, True, float("nan")]


@dataclass(frozen=True)
class Operation:
    """One field of a root, asked with all that it answers, and the values of its arguments."""

    name: str
    document: str
    variables: Values
    changes: bool


@dataclass(frozen=True)
class Maker:
    """Values of the schema's input types; `stored` has samples of what records hold, by the name of the field."""

    stored: Mapping[str, Sequence[Any]]

    def value(self, type_: Any, name: str = "", doc: str = "", absent: bool = False) -> Values:
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, name, doc)
        kinds = {
            "sound": self._sound(type_, name, doc),
            "hostile": self._hostile(type_),
            "wrong": st.sampled_from(WRONG_VALUES),
            "nothing": st.none() if absent else self._sound(type_, name, doc),
        }
        return st.sampled_from(WEIGHTED).flatmap(kinds.__getitem__)

    def _sound(self, type_: Any, name: str, doc: str) -> Values:
        if isinstance(type_, GraphQLList):
            return st.lists(self.value(type_.of_type, name, doc), max_size=3)
        if isinstance(type_, GraphQLInputObjectType):
            fields = {
                key: self.value(field.type, key, field.description or "", True) for key, field in type_.fields.items()
            }
            required = {key for key, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)}
            return st.fixed_dictionaries(
                {key: value for key, value in fields.items() if key in required},
                optional={key: value for key, value in fields.items() if key not in required},
            )
        if isinstance(type_, GraphQLEnumType):
            return st.sampled_from(sorted(type_.values))
        stored = list(self.stored.get(name, ())) if type_.name in ("ID", "String") else []
        return st.sampled_from([*stored * 3, *EXAMPLE.findall(doc), *SOUND_VALUES[type_.name]])

    def _hostile(self, type_: Any) -> Values:
        if isinstance(type_, GraphQLList):
            return st.builds(lambda value: [value] * 1_001, self.value(type_.of_type)) | st.just([])
        if isinstance(type_, GraphQLInputObjectType | GraphQLEnumType):
            return st.just({} if isinstance(type_, GraphQLInputObjectType) else "NOPE")
        known = st.sampled_from(HOSTILE_VALUES[type_.name])
        return known | st.text(max_size=30) if type_.name in ("String", "ID") else known


def operations(service: Service, stored: Mapping[str, Sequence[Any]]) -> Iterator[Operation]:
    """Every mutation, and every query that takes arguments."""
    schema = build_schema(_without_federation(service.schema_text()), assume_valid=True)
    maker = Maker(stored)
    for root, changes in ((schema.mutation_type, True), (schema.query_type, False)):
        for name, field in root.fields.items() if root else ():
            if field.args and not name.startswith("_"):
                yield _operation(schema, maker, name, field, changes)


def made_up(operation: Operation, cases: int) -> list[dict[str, Any]]:
    """Values for the operation's variables: so many, others each time; with 0 a few, the same each time.

    All are drawn before any is asked about: whatever runs meanwhile may use `random`, which Hypothesis refuses while
    it draws.
    """
    found: list[dict[str, Any]] = []

    @given(operation.variables)
    @settings(
        max_examples=cases or FEW_CASES,
        derandomize=not cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def note(variables: dict[str, Any]) -> None:
        found.append(variables)

    note()
    return found


def _operation(schema: GraphQLSchema, maker: Maker, name: str, field: GraphQLField, changes: bool) -> Operation:
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in field.args.items())
    passed = ", ".join(f"{key}: ${key}" for key in field.args)
    selection = _selection(field.type, 3)
    required = {key: maker.value(arg.type, key, arg.description or "") for key, arg in field.args.items()}
    optional = {key for key, arg in field.args.items() if not is_required_argument(arg)}
    variables = st.fixed_dictionaries(
        {key: value for key, value in required.items() if key not in optional},
        optional={key: required[key] for key in optional},
    )
    word = "mutation" if changes else "query"
    return Operation(name, f"{word}({declared}) {{ {name}({passed}) {selection} }}", variables, changes)


def _selection(type_: Any, depth: int) -> str:
    """Every field without arguments, so far down; a record's own lists and history are other questions."""
    named = get_named_type(type_)
    if not is_object_type(named):
        return ""
    names = []
    for name, field in named.fields.items():
        inner = get_named_type(field.type)
        if is_leaf_type(inner) and not any(map(is_required_argument, field.args.values())):
            names.append(name)
        elif depth > 1 and not field.args:
            names.append(f"{name} {_selection(inner, depth - 1)}")
    return f"{{ {' '.join(names)} }}" if names else "{ __typename }"


def _without_federation(sdl: str) -> str:
    return re.sub(r"extend schema[^{]*\n|schema @.*?\{.*?\}\n", "", sdl, flags=re.S) if "schema @" in sdl else sdl


# --- the store and the question ---------------------------------------------------------------------------------------


async def samples(store: Store) -> dict[str, list[Any]]:
    """Some values of each text field that records hold, by the field's name in the schema."""
    found: dict[str, set[str]] = {}
    for cls in store.types.values():
        async for document in store.collection(cls).find({}, limit=MOST_SAMPLES):
            for item in fields_of(cls):
                value = document.get("_id" if item.name == "id" else item.name)
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str) and not item.is_enum:
                        found.setdefault(item.camel, set()).add(text)
    return {name: sorted(values) for name, values in found.items()}


async def know_references(store: Store, kept: Sequence[Keep], samples: Mapping[str, Mapping[str, Any]]) -> None:
    """As if the events of the other services had been heard: what the records refer to is known here.

    `samples`: the data of an event of each type.
    """
    rows = []
    for keep in kept:
        told = samples[f"{TYPE_PREFIX}{keep.events[0]}.v1"]
        ids = {told[keep.id]} | {
            value
            for cls in store.types.values()
            for item in fields_of(cls)
            if item.ref and (item.ref.type_name, item.ref.key) == (keep.type_name, "id")
            for value in await store.collection(cls).distinct(item.name)
        }
        for id in ids - {None}:
            rows.append({"_id": f"{keep.type_name}:{id}", "type": keep.type_name, "data": {**told, keep.id: id}})
    if rows:
        await store.database["references"].insert_many(rows)


async def state(store: Store) -> tuple[Any, ...]:
    """What changes with every change of the store; numbers that were drawn for nothing do not count."""
    whole = await store.database.command("dbStats")
    drawn = await store.database.command("collStats", "counters")
    return whole["objects"] - drawn["count"], whole["dataSize"] - drawn["size"]


async def attack(
    client: httpx.AsyncClient, store: Store, known: frozenset[str], asked: Operation, variables: Any
) -> str:
    """Ask it, and judge the answer: `success`, or the code of the refusal. Raises AssertionError for what is wrong."""
    before = await state(store)
    # In a thread, whose stack is short: the deepest values leave room for few frames above.
    body = await asyncio.to_thread(json.dumps, {"query": asked.document, "variables": variables})
    response = await client.post("/graphql", content=body.encode(), headers={"content-type": "application/json"})
    assert response.status_code in (200, 400, 413), response.text
    answer = response.json()
    errors = answer.get("errors") or []
    for error in errors:
        code = error.get("extensions", {}).get("code")
        assert code in known, f"{asked.name}: {code} {error['message'][:300]}"
        assert len(error.get("path") or ()) < 2, f"{asked.name}: an error inside an answer: {error}"
    if not errors:
        return "success"
    assert await state(store) == before, f"{asked.name}: refused with {errors[0]['extensions']['code']}, and yet stored"
    return str(errors[0]["extensions"]["code"])


def known_codes(codes: Mapping[str, str]) -> frozenset[str]:
    """What a client may be told; an unexpected failure is no answer."""
    return frozenset(codes) - {"GEN_INTERNAL"} | FROM_THE_SCHEMA
