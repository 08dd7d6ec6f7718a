"""Operations that answer as the monolith does, and the requests that this takes: one for each hop that data needs."""

from __future__ import annotations

import pytest

from ..oracle.local import fixture

CHAIN = {"a": 1, "b": 1, "c": 1, "d": 1}

ANSWERS = [
    # keys
    ("key_chain", "{ things { d } }", CHAIN),  # d wants sku and code: b tells sku by id, c tells code by sku
    ("key_chain", "{ things { a b c d } }", CHAIN),
    ("key_chain", "{ things { parts { whole { d } } } }", CHAIN),
    ("key_chain", "{ lost { a b } }", {"d": 1, "b": 1, "a": 1}),
    ("unresolvable", "{ orders { buyer { name } seller { since } } }", {"a": 1, "b": 1, "c": 1}),
    ("unresolvable", "{ members { name since } }", {"b": 1, "c": 1}),
    ("keys", "{ people { visits newsletters { title } home { tenants { name } } } }", {"a": 2, "b": 2, "c": 2, "d": 1}),
    # entities inside entities; one asked again for a sibling
    (
        "siblings",
        "{ user { name boss { nick } team { lead { name age } title members { name } } age } }",
        {"a": 2, "b": 1, "c": 1},
    ),
    ("siblings", "{ user { nick boss { age } } users { nick age } }", {"a": 1, "b": 1, "c": 1}),
    # requirements
    ("requires_abstract", "{ parcels { smell } }", {"a": 1, "b": 1}),
    ("requires_abstract", "{ parcels { sum content { label } extras { ... on Gift { id } } } }", {"a": 1, "b": 1}),
    ("requires_abstract", "{ parcels { tax duty price(currency: CNY) } }", {"a": 1, "b": 1}),
    ("requires_abstract", "{ parcels { tax duty weight: id } }", {"a": 1, "b": 1}),
    ("requires_abstract", "{ parcels { third } }", {"a": 2, "b": 1}),  # a wants second of b, which wants first of a
    ("requires_abstract", "{ parcels { id third @include(if: false) tax @skip(if: true) } }", {"a": 1}),
    ("requires", "{ parcels { fee space tax duty load rank total note smell } }", {"a": 1, "b": 1, "c": 1}),
    # unions
    (
        "unions",
        "{ pets { ... on Cat { weight } ... on Dog { weight tricks } ... on Fish { name } ... on Bird { weight } } }",
        {"a": 1, "b": 1},
    ),
    ("unions", "{ both { __typename ... on Cat { weight lives } ... on Dog { weight } } }", {"a": 1, "b": 1}),
    ("unions", "{ both { ... on Cat { weight } ... on Dog { weight } ... on Bird { weight } } }", {"b": 1}),
    ("unions", "{ home { rent guard { ... on Dog { weight } } } }", {"a": 1, "b": 1}),
    # interface objects
    ("interface_object_more", "{ cars { fines place { row } } }", {"a": 1, "b": 1, "c": 1}),
    ("interface_object_more", "{ parked { id place { row } } }", {"b": 1}),
    ("interface_object_more", "{ parked { __typename } }", {"a": 1, "b": 1}),
    ("interface_object_more", "{ parked { sticker ... on Car { doors } } }", {"a": 1, "b": 2}),
    ("interface_object_more", "{ vehicles { place { next { __typename } } } }", {"a": 2, "b": 1}),
    ("interface_object_more", "{ vehicles { fines sticker place { vehicles { id } } } }", {"a": 2, "b": 1, "c": 1}),
    # lists of lists
    ("lists", "{ grid { around { id names total } } cube { names } }", {"a": 2, "b": 1}),
    ("lists", "{ bigs big }", {"a": 1}),
    # types that differ between subgraphs
    ("inputs", "{ find(where: {name: \"x\", levels: [[LOW], []]}, level: HIGH) { id other } }", {"a": 1, "b": 1}),
    ("mismatch", "{ pairs { ... on Left { side } ... on Right { side } } lefts { side more } }", {"a": 1, "b": 1}),
    # one field written on an interface, on an object type and on the interface again
    ("abstract", "{ media { owner { a: name } ... on Book { owner { b: name } } owner { c: name } } }", {"a": 1}),
    ("abstract", "{ nodes { ... on Media { owner { a: name } } ... on Book { owner { b: name } owner { d: name } } "
                 "... on Media { owner { c: name } } } }", {"a": 1}),
    # arguments from contexts
    ("contexts", "{ users { account { balance } } owners { ... on Company { accounts { balance } } } }", {"a": 2}),
    ("contexts", "{ users { account { balance tax } currency rate } }", {"a": 2, "b": 2}),
    ("contexts", "{ owners { ... on Company { account { tax } } } }", {"a": 1, "b": 2}),
    ("contexts", "{ clubs { id members { note rival { note } } ... on RowingClub { captain { note } } } }", {"a": 2}),
    ("contexts", "{ users { account { id } credit { limit } } }", {"a": 1, "b": 1}),
    # __typename needs no subgraph where it is known
    ("siblings", "{ __typename again: __typename }", {}),
    ("siblings", "{ user { __typename team { __typename } } }", {"a": 1, "b": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "query", "requests"), ANSWERS, ids=[f"{one[0]}-{one[1][:48]}" for one in ANSWERS])
async def test_answers_as_one_schema_does(name: str, query: str, requests: dict[str, int]) -> None:
    most: dict[str, int] = {}
    for seed in range(1, 6):
        federation = fixture(name, seed=seed)
        await federation.same(query)
        most = {
            service: max(most.get(service, 0), federation.counts.get(service, 0)) for service in federation.subgraphs
        }
    assert {service: count for service, count in most.items() if count} == requests


async def test_variables_of_conditions_that_cross_subgraphs() -> None:
    query = """query ($more: Boolean!, $less: Boolean = false) {
      user { id ...Far @include(if: $more) ... @skip(if: $less) { nick } } }
    fragment Far on User { age team { title @skip(if: $less) } }"""
    federation = fixture("siblings", seed=1)
    await federation.same(query, {"more": False, "less": True})
    assert federation.counts == {"a": 1}
    await federation.same(query, {"more": False})
    assert federation.counts == {"a": 1, "b": 1}
    await federation.same(query, {"more": True, "less": True})
    assert "c" in federation.counts
    await federation.same(query, {"more": True})


async def test_big_integers_are_keys_arguments_and_values() -> None:
    federation = fixture("lists", seed=3)
    big = 2**64 + 1
    data = await federation.same(
        f"query ($v: Long) {{ a: echo(value: {big}) b: echo(value: $v) big cube {{ serial total }} }}", {"v": -big}
    )
    assert data["big"] > 2**64
    sent = [one for request in federation.subgraphs["b"].requests for one in request["variables"]["representations"]]
    assert sent
    assert all(isinstance(one["serial"], int) and one["serial"] > 2**64 for one in sent)
    await federation.same(
        "query ($v: JSON) { json(value: $v) other: json(value: {a: [1, null]}) }", {"v": {"deep": [[1.5]]}}
    )
