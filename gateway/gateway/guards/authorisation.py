"""Federation's `@authenticated`, `@requiresScopes` and `@policy`: what a caller may not see is not even fetched.

    type User { id: ID!  phone: String @requiresScopes(scopes: [["contact"], ["admin", "all"]]) }

A rule on a field, on the object or interface that has it, or on the type that it returns holds for the field; one of an
interface's field holds for that field of its objects. Scopes are alternatives of which one must be had whole; policies
too. Fields whose rule the caller does not meet are null in the answer, with one error each
(UNAUTHORIZED_FIELD_OR_TYPE); a mutation is refused as a whole.

`restrict` makes two operations of one: what is planned lacks the denied fields, what shapes the answer still has them,
marked. (A value that the planner fetches for a key or a requirement can therefore never stand in for a denied one.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    TypeNode,
)

from ..planner.conditions import ALWAYS, Condition, both
from ..planner.selection import Field, Selections, Written
from ..supergraph import Supergraph
from ..supergraph.reader import applied

K = TypeVar("K")
Alternatives = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller's token grants."""

    is_authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()


NOBODY = Credentials()


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative of each non-empty set must be had whole."""

    scopes: Alternatives = frozenset()
    policies: Alternatives = frozenset()

    def is_met(self, caller: Credentials) -> bool:
        return (
            caller.is_authenticated
            and (not self.scopes or any(one <= caller.scopes for one in self.scopes))
            and (not self.policies or any(one <= caller.policies for one in self.policies))
        )

    def __and__(self, other: Rule) -> Rule:
        """What both ask for."""
        return Rule(_both(self.scopes, other.scopes), _both(self.policies, other.policies))


class Rules:
    """The rules of one supergraph."""

    def __init__(self, supergraph: Supergraph):
        self._types = supergraph.types
        self._of_type: dict[str, Rule] = {}
        self._of_field: dict[tuple[str, str], Rule] = {}
        for node in supergraph.document.definitions:
            name = getattr(getattr(node, "name", None), "value", "")
            if rule := _rule(getattr(node, "directives", None)):
                self._of_type[name] = rule
            if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
                for one in node.fields or ():
                    if rule := _rule(one.directives):
                        self._of_field[name, one.name.value] = rule
        self._settle_abstract()

    def _settle_abstract(self) -> None:
        """Composition gives an abstract type the rules of all its object types together; these are asked one by one
        here. Any other rule of an interface was written on it, and holds for its objects."""
        written: list[tuple[str, str, Rule]] = []
        for model in self._types.values():
            if not model.is_abstract:
                continue
            members = frozenset().union(*model.possible.values())
            whole = self._without_derived(self._of_type, model.name, [self._of_type.get(name) for name in members])
            for name in model.fields:
                below = [rule for member in members for rule in self.on_field(member, name)]
                own = self._without_derived(self._of_field, (model.name, name), below)
                written += ((member, name, rule) for member in members for rule in (whole, own) if rule)
        for member, name, rule in written:
            known = self._of_field.get((member, name))
            self._of_field[member, name] = known & rule if known else rule

    @staticmethod
    def _without_derived(rules: dict[K, Rule], key: K, below: Iterable[Rule | None]) -> Rule | None:
        """The rule of an abstract type or field, unless it is what those below make together; then it is dropped."""
        rule = rules.get(key)
        found = [one for one in below if one]
        if rule and found and rule == reduce(and_, found):
            del rules[key]
            return None
        return rule

    @property
    def exist(self) -> bool:
        return bool(self._of_type or self._of_field)

    def of(self, selections: Selections) -> frozenset[Rule]:
        """All rules that fields of these selections are under, at every depth."""
        if not self.exist:
            return frozenset()
        found: set[Rule] = set()
        for one in selections:
            for name in self.types_of(selections, one):
                found.update(self.on(selections.type_name, name, one))
            if one.selections:
                found |= self.of(one.selections)
        return frozenset(found)

    def on(self, parent: str, object_type: str, one: Field) -> Iterator[Rule]:
        """The rules of one field when its object is of this type."""
        if one.is_meta:
            return
        for name in {parent, object_type}:
            if (name, one.name) in self._of_field:
                yield self._of_field[name, one.name]
            if name in self._of_type:
                yield self._of_type[name]
        if one.type_name in self._of_type:
            yield self._of_type[one.type_name]

    def on_field(self, type_name: str, name: str) -> frozenset[Rule]:
        """The rules of one field and of the object type that it is declared on."""
        found = self._of_field.get((type_name, name)), self._of_type.get(type_name)
        return frozenset(one for one in found if one)

    def types_of(self, selections: Selections, one: Field) -> frozenset[str]:
        """The object types that a field of these selections applies to."""
        if one.on is not None:
            return one.on
        model = self._types[selections.type_name]
        return frozenset().union(*model.possible.values()) if model.is_abstract else frozenset({selections.type_name})


@dataclass(frozen=True, slots=True)
class Denied:
    """One field that the caller may not see. `place` are response keys from the root, `path` those that lead to one
    place of the answer: to the field itself, or to the first list on the way. `condition` tells when it is asked for.
    """

    place: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    condition: Condition = ALWAYS
    is_list: bool = False

    def below(self, one: Field) -> Denied:
        """The same of a field in the selections of this one."""
        return Denied(
            (*self.place, one.key),
            self.path if self.is_list else (*self.path, one.key),
            both(self.condition, one.condition),
            self.is_list or _is_list(one.type),
        )


NOWHERE = Denied()


@dataclass(slots=True)
class Restriction:
    """`planned` and `shaped` are an operation's selections without, and with, the denied fields."""

    planned: Selections
    shaped: Selections
    denied: list[Denied]


def restrict(rules: Rules, unmet: frozenset[Rule], selections: Selections, above: Denied = NOWHERE) -> Restriction:
    """Without the fields that are under one of the rules `unmet`, and without objects of which nothing is left."""
    denied: list[Denied] = []
    planned, shaped = _Selected(selections), _Selected(selections)
    for index, one in enumerate(selections):
        here = above.below(one)
        types = rules.types_of(selections, one)
        lost = frozenset(name for name in types if unmet.intersection(rules.on(selections.type_name, name, one)))
        kept = one if not lost else replace(one, on=types - lost) if types - lost else None
        if kept is not None and kept.selections is not None:
            below = restrict(rules, unmet, kept.selections, here)
            denied += below.denied
            shaped.add(index, replace(kept, selections=below.shaped))
            if below.planned.fields:
                planned.add(index, replace(kept, selections=below.planned))
        elif kept is not None:
            shaped.add(index, kept)
            planned.add(index, kept)
        if lost:
            denied.append(here)
            shaped.add(index, replace(one, on=one.on and lost, is_denied=True))
    return Restriction(planned.selections(), shaped.selections(), denied)


@dataclass(slots=True)
class _Selected:
    """Some fields of a selection set, with the places of the answer's order that are theirs."""

    whole: Selections
    fields: list[Field] = field(default_factory=list)
    new: dict[int, list[int]] = field(default_factory=dict)

    def add(self, index: int, one: Field) -> None:
        self.new.setdefault(index, []).append(len(self.fields))
        self.fields.append(one)

    def selections(self) -> Selections:
        order: list[tuple[int, Condition, Written]] = [
            (new, condition, place) for index, condition, place in self.whole.order for new in self.new.get(index, ())
        ]
        return Selections(self.whole.type_name, tuple(self.fields), tuple(order))


def _rule(directives: Iterable[ConstDirectiveNode] | None) -> Rule | None:
    found = tuple(directives or ())
    scopes = [one for given in applied(found, "requiresScopes") for one in given["scopes"]]
    policies = [one for given in applied(found, "policy") for one in given["policies"]]
    if not scopes and not policies and next(applied(found, "authenticated"), None) is None:
        return None
    return Rule(_alternatives(scopes), _alternatives(policies))


def _is_list(node: TypeNode) -> bool:
    return isinstance(node.type if isinstance(node, NonNullTypeNode) else node, ListTypeNode)


def _both(left: Alternatives, right: Alternatives) -> Alternatives:
    if not left or not right:
        return left or right
    together = {one | other for one in left for other in right}
    return frozenset(one for one in together if not any(other < one for other in together))


def _alternatives(lists: Iterable[Iterable[str]]) -> Alternatives:
    return frozenset(frozenset(one) for one in lists)


def credentials(claims: Mapping[str, object]) -> Credentials:
    """Of verified claims: `scope` as a text with blanks between (RFC 8693) or a list; `policies` a list."""
    return Credentials(True, _names(claims.get("scope")), _names(claims.get("policies")))


def _names(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, list) else frozenset()
