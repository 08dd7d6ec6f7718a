"""What is ``@inaccessible`` is not in the public schema, whatever kind of thing it is."""

from __future__ import annotations

import json

from graphql import get_introspection_query

from ..oracle.local import fixture

HIDDEN = (
    "secret",
    "Secret",
    "Inner",
    "inner",
    "Masked",
    "mask",
    "Ghost",
    "INFRARED",
    "Spectrum",
    "Deep",
    "Raw",
    "Hidden",
)


async def test_nothing_hidden_is_introspected() -> None:
    federation = fixture("inaccessible", seed=1)
    data = await federation.same(get_introspection_query(input_value_deprecation=True))
    assert federation.counts == {}
    types = {one["name"]: one for one in data["__schema"]["types"]}
    assert not [name for name in HIDDEN if name in types]
    assert [one["name"] for one in types["Open"]["fields"]] == ["name", "faced", "length"]
    assert [one["name"] for one in types["Faced"]["fields"]] == ["front"]
    assert [one["name"] for one in types["Coin"]["interfaces"]] == ["Faced"]
    assert [one["name"] for one in types["Either"]["possibleTypes"]] == ["Coin"]
    assert [one["name"] for one in types["Colour"]["enumValues"]] == ["RED"]
    assert [one["name"] for one in types["By"]["inputFields"]] == ["colour"]
    assert [one["name"] for one in types["Uses"]["fields"]] == ["shown"]
    filtered = next(one for one in types["Query"]["fields"] if one["name"] == "filtered")
    assert [one["name"] for one in filtered["args"]] == ["by"]
    text = json.dumps(data)
    assert not [word for word in ("secret", "INFRARED", "join__", "inaccessible") if word in text]


async def test_hidden_fields_can_be_keys() -> None:
    federation = fixture("inaccessible", seed=1)
    await federation.same("{ open { name length } }")
    answer = await federation.ask("{ open { code } }")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_hidden_values_do_not_leave() -> None:
    federation = fixture("inaccessible", seed=1)
    for given in ("{filtered(by: {depth: 1})}", "{filtered(hidden: 2)}", "{filtered(by: {colour: INFRARED})}"):
        answer = await federation.ask(given)
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    execute = federation.subgraphs["a"].execute
    federation.subgraphs["a"].execute = lambda request: execute(request) | {"data": {"filtered": "INFRARED"}}  # type: ignore[method-assign]
    answer = await federation.ask("{ filtered }")
    assert answer["data"] == {"filtered": None}
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_SUBGRAPH_VALUE"


async def test_only_what_every_subgraph_takes_can_be_given() -> None:
    federation = fixture("inputs", seed=1)
    data = await federation.same(
        '{ where: __type(name: "Where") { inputFields { name } } level: __type(name: "Level") { enumValues { name } } '
        'shade: __type(name: "Shade") { enumValues { name } } }'
    )
    assert [one["name"] for one in data["where"]["inputFields"]] == ["name", "levels"]
    assert [one["name"] for one in data["level"]["enumValues"]] == ["LOW", "HIGH"]
    assert sorted(one["name"] for one in data["shade"]["enumValues"]) == ["BLUE", "GREEN", "RED"]
