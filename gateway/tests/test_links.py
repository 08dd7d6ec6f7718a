"""Features of a supergraph under whatever names it gives them."""

from __future__ import annotations

import re

import pytest
from graphql import DefinitionNode, SchemaDefinitionNode, print_schema

from gateway.errors import SupergraphError
from gateway.supergraph import build_public_schema, read_supergraph

from .federation import FIXTURES

BOTH = 'import: ["@cost", "@listSize"]'


def text(fixture: str) -> str:
    return (FIXTURES / fixture / "supergraph.graphql").read_text("utf-8")


def renamed(sdl: str, feature: str, link: str, **names: str) -> str:
    """The supergraph with `link` as further arguments of the feature's link, and directives under other `names`."""
    rest = rf'@link\(url: "(https://specs\.apollo\.dev/{feature}/v[\d.]+)"(, for: \w+)?[^)]*\)'
    schema, definitions = sdl.split("\n}", 1)
    schema = re.sub(rest, rf'@link(url: "\1"\2, {link})', schema)
    for name, spelt in names.items():
        definitions = re.sub(rf"@{name}\b", f"@{spelt}", definitions)
    return f"{schema}\n}}{definitions}"


def meaning(sdl: str) -> tuple[list[DefinitionNode], str]:
    read = read_supergraph(sdl)
    definitions = [one for one in read.document.definitions if not isinstance(one, SchemaDefinitionNode)]
    return definitions, print_schema(build_public_schema(read))


@pytest.mark.parametrize(
    ("fixture", "feature"),
    [
        ("access", "authenticated"),
        ("access", "requiresScopes"),
        ("access", "policy"),
        ("inaccessible", "inaccessible"),
        ("contexts", "context"),
    ],
)
@pytest.mark.parametrize(
    ("link", "spelt"),
    [
        ('import: ["@{}"]', "{}"),
        ('import: [{{name: "@{}", as: "@login"}}]', "login"),
        ('as: "login"', "login"),
        ('as: "x", import: [{{name: "@{}", as: "@y"}}]', "y"),
        ('as: "x"', "federation__{}"),
    ],
)
def test_a_feature_by_any_name_is_the_same(fixture: str, feature: str, link: str, spelt: str) -> None:
    plain = text(fixture)
    other = renamed(plain, feature, link.format(feature), **{feature: spelt.format(feature)})
    assert f"@{spelt.format(feature)}" in other
    assert meaning(other) == meaning(plain)


@pytest.mark.parametrize(
    ("link", "cost", "list_size"),
    [
        (BOTH, "cost", "listSize"),
        ('import: ["@cost"]', "cost", "cost__listSize"),
        ('import: [{name: "@listSize", as: "@size"}, {name: "@cost", as: "@weight"}]', "weight", "size"),
        ('as: "c"', "c", "c__listSize"),
        (BOTH, "federation__cost", "federation__listSize"),
    ],
)
def test_costs_by_any_name_are_counted(link: str, cost: str, list_size: str) -> None:
    plain = text("cost")
    assert meaning(renamed(plain, "cost", link, cost=cost, listSize=list_size)) == meaning(plain)


def test_the_machinery_by_any_name() -> None:
    plain = text("shop")
    other = re.sub(r"\bjoin__", "j__", plain).replace("@link(", "@l(").replace("directive @link", "directive @l")
    other = re.sub(r"\blink__", "l__", other)
    other = re.sub(r'(/join/v0\.\d")', r'\1, as: "j"', other).replace('/link/v1.0"', '/link/v1.0", as: "l"')
    assert "join__" not in other
    assert meaning(other) == meaning(plain)


def test_a_name_that_could_mean_two_things_is_refused() -> None:
    both = renamed(text("access"), "authenticated", 'as: "login"') + "\ndirective @login on OBJECT\n"
    with pytest.raises(SupergraphError, match="@authenticated stands beside @login"):
        read_supergraph(both)


@pytest.mark.parametrize(
    ("link", "spelt", "name"),
    [
        ('import: ["@authenticated"]', "authenticated__often", "authenticated__often"),
        ('import: ["@authenticated"]', "federation__often", "federation__often"),
        ('import: ["@authenticated", {name: "@often", as: "@login"}]', "login", "authenticated__often"),
    ],
)
def test_what_a_feature_defines_and_nobody_reads_is_refused(link: str, spelt: str, name: str) -> None:
    sdl = renamed(text("access"), "authenticated", link).replace("scalar Phone", f"scalar Phone @{spelt}")
    with pytest.raises(SupergraphError, match=f"Phone: @{name} is not understood"):
        read_supergraph(sdl)
