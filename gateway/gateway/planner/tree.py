"""The selection that a step sends to its subgraph, while it is being built, and its text.

A node is kept by (object type it is restricted to, slot). A *slot* is the name under which the field's value lies in
the gathered data: the client's response key, or a name of our own for what only the gateway needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .conditions import ALWAYS, NEVER, Condition, either, variables_of
from .inputs import Context
from .selection import TYPENAME, Field

# For a selection set that may not be empty. Not plain __typename: where a subgraph has an interface as an object, that
# would be taken for the object's type.
FILLER = f"_filler__: {TYPENAME}"


@dataclass(slots=True, eq=False)
class Node:
    """One field of a step.

    ``shape`` is its type in the step's subgraph: of a leaf the whole, of another field the list and non-null wrappers.
    ``wanted`` is the client's condition for it; ``internal`` when a later step needs it in any case.
    """

    name: str
    arguments: str
    variables: frozenset[str]
    shape: str
    wanted: Condition = NEVER
    internal: bool = False
    tree: Tree | None = None
    alias: str = ""  # in place of the slot, where that would clash
    contexts: tuple[tuple[str, Context], ...] = ()  # arguments that the gateway gives

    def arguments_with(self, names: Mapping[Context, str]) -> str:
        """The argument list; `names` are those of the variables for contexts."""
        if not self.contexts:
            return self.arguments
        own = [self.arguments[1:-1]] if self.arguments else []
        return f"({', '.join(own + [f'{argument}: ${names[one]}' for argument, one in self.contexts])})"

    @property
    def condition(self) -> Condition:
        return ALWAYS if self.internal else self.wanted


@dataclass(slots=True, eq=False)
class Tree:
    nodes: dict[tuple[str | None, str], Node] = field(default_factory=dict)
    needs_typename: bool = False

    def add(self, on: str | None, slot: str, wanted: Field, shape: str, internal: bool) -> Node:
        """The node for a field, made or merged with what is there."""
        node = self.nodes.get((on, slot))
        if node is None:
            node = self.nodes[on, slot] = Node(wanted.name, wanted.arguments, wanted.variables, shape)
        if internal:
            node.internal = True
        else:
            node.wanted = either(node.wanted, wanted.condition)
        if wanted.selections is not None and node.tree is None:
            node.tree = Tree()
        return node

    def merge(self, other: Tree) -> None:
        self.needs_typename |= other.needs_typename
        for key, theirs in other.nodes.items():
            ours = self.nodes.get(key)
            if ours is None:
                self.nodes[key] = theirs
                continue
            ours.internal |= theirs.internal
            ours.wanted = either(ours.wanted, theirs.wanted)
            if ours.tree and theirs.tree:
                ours.tree.merge(theirs.tree)

    def wanted(self) -> Condition:
        """When a client wants anything of this tree."""
        condition = NEVER
        for node in self.nodes.values():
            condition = either(condition, node.wanted)
            if node.tree and node.internal:
                condition = either(condition, node.tree.wanted())
        return condition

    def variables(self) -> Iterator[str]:
        for node in self.nodes.values():
            yield from node.variables
            yield from variables_of(node.condition)
            if node.tree:
                yield from node.tree.variables()

    def text(self, names: Mapping[Context, str] | None = None) -> str:
        """The selection set in GraphQL, braces included, on one line; `names` as for `Node.arguments_with`."""
        parts = [TYPENAME] if self.needs_typename else []
        restricted: dict[str, list[str]] = {}
        for (on, slot), node in self.nodes.items():
            (parts if on is None else restricted.setdefault(on, [])).extend(_field_texts(slot, node, names or {}))
        parts.extend(f"... on {on} {{ {' '.join(texts)} }}" for on, texts in restricted.items())
        return "{ " + (" ".join(parts) or FILLER) + " }"


def _field_texts(slot: str, node: Node, names: Mapping[Context, str]) -> Iterator[str]:
    """The field, once for each alternative of its condition."""
    key = node.alias or slot
    alias = "" if key == node.name else f"{key}: "
    selection = f" {node.tree.text()}" if node.tree else ""
    for alternative in sorted(sorted(one) for one in node.condition):
        directives = [f"@{'include' if wanted else 'skip'}(if: ${name})" for name, wanted in alternative]
        own = f" {directives.pop(0)}" if directives else ""
        text = f"{alias}{node.name}{node.arguments_with(names)}{own}{selection}"
        for directive in directives:  # a directive may stand only once at one place
            text = f"... {directive} {{ {text} }}"
        yield text
