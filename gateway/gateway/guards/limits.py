"""What a document may cost before anything is planned.

Two looks: `check_text` on the raw text, before the recursive parser sees it, bounds tokens, directives and nesting;
`check_document` on the parsed document bounds depth, aliases and root fields with fragments expanded. Both are
linear in the document, so that no input can cost more than its own size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from ..errors import RequestError

MAX_NESTING = 150  # of brackets of any kind; the parser recurses once for each
MAX_FRAGMENTS = 250  # validation recurses once for each fragment of a chain

# The lexical grammar (GraphQL 2.1), so that nothing counts here as less than what the parser makes of it. No quantifier
# gives back what it has taken, and what is not closed is taken whole: no place in a text is looked at twice.
_TOKEN = re.compile(
    r"[\s,\ufeff]++|#[^\n\r]*+|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<directive>@)"
    r'|(?P<other>"""(?:[^"\\]++|\\"""|\\|"(?!""))*+(?:""")?|"(?:[^"\\\n\r]++|\\.)*+"?|[A-Za-z_][A-Za-z0-9_]*+'
    r"|-?+[0-9]++(?:\.[0-9]++)?+(?:[eE][+\-]?+[0-9]++)?+|\.\.\.|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, inclusive. `max_body` is in bytes, `body_timeout` in seconds; the rest count."""

    max_body: int = 1024 * 1024
    body_timeout: float = 10.0
    max_tokens: int = 10_000
    max_directives: int = 500
    max_depth: int = 30
    max_aliases: int = 100
    max_root_fields: int = 50
    max_fields: int = 10_000
    max_pairs: int = 20_000
    max_cost: int = 1_000_000


def check_text(text: str, limits: Limits) -> None:
    """Raises `RequestError` for a document with too many tokens or directives, or too deeply nested brackets."""
    tokens = nesting = directives = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is None:
            continue
        tokens += 1
        if tokens > limits.max_tokens:
            raise _refused("DOCUMENT_TOO_LONG", "tokens", limits.max_tokens)
        if kind == "open":
            nesting += 1
            if nesting > MAX_NESTING:
                raise _refused("DOCUMENT_TOO_DEEP", "levels", min(limits.max_depth, MAX_NESTING))
        elif kind == "close":
            nesting -= 1
        elif kind == "directive":
            directives += 1
            if directives > limits.max_directives:
                raise _refused("TOO_MANY_DIRECTIVES", "directives", limits.max_directives)


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raises `RequestError` when any operation exceeds `limits`. The document need not be valid."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    if len(fragments) > MAX_FRAGMENTS:
        raise _refused("TOO_MANY_FRAGMENTS", "fragments", MAX_FRAGMENTS)
    walk = _Walk(fragments, limits)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            walk.check([one.selection_set])


class _Walk:
    """Walks merged selection sets, as validation and planning will.

    Fields of one response key are taken together with all their selections, and a fragment counts once in each merged
    set. Validation compares every two fields of one key, so pairs are what a document costs.
    """

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], limits: Limits):
        self._fragments = fragments
        self._limits = limits
        self._aliases = self._expanded = 0
        self._pairs = 0

    def check(self, sets: list[SelectionSetNode], depth: int = 1) -> None:
        if depth > self._limits.max_depth:
            raise _refused("DOCUMENT_TOO_DEEP", "levels", self._limits.max_depth)
        fields: dict[str, list[FieldNode]] = {}
        for node in self._fields(sets, set()):
            self._expanded += 1
            if self._expanded > self._limits.max_fields:
                raise _refused("TOO_MANY_FIELDS", "fields, fragments expanded", self._limits.max_fields)
            fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        if depth == 1 and sum(len(nodes) for nodes in fields.values()) > self._limits.max_root_fields:
            raise _refused("TOO_MANY_ROOT_FIELDS", "root fields", self._limits.max_root_fields)
        for nodes in fields.values():
            self._aliases += nodes[0].alias is not None
            if self._aliases > self._limits.max_aliases:
                raise _refused("TOO_MANY_ALIASES", "aliases", self._limits.max_aliases)
            self._pairs += len(nodes) * (len(nodes) - 1) // 2
            if self._pairs > self._limits.max_pairs:
                raise _refused("TOO_MANY_REPEATED_FIELDS", "pairs of fields to merge", self._limits.max_pairs)
        for nodes in fields.values():
            children = [one.selection_set for one in nodes if one.selection_set]
            if children:
                self.check(children, depth + 1)

    def _fields(self, sets: Iterable[SelectionSetNode], seen: set[str]) -> Iterator[FieldNode]:
        for one in sets:
            for node in one.selections:
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    yield from self._fields([node.selection_set], seen)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = self._fragments.get(node.name.value)
                    if fragment is not None:
                        yield from self._fields([fragment.selection_set], seen)


def _refused(code: str, what: str, limit: int) -> RequestError:
    return RequestError.of(code, f"The document has more than {limit} {what}.", limit=limit)
