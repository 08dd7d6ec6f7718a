"""Supergraphs that cannot be served, settings that are wrong, and the command line that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, is_enum_type
from typer.testing import CliRunner

from gateway.cli import app
from gateway.errors import SupergraphError
from gateway.settings import SettingsError, load_settings, subgraph_urls
from gateway.supergraph import build_public_schema, read_supergraph
from gateway.telemetry.trace import trace_from

from .compose import compose
from .federation import FIXTURES

SHOP = FIXTURES / "shop" / "supergraph.graphql"


@pytest.mark.parametrize(
    ("sdl", "why"),
    [
        ("type Query {", "not valid SDL"),
        ("type Query { a: Int }", "no composed supergraph"),
        ('enum join__Graph { A @join__graph(name: "a", url: "http://a") } type T { a: Int }', "no query type"),
    ],
)
def test_unusable_supergraphs(sdl: str, why: str) -> None:
    with pytest.raises(SupergraphError, match=why):
        read_supergraph(sdl)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("name: String @join__field(graph: CATALOG", "name: String @join__field(magic: 1, graph: CATALOG", "magic"),
        (
            "implements Named @join__type(",
            "implements Named @join__type(shard: 1, ",
            r"Product: @join__type\(shard:\) is not understood",
        ),
        (
            "implements Named @join__type(",
            "implements Named @join__magic @join__type(",
            "Product: @join__magic is not understood",
        ),
        (
            "implements Named @join__type(",
            'implements Named @join__directive(graphs: [CATALOG], name: "connect", args: {}) @join__type(',
            "Product: @connect of a subgraph, carried by @join__directive, is not understood",
        ),
        ("specs.apollo.dev/join/v0.", "specs.apollo.dev/join/v9.", "needs https://specs.apollo.dev/join/v9"),
        (
            "schema @link(",
            'schema @link(url: "https://specs.example/masking/v1.0", for: SECURITY) @link(',
            "needs https://specs.example/masking/v1.0 .for: SECURITY.",
        ),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str, why: str) -> None:
    sdl = SHOP.read_text("utf-8")
    assert old in sdl
    with pytest.raises(SupergraphError, match=why):
        read_supergraph(sdl.replace(old, new))


def test_what_only_describes_is_welcome() -> None:
    sdl = SHOP.read_text("utf-8")
    more = '@link(url: "https://specs.example/owners/v1.0") @join__directive(graphs: [CATALOG], name: "link", args: {})'
    read_supergraph(sdl.replace("schema @link(", f"schema {more} @link("))


def test_a_public_schema_that_is_not_valid() -> None:
    sdl = 'enum join__Graph { A @join__graph(name: "a", url: "http://a") } type Query { a: Int @inaccessible }'
    with pytest.raises(SupergraphError, match="public schema"):
        build_public_schema(read_supergraph(sdl))


def test_public_schema() -> None:
    schema = build_public_schema(read_supergraph(SHOP.read_text("utf-8")))
    product = schema.get_type("Product")
    assert isinstance(product, GraphQLObjectType)
    assert "internalNote" not in product.fields
    assert product.description == "商品 A thing that is sold."
    currency = schema.get_type("Currency")
    assert is_enum_type(currency)
    assert list(currency.values) == ["CNY", "USD"]
    assert [one.name for one in schema.directives if one.name.startswith(("join", "link", "inaccessible"))] == []


def test_directives_for_operations_stay() -> None:
    sdl = """enum join__Graph { A @join__graph(name: "a", url: "http://a") }
      directive @join__graph(name: String!, url: String!) on ENUM_VALUE
      directive @inaccessible on FIELD_DEFINITION
      directive @access(scope: Int) on FIELD | FIELD_DEFINITION
      type Query @join__type(graph: A) { a: Int }"""
    schema = build_public_schema(read_supergraph(sdl))
    assert schema.get_directive("access") is not None
    assert schema.get_directive("inaccessible") is None


def test_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "many")
    monkeypatch.setenv("GATEWAY_MAX_BODY", "0")
    monkeypatch.delenv("GATEWAY_SUPERGRAPH", raising=False)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    lines = str(caught.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == [
        "GATEWAY_MAX_BODY",
        "GATEWAY_PORT",
        "GATEWAY_SUPERGRAPH",
    ]


def test_settings_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SUPERGRAPH", "a.graphql")
    monkeypatch.setenv("GATEWAY_FORWARD_HEADERS", "authorization, x-tenant")
    settings = load_settings(port=None, host="0.0.0.0")
    assert (settings.supergraph, settings.port, settings.host) == ("a.graphql", 4000, "0.0.0.0")
    assert settings.forward_headers == ("authorization", "x-tenant")
    assert subgraph_urls({"GATEWAY_SUBGRAPH_URL_RED_PARTNER": "http://x", "OTHER": "y"}) == {"RED_PARTNER": "http://x"}


def test_command_line() -> None:
    run = CliRunner().invoke
    result = run(app, ["inspect", "plan", "--supergraph", str(SHOP), "--query", "{ products { inStock } }"])
    assert result.exit_code == 0
    assert "fetch 1 STOCK after 0" in result.output
    result = run(app, ["inspect", "plan", "--supergraph", str(SHOP), "--query", "{ nothing }"])
    assert result.exit_code == 1
    assert "Cannot query field 'nothing'" in result.output
    result = run(app, ["serve", "--supergraph", "/nowhere/supergraph.graphql"])
    assert result.exit_code == 2
    assert "/nowhere/supergraph.graphql" in result.output


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"garbage",
        b"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        b"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        b"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
    ],
)
def test_a_trace_context_that_is_not_valid_is_replaced(header: bytes | None) -> None:
    trace = trace_from(header)
    assert len(trace.trace_id) == 32
    assert trace.trace_id != "0" * 32
    assert b"4bf92f" not in trace.traceparent.lower()


@pytest.mark.parametrize(
    "folder", [one for one in sorted(FIXTURES.iterdir()) if one.is_dir()], ids=lambda one: one.name
)
def test_fixtures_are_composed_from_their_sources(folder: Path) -> None:
    assert compose(folder, "--check") == 0


def test_composition_errors_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.graphql").write_text("type Query { a: Int }", "utf-8")
    (tmp_path / "b.graphql").write_text("type Query { a: String }", "utf-8")
    assert compose(tmp_path) == 1
    assert "FIELD_TYPE_MISMATCH" in capfd.readouterr().err
    (tmp_path / "b.graphql").write_text("type Query {", "utf-8")
    assert compose(tmp_path) == 1
    assert "b.graphql:1:13" in capfd.readouterr().err
