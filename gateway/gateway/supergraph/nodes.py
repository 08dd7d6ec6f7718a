"""Small questions about syntax nodes."""

from __future__ import annotations

from graphql import ListTypeNode, NonNullTypeNode, TypeNode


def named_type(node: TypeNode) -> str:
    """The name inside any list and non-null wrappers."""
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    return str(node.name.value)  # type: ignore[attr-defined]


def field_set_text(text: str) -> str:
    """A field set as an operation. What is selected of a context may have its braces already."""
    return text if text.lstrip().startswith("{") else "{" + text + "}"
