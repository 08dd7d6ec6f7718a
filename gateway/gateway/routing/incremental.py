"""``@defer`` and ``@stream``: what operations may say of incremental delivery, and what is made of it.

The answer is always one whole: a server may ignore ``@defer``, and the answer without it has the same data.
``@stream`` is refused, so that no client waits for items that would never come one by one.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    GraphQLDeferDirective,
    GraphQLStreamDirective,
    Node,
    Visitor,
    visit,
)

from ..errors import RequestError


def refuse_stream(document: DocumentNode) -> None:
    """Raises `RequestError` (STREAM_NOT_SUPPORTED) where any operation or fragment says ``@stream``."""
    visit(document, _Refusing())


def without_defer(document: DocumentNode) -> DocumentNode:
    """The document without ``@defer``: graphql-core refuses to execute it as one answer."""
    without: DocumentNode = visit(document, _Removing())
    return without


class _Refusing(Visitor):
    def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
        if node.name.value == GraphQLStreamDirective.name:
            raise RequestError.of("STREAM_NOT_SUPPORTED", "@stream is not supported: ask for the list without it.")


class _Removing(Visitor):
    def enter_directive(self, node: Node, *_args: Any) -> Any:
        assert isinstance(node, DirectiveNode)
        return REMOVE if node.name.value == GraphQLDeferDirective.name else None
