"""Pass 6: aliases where a subgraph would refuse a selection that the client may write.

Under an abstract type, fields of equal response key must have equal shapes (GraphQL, *Field Selection Merging*). They
have in the public schema, or the client would have been refused; but a subgraph's own types may differ, say
``Left.side: String!`` and ``Right.side: String``, which composition reconciles to ``String``::

    pair { ... on Left { side } ... on Right { side } }
    pair { ... on Left { side } ... on Right { side__Right: side } }    and side__Right is renamed back in the answer
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .tree import Node, Tree


@dataclass(frozen=True, slots=True)
class Rename:
    """Objects at `path` of a step's answer have `alias` where `slot` is meant."""

    path: tuple[str, ...]
    alias: str
    slot: str


def separate(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[Rename]:
    """Sets aliases in `tree`; yields how to undo them, the deepest first."""
    settled: dict[str, list[Node]] = {}
    for (on, slot), node in tree.nodes.items():
        others = settled.setdefault(slot, [])
        if any(_clash(node, other) for other in others):
            node.alias = _free(f"{slot}__{on}", tree)
        else:
            others.append(node)
        if node.tree:
            yield from separate(node.tree, (*path, node.alias or slot))
        if node.alias:
            yield Rename(path, node.alias, slot)


def _free(alias: str, tree: Tree) -> str:
    """A name that no field of the tree has."""
    taken = {slot for _, slot in tree.nodes} | {node.alias for node in tree.nodes.values()}
    while alias in taken:
        alias += "_"
    return alias


def _clash(node: Node, other: Node) -> bool:
    if node.shape != other.shape:
        return True
    if node.tree is None or other.tree is None:
        return node.tree is not other.tree
    return any(
        slot == other_slot and _clash(child, other_child)
        for (_, slot), child in node.tree.nodes.items()
        for (_, other_slot), other_child in other.tree.nodes.items()
    )
