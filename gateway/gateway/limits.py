"""What a document may cost before anything is planned.

Two looks: `check_text` on the raw text, before the recursive parser sees it, bounds tokens and nesting;
`check_operation` on the parsed document bounds depth, aliases and root fields with fragments expanded. Both are
linear in the document, so that no input can cost more than its own size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

from .errors import RequestError

MAX_NESTING = 150  # of brackets of any kind; the parser recurses once for each
MAX_FRAGMENTS = 250  # validation recurses once for each fragment of a chain

_TOKEN = re.compile(
    r'[\s,﻿]+|#[^\n\r]*|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<other>"""(?:[^"\\]|\\.|"(?!""))*"""'
    r'|"(?:[^"\\\n\r]|\\.)*"|[A-Za-z_][A-Za-z0-9_]*|-?[0-9][0-9.eE+\-]*|\.\.\.|.)',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, inclusive. `max_body` is in bytes, `body_timeout` in seconds; the rest count."""

    max_body: int = 1024 * 1024
    body_timeout: float = 10.0
    max_tokens: int = 10_000
    max_depth: int = 30
    max_aliases: int = 100
    max_root_fields: int = 50
    max_repeats: int = 200


def check_text(text: str, limits: Limits) -> None:
    """Raises `RequestError` for a document with too many tokens or too deeply nested brackets."""
    tokens = nesting = 0
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


@dataclass(slots=True)
class _Counts:
    depth: int = 0
    aliases: int = 0


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raises `RequestError` when any operation exceeds `limits`. The document need not be valid."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    if len(fragments) > MAX_FRAGMENTS:
        raise _refused("TOO_MANY_FRAGMENTS", "fragments", MAX_FRAGMENTS)
    counter = _Counter(fragments, limits)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            counter.check(one)
        else:
            counter.counts_of(one.selection_set) if isinstance(one, FragmentDefinitionNode) else None


class _Counter:
    """Counts with fragments expanded, each fragment visited once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], limits: Limits):
        self._fragments = fragments
        self._limits = limits
        self._known: dict[str, _Counts] = {}

    def check(self, operation: OperationDefinitionNode) -> None:
        counts = self.counts_of(operation.selection_set)
        if counts.depth > self._limits.max_depth:
            raise _refused("DOCUMENT_TOO_DEEP", "levels", self._limits.max_depth)
        if counts.aliases > self._limits.max_aliases:
            raise _refused("TOO_MANY_ALIASES", "aliases", self._limits.max_aliases)
        roots = sum(1 for _ in self._root_fields(operation.selection_set, set()))
        if roots > self._limits.max_root_fields:
            raise _refused("TOO_MANY_ROOT_FIELDS", "root fields", self._limits.max_root_fields)

    def counts_of(self, selection_set: SelectionSetNode) -> _Counts:
        counts = _Counts()
        repeats: dict[str, int] = {}
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                repeats[key] = repeats.get(key, 0) + 1
                inner = self.counts_of(node.selection_set) if node.selection_set else _Counts()
                inner = _Counts(inner.depth + 1, inner.aliases + (1 if node.alias else 0))
            elif isinstance(node, InlineFragmentNode):
                inner = self.counts_of(node.selection_set)
            else:
                assert isinstance(node, FragmentSpreadNode)
                inner = self._counts_of_fragment(node.name.value)
            counts.depth = max(counts.depth, inner.depth)
            counts.aliases += inner.aliases
        if max(repeats.values(), default=0) > self._limits.max_repeats:
            raise _refused("TOO_MANY_REPEATED_FIELDS", "repetitions of a field", self._limits.max_repeats)
        return counts

    def _counts_of_fragment(self, name: str) -> _Counts:
        if name not in self._known:
            self._known[name] = _Counts()  # a cycle counts nothing; validation refuses it
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.counts_of(fragment.selection_set)
        return self._known[name]

    def _root_fields(self, selection_set: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._root_fields(node.selection_set, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments.get(node.name.value)
                if fragment is not None:
                    yield from self._root_fields(fragment.selection_set, seen)


def _refused(code: str, what: str, limit: int) -> RequestError:
    return RequestError.of(code, f"The document has more than {limit} {what}.", limit=limit)
