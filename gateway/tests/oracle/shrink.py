"""Makes a failing case small: takes parts away for as long as it still fails.

Parts are fields, types, members and directives of the subgraphs, and selections, arguments and directives of the
operation. A case that no longer composes or is no longer valid does not count as failing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    InputValueDefinitionNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    VariableDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from .case import Case, Oracle

OPERATION_PARTS = (
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    FieldNode,
    DirectiveNode,
    VariableDefinitionNode,
)
SOURCE_PARTS = (
    TypeDefinitionNode,
    FieldDefinitionNode,
    DirectiveNode,
    InputValueDefinitionNode,
    EnumValueDefinitionNode,
)


async def shrunk(oracle: Oracle, case: Case) -> Case:
    """The smallest case found that still fails in the same way."""
    wrong = _kind(await oracle.verdict(case))
    inlined = replace(case, text=_inlined(case.text))
    if await _fails(oracle, inlined, wrong):
        case = inlined
    size = -1
    while size != len(str(case)):
        size = len(str(case))
        case = await _pass(oracle, case, wrong)
    return case


async def _pass(oracle: Oracle, case: Case, wrong: str) -> Case:
    index = 0
    while (text := _without(case.text, index, OPERATION_PARTS)) is not None:
        smaller = replace(case, text=text, variables=_used(case.variables, text))
        if await _fails(oracle, smaller, wrong):
            case = smaller
        else:
            index += 1
    index = 0
    while (text := _without(case.text, index, (InlineFragmentNode,), _Hoisting)) is not None:
        smaller = replace(case, text=text)
        if await _fails(oracle, smaller, wrong):
            case = smaller
        else:
            index += 1
    for name in list(case.sources):
        others = {one: sdl for one, sdl in case.sources.items() if one != name}
        if others and await _fails(oracle, replace(case, sources=others), wrong):
            case = replace(case, sources=others)
            continue
        index = 0
        while (sdl := _without(case.sources[name], index, SOURCE_PARTS)) is not None:
            smaller = replace(case, sources={**case.sources, name: sdl})
            if await _fails(oracle, smaller, wrong):
                case = smaller
            else:
                index += 1
    return case


async def _fails(oracle: Oracle, case: Case, wrong: str) -> bool:
    try:
        return oracle.is_valid(case) and _kind(await oracle.verdict(case)) == wrong
    except Exception:  # what is left is no schema that anything here can run
        return False


def _kind(verdict: str | None) -> str:
    """What is wrong, without the place."""
    return " ".join((verdict or "").split()[:2]) if not (verdict or "").startswith("at ") else "at"


def _inlined(text: str) -> str:
    document = parse(text)
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    return print_ast(visit(document, _Inlining(fragments)))


def _used(variables: dict[str, Any], text: str) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if f"${name}:" in text}


def _without(
    text: str, index: int, kinds: tuple[type[Node], ...], change: Callable[[Any], Visitor] | None = None
) -> str | None:
    """`text` without its part number `index` (or with that part changed); None when there are not that many."""
    document = parse(text)
    parts = list(_parts(document, kinds))
    if index >= len(parts):
        return None
    return print_ast(visit(visit(document, (change or _Removal)(parts[index])), _Tidying()))


def _parts(document: DocumentNode, kinds: tuple[type[Node], ...]) -> Iterator[Node]:
    found: list[Node] = []

    class Collector(Visitor):
        def enter(self, node: Node, *_args: Any) -> None:
            if isinstance(node, kinds):
                found.append(node)
            if isinstance(node, UnionTypeDefinitionNode):
                found.extend(node.types or ())

    visit(document, Collector())
    yield from found


class _Inlining(Visitor):
    """Puts fragments where they are spread."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]):
        super().__init__()
        self._fragments = fragments

    def enter(self, node: Node, *_args: Any) -> Any:
        if isinstance(node, FragmentDefinitionNode):
            return REMOVE
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            inner = visit(fragment.selection_set, self)
            return InlineFragmentNode(
                type_condition=fragment.type_condition, directives=node.directives or (), selection_set=inner
            )
        return None


class _Tidying(Visitor):
    """Drops the definitions of variables that nothing uses any more."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> Any:
        body = print_ast(node.selection_set)
        kept = [one for one in node.variable_definitions or () if re.search(rf"\${one.variable.name.value}\b", body)]
        return OperationDefinitionNode(
            operation=node.operation, variable_definitions=tuple(kept), selection_set=node.selection_set
        )


class _Hoisting(Visitor):
    """Puts the selections of one inline fragment in its place."""

    def __init__(self, part: Node):
        super().__init__()
        self._part = part

    def enter_selection_set(self, node: SelectionSetNode, *_args: Any) -> Any:
        index = next((at for at, one in enumerate(node.selections) if one is self._part), None)
        if index is None or not isinstance(self._part, InlineFragmentNode):
            return None
        inner = self._part.selection_set.selections
        return SelectionSetNode(selections=(*node.selections[:index], *inner, *node.selections[index + 1 :]))


class _Removal(Visitor):
    """Removes one node, whatever is left of its parent."""

    def __init__(self, part: Node):
        super().__init__()
        self._part = part

    def enter(self, node: Node, *_args: Any) -> Any:
        return REMOVE if node is self._part else None
