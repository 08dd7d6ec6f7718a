"""The public schema: the supergraph as clients see it.

Dropped are the machinery of composition (types and directives of linked features: ``join__*``, ``link__*`` …) and
everything marked ``@inaccessible``: types, fields, arguments, input fields and enum values. Added are the gateway's own
directives (`OWN_DIRECTIVES`), in place of any of that name which subgraphs define::

    type User @join__type(graph: A, key: "id") {          type User {
      id: ID!                                      →        id: ID!
      secret: String @inaccessible                        }
    }
"""

from __future__ import annotations

from typing import Any

from graphql import (
    REMOVE,
    DirectiveDefinitionNode,
    DirectiveNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    GraphQLStreamDirective,
    InputValueDefinitionNode,
    NamedTypeNode,
    Node,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    Visitor,
    build_ast_schema,
    validate_schema,
    visit,
)

from ..errors import SupergraphError
from .model import Supergraph
from .vocabulary import FEATURES

MACHINERY_PREFIXES = tuple(f"{feature}__" for feature in (*FEATURES, "federation"))
EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)
PUBLIC_DIRECTIVES = ("deprecated", "specifiedBy", "oneOf")
OWN_DIRECTIVES = (GraphQLDeferDirective, GraphQLStreamDirective)


def build_public_schema(supergraph: Supergraph) -> GraphQLSchema:
    """The schema for validation and introspection. Raises `SupergraphError` when what is left is not valid."""
    hidden = frozenset(
        node.name.value
        for node in supergraph.document.definitions
        if isinstance(node, TypeDefinitionNode) and (_is_machinery(node.name.value) or _is_inaccessible(node))
    )
    document = visit(supergraph.document, _PublicPart(hidden))
    try:
        schema = build_ast_schema(document, assume_valid_sdl=True)
        errors = validate_schema(schema)
    except (GraphQLError, TypeError) as error:
        raise SupergraphError(f"the public schema cannot be built: {error}") from error
    if errors:
        raise SupergraphError(f"the public schema is not valid: {errors[0].message}")
    own = {one.name for one in OWN_DIRECTIVES}
    kwargs = schema.to_kwargs()
    kwargs["directives"] = (*(one for one in schema.directives if one.name not in own), *OWN_DIRECTIVES)
    kwargs["assume_valid"] = True
    return GraphQLSchema(**kwargs)


def _is_machinery(name: str) -> bool:
    return name.startswith(MACHINERY_PREFIXES)


def _is_for_clients(node: DirectiveDefinitionNode) -> bool:
    """Whether operations may use the directive (composition keeps those that every subgraph knows)."""
    return any(one.value in EXECUTABLE_LOCATIONS for one in node.locations)


def _is_inaccessible(node: Any) -> bool:
    return any(one.name.value == "inaccessible" for one in node.directives or ())


class _PublicPart(Visitor):
    """Removes what clients must not see; `hidden` are names of types that vanish with every mention of them."""

    def __init__(self, hidden: frozenset[str]):
        super().__init__()
        self._hidden = hidden

    def enter(self, node: Node, *_args: Any) -> Any:
        match node:
            case DirectiveDefinitionNode():
                return None if _is_for_clients(node) else REMOVE
            case TypeDefinitionNode() if node.name.value in self._hidden:
                return REMOVE
            case DirectiveNode():
                return None if node.name.value in PUBLIC_DIRECTIVES else REMOVE
            case FieldDefinitionNode() | InputValueDefinitionNode() | EnumValueDefinitionNode():
                return REMOVE if _is_inaccessible(node) else None
            case NamedTypeNode() if node.name.value in self._hidden:
                return REMOVE  # a union member or an implemented interface
            case ScalarTypeDefinitionNode() | SchemaDefinitionNode():
                return None
            case _:
                return None


__all__ = ["MACHINERY_PREFIXES", "build_public_schema"]
