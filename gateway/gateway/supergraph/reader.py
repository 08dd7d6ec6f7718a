"""Reads supergraph SDL (join spec v0.1 to v0.5) into the model.

Defaults of the join spec are made explicit here, so that no later pass knows them:

* a field without ``@join__field`` is available in every subgraph of its parent type;
* a field with only argument-less ``@join__field`` belongs to no subgraph directly (an ``@interfaceObject`` adds it).

Composition drops an overridden field from its old owner, or marks it ``usedOverridden``. A progressive override (with
a label) leaves both owners in the model; `override` decides between them for each request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    FieldNode,
    GraphQLError,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    parse_type,
    value_from_ast_untyped,
)

from ..errors import SupergraphError
from .contexts import check_contexts, with_contexts
from .links import canonical
from .model import ContextArgument, FieldModel, FieldOwner, Key, Kind, Subgraph, Supergraph, TypeModel
from .nodes import field_set_text
from .vocabulary import check_vocabulary

GRAPH_ENUM = "join__Graph"


def read_supergraph(sdl: str) -> Supergraph:
    """Parse `sdl`. Raises `SupergraphError` with one line when it is no supergraph that can be served."""
    try:
        document = canonical(parse(sdl, no_location=True))
    except GraphQLError as error:
        raise SupergraphError(f"the supergraph is not valid SDL: {error.message}") from error
    subgraphs = _subgraphs(document)
    if not subgraphs:
        raise SupergraphError("the SDL is no composed supergraph: it has no join__Graph enum")
    check_vocabulary(document)
    definitions = [one for one in document.definitions if isinstance(one, TypeDefinitionNode)]
    types = {one.name.value: _type(one, subgraphs) for one in definitions}
    types = with_contexts(_with_possible_types(types, definitions), document)
    roots = _roots(document, types)
    if "query" not in roots:
        raise SupergraphError("the supergraph has no query type")
    check_contexts(types, roots)
    return Supergraph(subgraphs, types, roots, document, _labels(types))


def _labels(types: dict[str, TypeModel]) -> frozenset[str]:
    owners = (owner for model in types.values() for one in model.fields.values() for owner in one.owners.values())
    return frozenset(owner.label for owner in owners if owner.label)


def arguments(directive: ConstDirectiveNode) -> dict[str, Any]:
    return {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}


def applied(directives: Iterable[ConstDirectiveNode] | None, name: str) -> Iterator[dict[str, Any]]:
    """The arguments of every ``@name`` among `directives`."""
    return (arguments(one) for one in directives or () if one.name.value == name)


def _subgraphs(document: DocumentNode) -> dict[str, Subgraph]:
    found = {}
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value == GRAPH_ENUM:
            for value in node.values or ():
                graph = next(applied(value.directives, "join__graph"), {})
                found[value.name.value] = Subgraph(value.name.value, graph.get("name", ""), graph.get("url", ""))
    return found


def _roots(document: DocumentNode, types: dict[str, TypeModel]) -> dict[str, str]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            return {one.operation.value: one.type.name.value for one in node.operation_types}
    return {name.lower(): name for name in ("Query", "Mutation", "Subscription") if name in types}


def _kind(node: TypeDefinitionNode) -> Kind:
    match node:
        case ObjectTypeDefinitionNode():
            return Kind.OBJECT
        case InterfaceTypeDefinitionNode():
            return Kind.INTERFACE
        case UnionTypeDefinitionNode():
            return Kind.UNION
        case _:
            return Kind.OTHER


def _type(node: TypeDefinitionNode, subgraphs: dict[str, Subgraph]) -> TypeModel:
    joins = list(applied(node.directives, "join__type"))
    keys: dict[str, tuple[Key, ...]] = {}
    for join in joins:
        key = (Key(join["key"], join.get("resolvable", True)),) if join.get("key") else ()
        keys[join["graph"]] = keys.get(join["graph"], ()) + key
    if not joins:  # join v0.1, or a type that only the gateway knows
        keys = dict.fromkeys(subgraphs, ())
    fields = {}
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        extensions = {join["graph"] for join in joins if join.get("extension")}
        fields = {one.name.value: _field(one, keys, extensions) for one in node.fields or ()}
    interface_objects = frozenset(join["graph"] for join in joins if join.get("isInterfaceObject"))
    return TypeModel(
        name=node.name.value,
        kind=_kind(node),
        keys=keys,
        fields={name: _without_required(one, fields, interface_objects) for name, one in fields.items()},
        interface_object_in=interface_objects,
    )


def _without_required(one: FieldModel, fields: dict[str, FieldModel], interface_objects: frozenset[str]) -> FieldModel:
    """Composition forgets ``external`` on an interface object's field when every subgraph of the interface names it.
    What an interface object requires it does not have."""
    required = {
        graph
        for graph in interface_objects
        for other in fields.values()
        if (owner := other.owners.get(graph)) and owner.requires and one.name in field_set_names(owner.requires)
    }
    if not required:
        return one
    return replace(one, owners={graph: owner for graph, owner in one.owners.items() if graph not in required})


def field_set_names(text: str) -> frozenset[str]:
    """The fields at the top of a field set."""
    definition = parse(field_set_text(text), no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return frozenset(one.name.value for one in definition.selection_set.selections if isinstance(one, FieldNode))


def _field(node: FieldDefinitionNode, keys: dict[str, tuple[Key, ...]], extensions: set[str]) -> FieldModel:
    joins = list(applied(node.directives, "join__field"))
    if not joins:
        return FieldModel(node.name.value, node.type, {graph: FieldOwner() for graph in keys})
    owners = {}
    for join in joins:
        graph, label = join.get("graph"), join.get("overrideLabel")
        if graph is None or (join.get("usedOverridden") and not label):
            continue
        own_type = join.get("type")
        owners[graph] = FieldOwner(
            external=bool(join.get("external")) and not _is_key_of_extension(node.name.value, graph, keys, extensions),
            requires=join.get("requires"),
            provides=join.get("provides"),
            type=parse_type(own_type) if own_type else None,
            label=label,
            overrides=bool(join.get("override")),
            contexts=tuple(ContextArgument(**one) for one in join.get("contextArguments", ())),
        )
    return FieldModel(node.name.value, node.type, owners)


def _is_key_of_extension(name: str, graph: str, keys: dict[str, tuple[Key, ...]], extensions: set[str]) -> bool:
    """A key field of ``extend type`` is written ``@external`` by Federation 1 habit, yet the subgraph has its value."""
    return graph in extensions and any(name in key.fields.split() for key in keys[graph])


def _with_possible_types(types: dict[str, TypeModel], nodes: list[TypeDefinitionNode]) -> dict[str, TypeModel]:
    possible: dict[str, dict[str, set[str]]] = {name: {} for name, one in types.items() if one.is_abstract}
    interfaces: dict[str, set[str]] = {}

    def add(abstract: str, graph: str, member: str) -> None:
        possible[abstract].setdefault(graph, set()).add(member)

    for node in nodes:
        name = node.name.value
        for join in applied(node.directives, "join__implements"):
            interfaces.setdefault(name, set()).add(join["interface"])
            if types[name].kind is Kind.OBJECT:
                add(join["interface"], join["graph"], name)
        if isinstance(node, UnionTypeDefinitionNode):
            members = list(applied(node.directives, "join__unionMember"))
            for join in members:
                add(name, join["graph"], join["member"])
            if not members:  # before join v0.3 every subgraph of the union has every member
                for graph in types[name].keys:
                    for member in node.types or ():
                        add(name, graph, member.name.value)
    return {
        name: replace(
            one,
            possible={graph: frozenset(members) for graph, members in possible.get(name, {}).items()},
            interfaces=frozenset(interfaces.get(name, ())),
        )
        for name, one in types.items()
    }
