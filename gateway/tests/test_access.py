"""Who may see what: `@authenticated`, `@requiresScopes`, `@policy`, and the tokens that say who asks."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from gateway.errors import RequestError
from gateway.guards.authorisation import NOBODY, Credentials, Rules
from gateway.guards.identity import Identity
from gateway.routing.request import GraphQLRequest
from gateway.serving import Application
from gateway.settings import Settings
from gateway.subscriptions.expiry import expiry
from gateway.supergraph import read_supergraph
from gateway.telemetry.trace import trace_from

from .autoworld import AutoWorld
from .federation import EVERYBODY, FIXTURES, Federation, federation
from .serving import serving

FILE = FIXTURES / "access" / "supergraph.graphql"
SOMEBODY = Credentials(is_authenticated=True)
CONTACT = Credentials(is_authenticated=True, scopes=frozenset({"contact"}))
ADMIN = Credentials(is_authenticated=True, scopes=frozenset({"admin"}))
STAFF = Credentials(is_authenticated=True, policies=frozenset({"staff"}))


@pytest.fixture(scope="module")
async def records() -> AsyncIterator[Federation]:
    async with federation("access", AutoWorld(read_supergraph(FILE.read_text("utf-8"))).world) as one:
        yield one


def denied(answer: dict[str, Any]) -> list[str]:
    assert {one["extensions"]["code"] for one in answer.get("errors", ())} <= {"UNAUTHORIZED_FIELD_OR_TYPE"}
    return [one["extensions"]["field"] for one in answer.get("errors", ())]


@pytest.mark.parametrize(
    ("query", "caller", "fields"),
    [
        ("{ me { name } count }", NOBODY, ["me"]),
        ("{ me { name } count }", SOMEBODY, []),
        ("{ people { name phone } }", SOMEBODY, ["people.phone"]),
        ("{ people { name phone } }", CONTACT, []),
        ("{ people { name note } }", CONTACT, []),
        ("{ people { name note } }", ADMIN, ["people.note"]),  # admin, and not all
        ("{ people { a: note name } }", NOBODY, ["people.a"]),
        ("{ people { friend { friend { phone name } } } }", NOBODY, ["people.friend.friend.phone"]),
        ("{ people { name friend { phone id } } }", NOBODY, ["people.friend.phone"]),
        ("{ people { rating name } }", NOBODY, ["people.rating"]),
        ("{ people { note rating name } }", CONTACT, []),
        ("{ me { name } }", NOBODY, ["me"]),
    ],
)
async def test_what_the_caller_may_not_see_is_null(
    records: Federation, query: str, caller: Credentials, fields: list[str]
) -> None:
    answer = await records.ask(query, caller=caller)
    assert denied(answer) == fields
    assert answer["data"] == _without(records.expect(query)["data"], fields)


def _without(data: Any, fields: list[str]) -> Any:
    """The monolith's answer with null in the named places."""
    for place in fields:
        _clear(data, place.split("."))
    return data


def _clear(value: Any, keys: list[str]) -> None:
    if isinstance(value, list):
        for one in value:
            _clear(one, keys)
    elif isinstance(value, dict):
        if len(keys) == 1:
            value[keys[0]] = None
        else:
            _clear(value[keys[0]], keys[1:])


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("{ count me { name } }", ["me"]),
        ("{ person(id: 1) { n: note } }", ["person", "n"]),
        ("{ person(id: 1) { friend { phone } } }", ["person", "friend", "phone"]),
        ("{ people { friend { phone } } }", ["people"]),  # several places: the list that they are below
    ],
)
async def test_an_error_says_where_in_the_answer(records: Federation, query: str, path: list[str]) -> None:
    answer = await records.ask(query, caller=NOBODY)
    assert [one["path"] for one in answer["errors"]] == [path]


@pytest.mark.parametrize("where", ["phone @include(if: $yes)", "... @skip(if: $no) { phone }"])
async def test_what_is_skipped_is_not_denied(records: Federation, where: str) -> None:
    query = f"query Q($yes: Boolean!, $no: Boolean!) {{ person(id: 1) {{ name {where} a: id @include(if: $yes) "
    query += "b: id @skip(if: $no) } }"
    asked, skipped = {"yes": True, "no": False}, {"yes": False, "no": True}
    assert denied(await records.ask(query, asked, caller=NOBODY)) == ["person.phone"]
    answer = await records.ask(query, skipped, caller=NOBODY)
    assert "errors" not in answer
    assert answer == records.expect(query, skipped)
    mutation = query.replace("query Q", "mutation M").replace("person(", "touch(")
    assert (await records.outcome(mutation, asked, caller=NOBODY)).status == 401
    assert (await records.outcome(mutation, skipped, caller=NOBODY)).status == 200


INTERFACE = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "http://a.invalid/graphql") }
interface Named @join__type(graph: A) { name: String %s }
type User implements Named @join__implements(graph: A, interface: "Named") @join__type(graph: A) { name: String %s }
type Team implements Named @join__implements(graph: A, interface: "Named") @join__type(graph: A) { name: String %s }
type Query @join__type(graph: A) { user: User team: Team named: Named }
"""
ADMINS, STAFFS = '@requiresScopes(scopes: [["admin"]])', '@requiresScopes(scopes: [["staff"]])'
BOTH = '@requiresScopes(scopes: [["admin", "staff"]])'


@pytest.mark.parametrize(
    ("named", "user", "team", "held"),
    [
        ("@authenticated", "", "", (True, True)),  # an older composer: written on the interface
        ("@authenticated", "@authenticated", "", (True, False)),  # composed of its objects' rules
        (BOTH, ADMINS, STAFFS, (True, True)),
        (ADMINS, STAFFS, "", (True, True)),
        ("", "", "@authenticated", (False, True)),
    ],
)
def test_rules_of_an_interface_hold_for_its_objects(named: str, user: str, team: str, held: tuple[bool, bool]) -> None:
    rules = Rules(read_supergraph(INTERFACE % (named, user, team)))
    assert (bool(rules.on_field("User", "name")), bool(rules.on_field("Team", "name"))) == held
    if (named, user) == (ADMINS, STAFFS):
        [both] = rules.on_field("User", "name")
        assert not both.is_met(Credentials(True, scopes=frozenset({"staff"})))


async def test_what_is_denied_is_not_fetched(records: Federation) -> None:
    await records.ask("{ people { name phone note } }", caller=NOBODY)
    asked = json.dumps([one.requests for one in records.subgraphs.values()])
    assert "name" in asked
    assert "phone" not in asked
    assert "note" not in asked
    answer = await records.ask("{ me { name } }", caller=NOBODY)
    assert (answer["data"], records.counts) == ({"me": None}, {})


async def test_an_object_of_which_nothing_may_be_seen_is_null(records: Federation) -> None:
    answer = await records.ask("{ people { name friend { phone } } }", caller=NOBODY)
    assert denied(answer) == ["people.friend.phone"]
    assert {one["friend"] for one in answer["data"]["people"]} == {None}


async def test_one_kind_of_thing_is_denied_and_the_others_are_not(records: Federation) -> None:
    names = ("everything", "anything", "something", "nothing", "more")
    lists = " ".join(f"{name} {{ __typename name ... on File {{ id }} }}" for name in names)
    expected = records.expect(f"{{ {lists} }}")["data"]
    answer = await records.ask(f"{{ {lists} }}", caller=SOMEBODY)
    assert "more.name" in denied(answer)
    assert "more.id" in denied(answer)
    kinds = {name: {one["__typename"] for one in things or ()} for name, things in expected.items()}
    assert {"File"} in kinds.values()
    assert {"Person"} in kinds.values()
    for name, things in expected.items():
        # `File.id` cannot be null, and no more can the element: the list is null, as the specification says
        assert answer["data"][name] == (None if "File" in kinds[name] else things)
    assert denied(await records.ask(f"{{ {lists} }}", caller=STAFF)) == []


async def test_a_null_rises_from_a_denied_field_that_cannot_be_null(records: Federation) -> None:
    answer = await records.ask("{ person(id: 1) { name secret } count }", caller=SOMEBODY)
    assert denied(answer) == ["person.secret"]
    assert answer["data"]["person"] is None
    assert answer["data"]["count"] is not None


async def test_a_mutation_is_refused_whole(records: Federation) -> None:
    mutation = "mutation { touch(id: 1) { name phone } }"
    for caller, status in ((NOBODY, 401), (SOMEBODY, 403)):
        outcome = await records.outcome(mutation, caller=caller)
        assert (outcome.status, outcome.answer["errors"][0]["extensions"]) == (
            status,
            {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
        )
        assert records.counts == {}
    assert "errors" not in await records.ask(mutation, caller=EVERYBODY)


async def test_one_cached_operation_serves_callers_who_may_see_different_parts(records: Federation) -> None:
    query = "{ people { phone note } }"
    for _ in range(2):
        assert denied(await records.ask(query, caller=CONTACT)) == []
        assert denied(await records.ask(query, caller=NOBODY)) == ["people.phone", "people.note"]


class Keys:
    """A JWKS file and the key behind it."""

    def __init__(self, directory: Path):
        self.file = directory / "jwks.json"
        self.rotate("1")

    def rotate(self, key_id: str) -> None:
        self.key, self.id = Ed25519PrivateKey.generate(), key_id
        public = OKPAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        self.file.write_text(json.dumps({"keys": [{**public, "kid": key_id, "use": "sig", "alg": "EdDSA"}]}))

    def token(self, **claims: Any) -> str:
        given = {"sub": "somebody", "iss": "https://issuer.example", "aud": "api", "exp": time.time() + 60} | claims
        return jwt.encode(given, self.key, algorithm="EdDSA", headers={"kid": self.id})


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


@pytest.fixture
async def client(records: Federation, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        supergraph=FILE, jwks=keys.file.as_uri(), jwt_issuer="https://issuer.example", jwt_audience="api"
    )
    application = Application(settings, records.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as one:
        yield one


async def ask(client: httpx.AsyncClient, token: str | None) -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    response = await client.post("/graphql", json={"query": "{ people { phone note } }"}, headers=headers)
    answer = response.json()
    codes = [one["extensions"].get("field") or one["extensions"]["code"] for one in answer.get("errors", ())]
    return response.status_code, codes


async def test_tokens_say_what_their_bearer_may_see(client: httpx.AsyncClient, keys: Keys) -> None:
    assert await ask(client, None) == (200, ["people.phone", "people.note"])
    assert await ask(client, keys.token(scope="admin all")) == (200, ["people.phone"])
    assert await ask(client, keys.token(scope="contact other")) == (200, [])
    assert await ask(client, keys.token(scope=["contact"])) == (200, [])


@pytest.mark.parametrize(
    "claims", [{"exp": 1}, {"iss": "https://other.example"}, {"aud": "other"}, {"nbf": time.time() + 3600}]
)
async def test_tokens_that_are_not_good(client: httpx.AsyncClient, keys: Keys, claims: dict[str, Any]) -> None:
    assert await ask(client, keys.token(**claims)) == (401, ["INVALID_TOKEN"])


def made_up(header: str, payload: str) -> str:
    return ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, payload, "x"))


HEADER = '{"alg": "EdDSA", "kid": "1"}'
MADE_UP = [
    made_up(HEADER, f'{{"exp": {"9" * 400}}}'),
    made_up(HEADER, f'{{"exp": {"9" * 5000}}}'),
    made_up(HEADER, '{"exp": NaN}'),
    made_up(HEADER, '{"exp": "soon"}'),
    made_up(HEADER, '{"exp": []}'),
    made_up(HEADER, "[" * 6000),
    made_up(HEADER, "[]"),
    made_up('{"alg": "EdDSA", "kid": ["1"]}', "{}"),
    made_up('{"alg": ["EdDSA"]}', "{}"),
    made_up("[" * 6000, "{}"),
    made_up("7", "{}"),
]


@pytest.mark.parametrize("token", MADE_UP, ids=range(len(MADE_UP)))
def test_no_made_up_token_keeps_a_subscription_or_ends_it(token: str) -> None:
    request = GraphQLRequest("", {}, None, ((b"authorization", f"Bearer {token}".encode()),), trace_from(None))
    assert expiry(request) is None


async def test_a_token_without_a_key_id_has_the_only_key(client: httpx.AsyncClient, keys: Keys) -> None:
    given = {"iss": "https://issuer.example", "aud": "api", "exp": time.time() + 60, "scope": "contact"}
    token = jwt.encode(given, keys.key, algorithm="EdDSA")
    assert await ask(client, token) == (200, [])
    stranger = jwt.encode(given, Ed25519PrivateKey.generate(), algorithm="EdDSA")
    assert await ask(client, stranger) == (401, ["INVALID_TOKEN"])


async def test_a_token_without_a_key_id_cannot_choose(records: Federation, keys: Keys) -> None:
    listed = json.loads(keys.file.read_text())["keys"]
    keys.file.write_text(json.dumps({"keys": [*listed, {**listed[0], "kid": "2"}]}))
    identity = Identity(keys.file.as_uri(), None, None)
    token = jwt.encode({"exp": time.time() + 60}, keys.key, algorithm="EdDSA")
    with pytest.raises(RequestError, match="not valid"):
        await identity.credentials(f"Bearer {token}")


async def test_forged_and_malformed_tokens(client: httpx.AsyncClient, keys: Keys, tmp_path_factory: Any) -> None:
    stranger = Keys(tmp_path_factory.mktemp("stranger"))
    unsigned = jwt.encode({"sub": "x", "exp": time.time() + 60}, "", algorithm="none", headers={"kid": "1"})
    for token in (stranger.token(), unsigned, *MADE_UP, "a.b.c", "a", "x" * 20_000):
        assert await ask(client, token) == (401, ["INVALID_TOKEN"])
    assert await ask(client, keys.token(scope="contact")) == (200, [])


async def test_issuers_that_cannot_be_reached(records: Federation, keys: Keys, tmp_path: Path) -> None:
    application = Application(Settings(supergraph=FILE, jwks=(tmp_path / "none.json").as_uri()), records.urls)
    async with serving(application) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as one:
        assert await ask(one, keys.token()) == (503, ["IDENTITY_UNAVAILABLE"])
        assert (await ask(one, None))[0] == 200


@pytest.mark.parametrize(
    ("file", "jwks", "warnings"),
    [(FILE, None, 1), (FILE, "https://issuer.example/jwks", 0), (FIXTURES / "shop" / "supergraph.graphql", None, 0)],
)
def test_rules_without_keys_are_warned_of(
    file: Path, jwks: str | None, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    Application(Settings(supergraph=file, jwks=jwks))
    assert [one.levelname for one in caplog.records if "JWKS_URL" in one.message] == ["WARNING"] * warnings
