"""Whether a supergraph says only what this gateway understands; what it does not is refused, never ignored.

A feature that a supergraph links `for: EXECUTION` or `SECURITY` changes what an answer means or who may see it; the
link specification forbids to go on without it. And an argument of a ``@join__…`` directive that is not known here may
change what a field needs::

    price: Int @join__field(graph: A, computedFrom: "cost")     →     Product.price: @join__field(computedFrom:) …
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    Node,
    TypeDefinitionNode,
)

from ..errors import SupergraphError
from .links import Link, links_of

JOIN_ARGUMENTS: Mapping[str, frozenset[str]] = {
    "join__graph": frozenset({"name", "url"}),
    "join__owner": frozenset({"graph"}),  # join v0.1
    "join__type": frozenset({"graph", "key", "extension", "resolvable", "isInterfaceObject"}),
    "join__field": frozenset(
        {
            "graph", "requires", "provides", "type", "external", "override", "usedOverridden", "overrideLabel",
            "contextArguments",
        }
    ),
    "join__implements": frozenset({"graph", "interface"}),
    "join__unionMember": frozenset({"graph", "member"}),
    "join__enumValue": frozenset({"graph"}),
    "join__directive": frozenset({"graphs", "name", "args"}),
}  # fmt: skip
CONTEXT_ARGUMENT = frozenset({"name", "type", "context", "selection"})

# What ``@join__directive`` may carry: directives of subgraphs that change no answer.
HARMLESS = frozenset({"link", "tag", "cacheTag", "federation__cacheTag"})

# Features of specs.apollo.dev with the versions that are understood.
FEATURES: Mapping[str, re.Pattern[str]] = {
    "core": re.compile(r"v0\.[12]"),
    "link": re.compile(r"v1\.\d+"),
    "join": re.compile(r"v0\.[1-5]"),
    "inaccessible": re.compile(r"v0\.[12]"),
    "tag": re.compile(r"v0\.\d+"),
    "cost": re.compile(r"v0\.1"),
    "authenticated": re.compile(r"v0\.1"),
    "requiresScopes": re.compile(r"v0\.1"),
    "policy": re.compile(r"v0\.1"),
    "context": re.compile(r"v0\.1"),
}
_BINDING = ("EXECUTION", "SECURITY")


def check_vocabulary(document: DocumentNode) -> None:
    """Raises `SupergraphError`, naming the place of the first thing that is not understood. `document` is canonical."""
    for link in links_of(document):
        _check_link(link)
    for node in document.definitions:
        for place, directive in _directives(node):
            feature = directive.name.value.partition("__")[0]
            if feature == "join":
                _check_join(place, directive)
            elif feature != directive.name.value and feature in (*FEATURES, "federation"):
                raise SupergraphError(f"{place}: @{directive.name.value} is not understood")


def _check_link(link: Link) -> None:
    known = FEATURES.get(link.feature)
    if link.purpose in _BINDING and (known is None or not known.fullmatch(link.version)):
        raise SupergraphError(f"the supergraph needs {link.url} (for: {link.purpose}), which is not understood here")


def _check_join(place: str, directive: ConstDirectiveNode) -> None:
    name = directive.name.value
    known = JOIN_ARGUMENTS.get(name)
    if known is None:
        raise SupergraphError(f"{place}: @{name} is not understood")
    for one in directive.arguments or ():
        if one.name.value not in known:
            raise SupergraphError(f"{place}: @{name}({one.name.value}:) is not understood")
        if one.name.value == "contextArguments":
            for item in getattr(one.value, "values", ()):
                for field in getattr(item, "fields", ()):
                    if field.name.value not in CONTEXT_ARGUMENT:
                        raise SupergraphError(f"{place}: {field.name.value} of contextArguments is not understood")
        if name == "join__directive" and one.name.value == "name":
            carried = getattr(one.value, "value", None)
            if carried not in HARMLESS:
                raise SupergraphError(f"{place}: @{carried} of a subgraph, carried by @{name}, is not understood")


def _directives(node: Node, place: str = "") -> Iterator[tuple[str, ConstDirectiveNode]]:
    """Every directive that is applied in a definition, with the schema coordinate of where it stands."""
    name = getattr(node, "name", None)
    own = name.value if name else "schema"
    here = f"{place}.{own}" if place else own
    yield from ((here, one) for one in getattr(node, "directives", None) or ())
    for inner in ("fields", "values"):
        for child in getattr(node, inner, None) or ():
            yield from _directives(child, here)
    if not isinstance(node, TypeDefinitionNode):
        for child in getattr(node, "arguments", None) or ():
            yield from ((f"{here}({child.name.value}:)", one) for one in child.directives or ())
