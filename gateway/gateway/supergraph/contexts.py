"""``@context`` and ``@fromContext``: which object types set a context, and whether every use of one can be served.

Composition writes the context's name, with its subgraph's before it, on the type, and what is read on the field; the
argument itself is gone from the field::

    type User @join__type(graph: A, key: "id") @context(name: "a__currency") { id: ID! currency: String! … }
    type Account @join__type(graph: A, key: "id") {
      balance: String @join__field(graph: A, contextArguments: [
        {context: "a__currency", name: "in", type: "String", selection: " { currency }"}])

An interface or union that sets a context sets it for its object types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from graphql import (
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    parse,
    value_from_ast_untyped,
)

from ..errors import SupergraphError
from .model import ContextArgument, Kind, TypeModel
from .nodes import field_set_text, named_type


def with_contexts(types: dict[str, TypeModel], document: DocumentNode) -> dict[str, TypeModel]:
    """The types with the contexts that they set."""
    contexts: dict[str, set[str]] = {}
    for node in document.definitions:
        if not isinstance(node, TypeDefinitionNode):
            continue
        model = types[node.name.value]
        members = frozenset().union(*model.possible.values()) if model.is_abstract else {model.name}
        for one in node.directives or ():
            if one.name.value == "context":
                for member in members:
                    contexts.setdefault(member, set()).update(
                        str(value_from_ast_untyped(argument.value)) for argument in one.arguments or ()
                    )
    return {
        name: replace(model, contexts=frozenset(contexts[name])) if name in contexts else model
        for name, model in types.items()
    }


def check_contexts(types: dict[str, TypeModel], roots: Mapping[str, str]) -> None:
    """Raises `SupergraphError` naming a field whose contexts nobody sets, or that could not be given them: on a type
    that its subgraph resolves by no key, or in a field set, which is not asked from a place in an answer.
    """
    if "mutation" in roots and types[roots["mutation"]].contexts:
        raise SupergraphError(f"{roots['mutation']} sets a context, but reading one must not run a mutation")
    known = frozenset().union(*(model.contexts for model in types.values()))
    contextual = set()
    for model in types.values():
        for one in model.fields.values():
            for graph, owner in one.owners.items():
                if owner.contexts:
                    contextual.add((model.name, one.name))
                    _check_field(model, f"{model.name}.{one.name}", graph, owner.contexts, known)
    for place, type_name, text in _field_sets(types) if contextual else ():
        for used in sorted(contextual.intersection(_fields_in(types, type_name, _selection_set(text)))):
            raise SupergraphError(f'{place} needs "{text}", but {".".join(used)} has arguments from a context')


def _check_field(
    model: TypeModel, place: str, graph: str, contexts: tuple[ContextArgument, ...], known: frozenset[str]
) -> None:
    for one in contexts:
        if one.context not in known:
            raise SupergraphError(f"{place}({one.name}:) comes from the context {one.context}, which no type sets")
    if model.kind is not Kind.OBJECT or not any(key.resolvable for key in model.keys.get(graph, ())):
        raise SupergraphError(f"{place} has arguments from a context, but {graph} resolves {model.name} by no key")


def _field_sets(types: dict[str, TypeModel]) -> Iterator[tuple[str, str, str]]:
    """Every field set: where it stands, the type that it is about, and its text."""
    for model in types.values():
        for keys in model.keys.values():
            yield from ((f"a key of {model.name}", model.name, key.fields) for key in keys)
        for one in model.fields.values():
            for owner in one.owners.values():
                place = f"{model.name}.{one.name}"
                if owner.requires:
                    yield place, model.name, owner.requires
                if owner.provides:
                    yield place, named_type(owner.type or one.type), owner.provides
                for argument in owner.contexts:
                    setting = (other.name for other in types.values() if argument.context in other.contexts)
                    yield from ((place, name, argument.selection) for name in setting)


def _selection_set(text: str) -> SelectionSetNode:
    definition = parse(field_set_text(text), no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set


def _fields_in(
    types: dict[str, TypeModel], type_name: str, selection_set: SelectionSetNode
) -> Iterator[tuple[str, str]]:
    for node in selection_set.selections:
        if isinstance(node, InlineFragmentNode):
            inner = node.type_condition.name.value if node.type_condition else type_name
            yield from _fields_in(types, inner, node.selection_set)
        elif isinstance(node, FieldNode):
            yield type_name, node.name.value
            field = types[type_name].fields.get(node.name.value)
            if field and node.selection_set:
                yield from _fields_in(types, named_type(field.type), node.selection_set)
