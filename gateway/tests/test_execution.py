"""Answers, requests and errors over the shop's four subgraphs."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query

from gateway.supergraph import read_supergraph

from .autoworld import AutoWorld
from .federation import FIXTURES, Federation, federation


async def test_one_subgraph(shop: Federation) -> None:
    await shop.same("{ products(first: 2) { id name price(currency: USD) size { width } } }")
    assert shop.counts == {"catalog": 1}


async def test_root_fields_of_two_subgraphs_run_in_parallel(shop: Federation) -> None:
    await shop.same("{ products { name } me { name email } users { id } }")
    assert shop.counts == {"catalog": 1, "users": 1}


async def test_entities_are_batched_and_deduplicated(shop: Federation) -> None:
    await shop.same("{ latest { id product { name inStock } author { email } } }")
    assert shop.counts == {"reviews": 1, "catalog": 1, "stock": 1, "users": 1}
    [request] = shop.subgraphs["users"].requests
    assert request["variables"] == {"representations": [{"__typename": "User", "id": "u1"}]}


async def test_key_through_a_third_subgraph(shop: Federation) -> None:
    await shop.same("{ latest { product { inStock } } }")  # reviews knows id, stock wants sku: catalog has both
    assert shop.counts == {"reviews": 1, "catalog": 1, "stock": 1}


async def test_nested_hops(shop: Federation) -> None:
    query = "{ me { reviews { product { maker { name } reviews { author { address { city lines } } } } } } }"
    await shop.same(query)
    assert shop.counts == {"users": 2, "reviews": 2, "catalog": 1} or shop.counts == {
        "users": 2,
        "reviews": 1,
        "catalog": 1,
    }


async def test_composite_nested_key(shop: Federation) -> None:
    await shop.same("{ warehouses { products { shelf { number keeper { email } } } } }")
    assert shop.counts == {"stock": 1, "reviews": 1, "users": 1}


async def test_requires(shop: Federation) -> None:
    await shop.same("{ products { shipping near: shipping(zone: 3) } }")
    assert shop.counts == {"catalog": 1, "stock": 1}
    await shop.same("{ warehouses { products { shipping } } }")
    assert shop.counts == {"stock": 2, "catalog": 1}


async def test_provides_saves_a_request(shop: Federation) -> None:
    await shop.same("{ latest { author { name } } }")
    assert shop.counts == {"reviews": 1}


async def test_fragments_on_union_and_interface(shop: Federation) -> None:
    await shop.same(
        """query ($text: String!) {
          search(text: $text) { __typename ...P ... on Maker { name } ... on Named { id } }
          named { __typename id name ... on Product { inStock } }
        }
        fragment P on Product { name reviews(first: 1) { stars } }""",
        {"text": "x"},
    )
    assert shop.counts == {"catalog": 1, "reviews": 1, "stock": 1}


async def test_aliases_do_not_hide_keys(shop: Federation) -> None:
    await shop.same("{ products { id: name sku: price _id: weight a: inStock b: inStock stars } }")
    assert shop.counts == {"catalog": 1, "stock": 1, "reviews": 1}


async def test_skip_and_include(shop: Federation) -> None:
    query = """query ($yes: Boolean!, $no: Boolean = false) {
      products { id @skip(if: $yes) name @include(if: true) ...S @include(if: $no) ... @skip(if: $no) { stars } }
    }
    fragment S on Product { inStock }"""
    await shop.same(query, {"yes": True})
    assert shop.counts == {"catalog": 1, "reviews": 1}
    await shop.same(query, {"yes": False, "no": True})
    assert shop.counts == {"catalog": 1, "stock": 1}


async def test_typename_everywhere(shop: Federation) -> None:
    await shop.same("{ __typename t: __typename me { __typename reviews { __typename author { __typename } } } }")
    await shop.same("{ __typename }")
    assert shop.counts == {}


async def test_same_step_fetches_to_one_subgraph_share_a_request(shop: Federation) -> None:
    await shop.same("{ latest { author { email } product { name } } products { reviews { author { email } } } }")
    assert shop.counts["users"] == 1


async def test_mutations_run_in_document_order(shop: Federation) -> None:
    query = """mutation {
      a: rename(id: "1", name: "first") { name inStock }
      b: restock(sku: "sku-1", amount: 5) { name inStock }
      c: rename(id: "1", name: "second") { name }
      d: rename(id: "1", name: "third") { name }
      __typename
    }"""
    answer = await shop.ask(query)
    assert answer == {
        "data": {
            "a": {"name": "first", "inStock": 10},
            "b": {"name": "first", "inStock": 15},
            "c": {"name": "second"},
            "d": {"name": "third"},
            "__typename": "Mutation",
        }
    }
    assert shop.counts == {"catalog": 3, "stock": 2}


async def test_introspection_is_local_and_public(shop: Federation) -> None:
    query = """{ __type(name: "Product") { fields { name } } __schema { queryType { name } types { name } }
      e: __type(name: "Currency") { enumValues { name } } me { id } }"""
    data = await shop.same(query)
    assert shop.counts == {"users": 1}
    names = {one["name"] for one in data["__schema"]["types"]}
    assert not [name for name in names if name.startswith("join__")]
    assert "internalNote" not in {one["name"] for one in data["__type"]["fields"]}
    assert [one["name"] for one in data["e"]["enumValues"]] == ["CNY", "USD"]


async def test_introspection_is_bounded(shop: Federation) -> None:
    await shop.same(get_introspection_query(input_value_deprecation=True, specified_by_url=True))
    await shop.same(get_introspection_query(input_value_deprecation=True, specified_by_url=True))  # kept
    await shop.same("query ($n: String!) { __type(name: $n) { name } }", {"n": "Product"})
    await shop.same("query ($n: String!) { __type(name: $n) { name } }", {"n": "User"})
    answer = await shop.ask("{ " + " ".join(f"a{one}: __schema {{ types {{ name kind }} }}" for one in range(50)) + "}")
    assert "errors" not in answer
    many = " ".join(f"t{one}: types {{ fields {{ name args {{ name }} }} }}" for one in range(99))
    answer = await shop.ask(f"{{ __schema {{ {many} }} }}")
    assert answer["errors"][0]["extensions"] == {"code": "TOO_MANY_FIELDS", "limit": 400}


async def test_fields_whose_types_clash_only_in_a_subgraph() -> None:
    supergraph = read_supergraph((FIXTURES / "mismatch" / "supergraph.graphql").read_text("utf-8"))
    async with federation("mismatch", AutoWorld(supergraph).world) as mismatch:
        await mismatch.same(
            """{ pairs { ... on Left { side inner { depth sides } } ... on Right { side inner { depth sides } } }
                 lefts { side } }"""
        )
        assert mismatch.counts == {"a": 1, "b": 1}
        [request] = mismatch.subgraphs["a"].requests
        assert "side__Right: side" in request["query"]


async def test_one_key_for_different_fields_of_different_types() -> None:
    supergraph = read_supergraph((FIXTURES / "provides" / "supergraph.graphql").read_text("utf-8"))
    query = """{
      hits { ... on Track { same: album { x: title year } } ... on Album { same: artist { x: name born } } }
      works { ... on Track { same: album { id: year } id: length } ... on Album { same: artist { id: born } id: year } }
    }"""
    for seed in range(5):
        async with federation("provides", AutoWorld(supergraph, seed).world) as provides:
            await provides.same(query)
            assert provides.counts["b"] <= 2


@pytest.mark.parametrize("where", ["@skip(if: $no)", "@include(if: $no)"])
async def test_null_decides_about_no_field(shop: Federation, where: str) -> None:
    """A default makes a nullable variable good enough for a Boolean!; null itself is not (GraphQL, 6.4.1)."""
    for query in (
        f"query ($no: Boolean = false) {{ products {{ id name {where} }} }}",
        f"query ($no: Boolean = false) {{ products {{ id ...P }} }} fragment P on Product {{ ... {where} {{ name }} }}",
        f"query ($no: Boolean = false) {{ __schema {where} {{ __typename }} }}",
    ):
        outcome = await shop.outcome(query, {"no": None})
        assert (outcome.status, outcome.answer["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")
        for given in ({}, {"no": True}):
            assert "errors" not in await shop.ask(query, given)
