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
    ("abstract", "{ nodes { __typename: id ... on Book { reviews { text } title } } }", {"a": 1, "b": 1}),
    ("abstract", "{ media { __typename: title kind: __typename id } }", {"a": 1}),
    ("abstract", "{ __typename: nodes { __typename: id } }", {"a": 1}),
    ("requires_abstract", "{ parcels { id third @include(if: false) tax @skip(if: true) } }", {"a": 1}),
    ("requires", "{ parcels { fee space tax duty load rank total note smell } }", {"a": 1, "b": 1, "c": 1}),
    ("requires", "{ shipments { fee tax duty } }", {"a": 1, "b": 2}),
    ("requires", "{ parcel { items { dust polish } total } }", {"a": 1, "b": 1, "c": 1}),
    # keys that are external, in the way of Federation 1
    ("fed1", "{ books { title author { id name signature } } }", {"a": 1, "b": 2}),
    ("fed1", "{ authors { books { isbn } signature } }", {"a": 1, "b": 1}),
    # provided fields, of members of unions and interfaces and below other provided fields
    ("provides", "{ tracks { album { title } } }", {"a": 1}),
    ("provides", "{ tracks { album { title year } name } }", {"a": 1, "b": 1}),
    ("provides", "{ hits { ... on Track { name } ... on Album { title artist { id name } } } }", {"a": 1}),
    ("provides", "{ works { id ... on Track { name } } }", {"a": 1}),
    ("provides", "{ works { ... on Track { name } ... on Album { title } } }", {"a": 1, "b": 1}),
    # values of which each subgraph has a part
    ("shareable", "{ me { name profile { bio links { home } } } }", {"a": 1}),
    ("shareable", "{ me { profile { bio age city links { home mail feed } } left right } }", {"a": 1, "b": 1}),
    ("shareable", "{ info { a b shared } }", {"a": 1, "b": 1}),
    # overridden fields, also behind an interface
    ("override", "{ posts { title } }", {"a": 1}),
    ("override", "{ posts { created words } }", {"a": 1, "b": 1}),
    ("override", "{ entries { created } }", {"a": 1, "b": 1}),
    # interfaces of which each subgraph has a part
    ("partial_interface", "{ items { name maker { title } } }", {"a": 1, "b": 1, "c": 1}),
    ("partial_interface", "{ first { ... on Bag { volume } ... on Box { width } } }", {"a": 2, "b": 1}),
    ("abstract", "{ places { keeper { name age } ... on Shop { sells { ... on Book { cover pages } } } } }",
     {"a": 1, "b": 1, "c": 1}),
    # one field with several arguments
    ("values", "{ things { k: kind(wanted: LARGE) kind(wanted: SMALL) m: more(filter: {name: \"x\"}) "
               "more(filter: {kind: SMALL}) } }", {"a": 1, "b": 1}),
    # unions
    ("partial", "{ shared { wrapper { actions { __typename ... on Common { label } } } own { ... on OnlyA { a } } } }",
     {"a": 1}),
    ("partial", "{ named { __typename label ... on OnlyB { c } } }", {"b": 1, "c": 1}),
    (
        "unions",
        "{ pets { ... on Cat { weight } ... on Dog { weight tricks } ... on Fish { name } ... on Bird { weight } } }",
        {"a": 1, "b": 1},
    ),
    ("unions", "{ both { __typename ... on Cat { weight lives } ... on Dog { weight } } }", {"a": 1, "b": 1}),
    ("unions", "{ both { ... on Cat { weight } ... on Dog { weight } ... on Bird { weight } } }", {"b": 1}),
    ("unions", "{ home { rent guard { ... on Dog { weight } } } }", {"a": 1, "b": 1}),
    # interface objects
    ("interface_object", "{ animals { name weight } }", {"a": 1, "b": 1}),
    ("interface_object", "{ patients { weight visits { animal { weight } } } }", {"b": 1}),
    ("interface_object", "{ patients { name greeting ... on Cat { lives } } }", {"a": 1, "b": 2}),
    ("interface_object", "{ owners { pets { weight name } } }", {"a": 1, "b": 1, "c": 1}),
    ("interface_object", "{ cats { weight greeting } }", {"a": 1, "b": 1}),
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


async def test_what_a_skipped_field_requires_is_not_asked() -> None:
    federation = fixture("requires_abstract", seed=1)
    query = "query ($yes: Boolean!) { parcels { id smell @include(if: $yes) third @skip(if: $yes) } }"
    await federation.same(query, {"yes": True})
    assert federation.counts == {"a": 1, "b": 1}
    await federation.same(query, {"yes": False})
    assert federation.counts == {"a": 2, "b": 1}


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
