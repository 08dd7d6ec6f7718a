"""``@fromContext``: arguments that come from objects further up in the answer."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import SupergraphError
from gateway.supergraph import read_supergraph

from ..federation import FIXTURES, Federation
from ..oracle.local import fixture, local_federation
from ..world import Ref, World
from .test_nulls import changed

FOLDER = FIXTURES / "contexts"
SDL = (FOLDER / "supergraph.graphql").read_text("utf-8")
SOURCES = {name: (FOLDER / f"{name}.graphql").read_text("utf-8") for name in "ab"}


def told(name: str) -> Any:
    """A value that says what arguments it was computed with."""
    return lambda _source, given: f"{name} {sorted(given.items(), key=str)}"


def bank(sdl: str = SDL, sources: dict[str, str] = SOURCES) -> Federation:
    """Two users of one account, a third one with the currency of the first."""

    def user(id: str, currency: str, country: str) -> dict[str, Any]:
        account = Ref("Account", "a1")
        return {
            "id": id, "currency": currency, "home": {"__typename": "Home", "country": country}, "rate": int(id),
            "account": account, "accounts": [account, Ref("Account", "a2")], "credit": Ref("Account", "a2"),
            "friends": [Ref("User", "1"), Ref("User", "2")],
        }  # fmt: skip

    accounts = {
        id: {"id": id, "balance": told("balance"), "tax": told("tax"), "limit": 5, "parent": Ref("Account", parent),
             "bank": Ref("Bank", "k")}
        for id, parent in (("a1", "a2"), ("a2", "a1"))
    }  # fmt: skip
    company = {
        "id": "c",
        "unit": "XAU",
        "country": "CH",
        "rate": 9,
        "boss": Ref("User", "2"),
        "account": Ref("Account", "a1"),
    }
    users = {"1": user("1", "CNY", "CN"), "2": user("2", "USD", "US"), "3": user("3", "CNY", "CN")}
    banks = {"k": {"id": "k", "main": Ref("Account", "a1"), "biggest": Ref("Account", "a2"), "city": "Lanling"}}
    world = World({"User": users, "Company": {"c": company}, "Account": accounts, "Bank": banks})
    world.roots = {
        "Query": {
            "user": Ref("User", "1"),
            "users": [Ref("User", one) for one in "123"],
            "owners": [Ref("User", "1"), Ref("Company", "c")],
        }
    }
    return local_federation(sources, sdl, world)


def balance(currency: str | None) -> str:
    return f"balance {[('in', currency), ('round', 2)]}"


async def test_each_set_of_values_is_asked_about_in_one_request() -> None:
    federation = bank()
    for _ in range(3):  # interpreted first, then by generated code
        answer = await federation.ask("{ users { account { balance } } }")
        assert answer == {
            "data": {"users": [{"account": {"balance": balance(one)}} for one in ("CNY", "USD", "CNY")]},
        }
        assert federation.counts == {"a": 2}
    variables = federation.subgraphs["a"].requests[1]["variables"]
    assert variables == {
        "r0": [{"__typename": "Account", "id": "a1"}],
        "context0_0": "CNY",
        "r0_1": [{"__typename": "Account", "id": "a1"}],
        "context0_0_1": "USD",
    }


async def test_what_several_objects_share_is_not_mixed_up() -> None:
    """All have one parent account, answered once; what is below it depends on whose it is."""
    federation = bank()
    for _ in range(3):
        answer = await federation.ask("{ users { credit { parent { id balance bank { main { balance } } } } } }")
    assert [one["credit"]["parent"] for one in answer["data"]["users"]] == [
        {"id": "a1", "balance": balance(one), "bank": {"main": {"balance": balance(one)}}}
        for one in ("CNY", "USD", "CNY")
    ]
    assert "errors" not in answer


async def test_the_nearest_one_counts() -> None:
    federation = bank()
    answer = await federation.ask(
        "{ user { friends { account { balance } } } owners { ... on Company { boss { account { balance } } "
        "account { balance } } } }"
    )
    assert [one["account"]["balance"] for one in answer["data"]["user"]["friends"]] == [balance("CNY"), balance("USD")]
    [_, company] = answer["data"]["owners"]
    assert company == {"boss": {"account": {"balance": balance("USD")}}, "account": {"balance": balance("XAU")}}


async def test_values_of_another_subgraph_are_fetched_first() -> None:
    federation = bank()
    answer = await federation.ask("{ user { account { tax } } }")
    assert answer["data"]["user"] == {"account": {"tax": "tax [('country', 'CN'), ('rate', 1)]"}}
    assert federation.counts == {"a": 1, "b": 2}


async def test_names_of_variables_do_not_clash() -> None:
    federation = bank()
    answer = await federation.ask(
        "query ($context0_0: Int, $context0_0_1: Int, $r0_1: Int) { users { account { "
        "balance(round: $context0_0) x: balance(round: $r0_1) y: balance(round: $context0_0_1) } } }",
        {"context0_0": 1, "context0_0_1": 3, "r0_1": 4},
    )
    assert "errors" not in answer
    assert {one["account"]["x"] for one in answer["data"]["users"]} == {
        f"balance {[('in', currency), ('round', 4)]}" for currency in ("CNY", "USD")
    }


async def test_skipped_ones_need_nothing() -> None:
    federation = bank()
    query = "query ($yes: Boolean!) { user { id account { id tax @include(if: $yes) } } }"
    await federation.ask(query, {"yes": False})
    assert federation.counts == {"a": 1}
    await federation.ask(query, {"yes": True})
    assert federation.counts == {"a": 1, "b": 2}


async def test_a_value_that_is_null_is_given_as_null() -> None:
    federation = bank()
    changed(federation.subgraphs["a"], lambda data: data["user"].update(home=None) if "user" in data else None)
    answer = await federation.ask("{ user { account { tax } } }")
    assert answer["data"]["user"] == {"account": {"tax": "tax [('country', None), ('rate', 1)]"}}


async def test_a_value_that_could_not_be_fetched_is_not_guessed() -> None:
    federation = bank()

    def lose(data: dict[str, Any]) -> None:
        data["_entities"][:] = [None for _ in data["_entities"]]

    changed(federation.subgraphs["b"], lose)
    answer = await federation.ask("{ user { account { id tax } } }")
    assert answer["data"]["user"] == {"account": {"id": "a1", "tax": None}}
    assert federation.counts == {"a": 1, "b": 1}


async def test_null_is_not_given_where_the_argument_is_required() -> None:
    """The others of the request are asked all the same, without what was meant for this one."""
    sources = {**SOURCES, "b": SOURCES["b"].replace("country: String @from", "country: String! @from")}
    federation = bank(SDL.replace('name: "country", type: "String"', 'name: "country", type: "String!"'), sources)

    def forget(data: dict[str, Any]) -> None:
        data.get("user", {}).update(home=None)

    changed(federation.subgraphs["a"], forget)
    answer = await federation.ask("{ user { account { tax } credit { parent { limit } } } }")
    assert answer["data"]["user"] == {"account": {"tax": None}, "credit": {"parent": {"limit": 5}}}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('context: "a__who"', 'context: "a__whose"'), r"Account.balance\(in:\) .* a__whose, which no type sets"),
        (("selection:", "path:"), r"Member.note: path of contextArguments is not understood"),
        (
            ('Account @join__type(graph: A, key: "id")', "Account @join__type(graph: A)"),
            "Account.balance has .* A resolves Account by no key",
        ),
        (
            ("limit: Int @join__field(graph: B)", 'limit: Int @join__field(graph: B, requires: "balance")'),
            'Account.limit needs "balance", but Account.balance has',
        ),
    ],
)
def test_what_cannot_be_served_is_refused(change: tuple[str, str], why: str) -> None:
    sdl = SDL.replace(*change)
    assert sdl != SDL
    with pytest.raises(SupergraphError, match=why):
        read_supergraph(sdl)


async def test_the_argument_is_not_the_clients_to_give() -> None:
    answer = await fixture("contexts", seed=1).ask('{ user { account { balance(in: "CNY") } } }')
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
