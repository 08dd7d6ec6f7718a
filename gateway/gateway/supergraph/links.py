"""Features by the names that a supergraph gives them, read through ``@link`` (link v1.0; ``@core`` before it).

A supergraph may call what a feature defines as it likes, and composition does so where a subgraph has a directive of
the same name::

    schema @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY,
                 import: [{name: "@authenticated", as: "@login"}])
    type User { phone: String @login }                 →     type User { phone: String @authenticated }

`canonical` gives everything its own name back before anybody looks, so that no later module knows of renaming. Besides
imports there is the prefix (``@cost__listSize``, or with ``as: "c"`` ``@c__listSize`` and for ``@cost`` itself ``@c``),
and ``@federation__…`` for what federation defines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    NamedTypeNode,
    NameNode,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    Visitor,
    value_from_ast_untyped,
    visit,
)

from ..errors import SupergraphError

HOST = "specs.apollo.dev"

# The directives that are read here, by the feature that defines them.
DIRECTIVES: Mapping[str, frozenset[str]] = {
    "link": frozenset({"link"}),
    "core": frozenset({"core"}),
    "inaccessible": frozenset({"inaccessible"}),
    "tag": frozenset({"tag"}),
    "cost": frozenset({"cost", "listSize"}),
    "authenticated": frozenset({"authenticated"}),
    "requiresScopes": frozenset({"requiresScopes"}),
    "policy": frozenset({"policy"}),
    "context": frozenset({"context"}),
}
# Federation defines them again, under its own name.
FEDERATION = frozenset().union(*DIRECTIVES.values()) - {"link", "core"}


@dataclass(frozen=True, slots=True)
class Link:
    """One linked feature, of Apollo's specifications unless `feature` is empty. `imported` are the feature's names by
    those that are written (directives with ``@``)."""

    url: str
    feature: str
    version: str
    namespace: str
    purpose: str | None = None
    imported: Mapping[str, str] = field(default_factory=dict)

    def directive(self, spelt: str) -> str | None:
        """The feature's own name of a directive; None when this feature does not define it, or is somebody else's."""
        if not self.feature:
            return None
        if (name := self.imported.get(f"@{spelt}")) is not None:
            return name.removeprefix("@")
        return self.feature if spelt == self.namespace else self._below(spelt)

    def type(self, spelt: str) -> str | None:
        return (self.imported.get(spelt) or self._below(spelt)) if self.feature else None

    def _below(self, spelt: str) -> str | None:
        prefix = f"{self.namespace}__"
        return spelt.removeprefix(prefix) if spelt.startswith(prefix) else None


_FEDERATION = Link("", "federation", "", "federation")


def links_of(document: DocumentNode) -> tuple[Link, ...]:
    """What the schema links. Raises `SupergraphError`."""
    return (*(_link(said) for said in _applied_to_schema(document)), _FEDERATION)


def canonical(document: DocumentNode) -> DocumentNode:
    """The document with every directive and type of a linked feature under the feature's own name.

    Raises `SupergraphError` when another directive has that name: which of both is meant, nobody could tell.
    """
    links = links_of(document)
    renaming = _Renaming(links)
    renamed: DocumentNode = visit(document, renaming)
    for name in sorted(renaming.unlinked & renaming.written.keys()):
        raise SupergraphError(f"@{name} stands beside @{renaming.written[name]}, which is the feature's name here")
    return renamed


def _applied_to_schema(document: DocumentNode) -> Iterator[dict[str, Any]]:
    """The arguments of whatever links a feature: ``@link`` and ``@core``, under the names that they give themselves."""
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            for one in node.directives or ():
                said = {each.name.value: value_from_ast_untyped(each.value) for each in one.arguments or ()}
                if isinstance(said.get("url", said.get("feature")), str):
                    yield said


def _link(said: dict[str, Any]) -> Link:
    url = said.get("url") or said["feature"]
    feature, version = _feature(url)
    imported = {}
    for one in said.get("import") or ():
        name, spelt = (one.get("name"), one.get("as")) if isinstance(one, dict) else (one, None)
        if not isinstance(name, str) or not isinstance(spelt, str | None):
            raise SupergraphError(f"the import of {url} is not understood")
        imported[spelt or name] = name
    return Link(url, feature, version, str(said.get("as") or feature), said.get("for"), imported)


def _feature(url: str) -> tuple[str, str]:
    """Name and version of a feature of Apollo's specifications; empty for others."""
    parts = urlsplit(url)
    path = [part for part in parts.path.split("/") if part]
    return (path[-2], path[-1]) if parts.hostname == HOST and len(path) > 1 else ("", "")


class _Renaming(Visitor):
    """`written` are the names that were found, by the features' own; `unlinked` are directives of no feature."""

    def __init__(self, links: tuple[Link, ...]):
        super().__init__()
        self._links = links
        self.unlinked: set[str] = set()
        self.written: dict[str, str] = {}

    def enter(self, node: Node, *_args: Any) -> Node | None:
        if isinstance(node, DirectiveNode | DirectiveDefinitionNode):
            return _named(node, self._directive(node.name.value))
        if isinstance(node, NamedTypeNode | TypeDefinitionNode):
            return _named(node, self._type(node.name.value))
        return None

    def _directive(self, spelt: str) -> str:
        for link in self._links:
            if (name := link.directive(spelt)) is not None:
                own = _own_directive(link.feature, name)
                if own != spelt:
                    self.written[own] = spelt
                return own
        self.unlinked.add(spelt)
        return spelt

    def _type(self, spelt: str) -> str:
        for link in self._links:
            if (name := link.type(spelt)) is not None:
                return f"{link.feature}__{name}"
        return spelt


def _own_directive(feature: str, name: str) -> str:
    """Alone for what is read here, else with the feature before it."""
    known = FEDERATION if feature == "federation" else DIRECTIVES.get(feature, frozenset())
    return name if name in known else f"{feature}__{name}"


def _named(node: Any, name: str) -> Node | None:
    if name == node.name.value:
        return None
    renamed: Node = replace(node, name=NameNode(value=name))
    return renamed
