"""Pass 7: the plan, immutable and independent of the schema objects it was made with.

Steps of one subgraph and level become one `Fetch`: entity steps ask ``_entities`` under aliases ``_e0, _e1, …``, and
those that ask the same of different places share one alias and its representations::

    query Cart__stock__2($r0: [_Any!]!, $r1: [_Any!]!) {
      _e0: _entities(representations: $r0) { ... on Product { stock } }
      _e1: _entities(representations: $r1) { ... on Shop { open } }
    }

A plan is a sequence of `Stage`\\ s that run one after the other; a query has one, a mutation one for each group of
root fields that must be complete before the next begins. Within a stage a fetch runs as soon as those it names in
``after`` are done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graphql import OperationType, parse, print_ast

from ..errors import PlanningError
from .clashes import Rename, separate
from .conditions import ALWAYS, NEVER, Condition, either
from .contexts import with_contexts
from .fetch_graph import FetchGraphBuilder, Step
from .graph import Graph, Position
from .inputs import Context, Input, PathElement
from .normalise import Operation
from .paths import PathFinder
from .schedule import scheduled
from .selection import TYPENAME, Field, Selections, describe
from .solution import Solution

MAX_WORK = 200  # steps planned again in search of fewer requests

# Ends each name of a call that may be needed several times: no GraphQL text has it.
COPY = "\0"


@dataclass(frozen=True, slots=True)
class Source:
    """Where representations of one type come from. ``slots`` are those of ``inputs`` when all are plain fields.

    ``contexts`` are read for the variables of the call, in their order.
    """

    path: tuple[PathElement, ...]
    type_name: str
    inputs: tuple[Input, ...]
    slots: tuple[str, ...] | None
    contexts: tuple[Context, ...] = ()


@dataclass(frozen=True, slots=True)
class Entities:
    """One ``_entities`` call in a fetch: its response key, its variable and the places it serves.

    While ``condition`` does not hold nothing of it is wanted, and no representation is sent. The places ``is_apart``
    when later fetches put other things below one place than below another: then each needs its own copy of the answer;
    ``is_own`` when each object does, because what is above it decides what is put below.

    ``contexts`` are the variables for arguments that the gateway gives. Entities for which their values differ are
    asked about in calls of their own, `copy` of this one; their text is the ``call`` with its ``definitions``.
    """

    key: str
    variable: str
    sources: tuple[Source, ...]
    condition: Condition = ALWAYS
    is_apart: bool = False
    is_own: bool = False
    renames: tuple[Rename, ...] = ()
    contexts: tuple[str, ...] = ()
    call: str = ""
    definitions: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()  # of the client's variables

    def copy(self, number: int) -> Entities:
        """The call for one more set of values; 0 is this one."""
        end = f"_{number}" if number else ""

        def named(text: str) -> str:
            return text.replace(COPY, end)

        return replace(
            self,
            key=self.key + end,
            variable=self.variable + end,
            contexts=tuple(name + end for name in self.contexts),
            call=named(self.call),
            definitions=tuple(map(named, self.definitions)),
        )


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request.

    ``id`` is unique in its plan; ``path`` says where a root-type fetch's answer goes (() for the operation's root).
    ``head`` and ``definitions`` are the operation's beginning and its client variables, for `with_calls`. ``is_own`` is
    as for `Entities`.
    """

    id: int
    subgraph: str
    operation: str
    variables: tuple[str, ...]
    entities: tuple[Entities, ...]
    path: tuple[PathElement, ...]
    root_keys: tuple[str, ...]
    after: tuple[int, ...]
    condition: Condition
    is_mutation: bool
    renames: tuple[Rename, ...] = ()
    head: str = ""
    definitions: tuple[str, ...] = ()
    is_own: bool = False

    def with_calls(self, entities: Sequence[Entities]) -> str:
        """The operation with these calls of ``_entities`` in the place of its own."""
        used = frozenset[str]().union(*(one.uses for one in entities))
        definitions = [text for name, text in zip(self.variables, self.definitions, strict=True) if name in used]
        definitions += [text for one in entities for text in one.definitions]
        return _operation_text(self.head, definitions, "{ " + " ".join(one.call for one in entities) + " }")


@dataclass(frozen=True, slots=True)
class Stage:
    fetches: tuple[Fetch, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask of whom. ``introspection`` tells that the root also has ``__schema`` or ``__type``."""

    stages: tuple[Stage, ...]
    introspection: bool

    @property
    def fetches(self) -> Iterator[Fetch]:
        return (fetch for stage in self.stages for fetch in stage.fetches)

    def __str__(self) -> str:
        return "\n".join(_plan_lines(self))


@dataclass(frozen=True, slots=True)
class Group:
    """Root fields that are planned together, with what the earlier passes made of them."""

    selections: Selections
    solution: Solution
    steps: list[Step]

    @property
    def requests(self) -> list[list[Step]]:
        """Steps that share a request: entity steps of one subgraph and level."""
        requests: dict[tuple[object, ...], list[Step]] = {}
        for step in sorted(self.steps, key=lambda one: (one.level, one.id)):
            together = (step.subgraph, step.level) if step.entity else (step.id,)
            requests.setdefault(together, []).append(step)
        return list(requests.values())


class Planner:
    """Plans operations over one graph. Safe to use again; each call has its own memos."""

    def __init__(self, graph: Graph):
        self._graph = graph

    def plan(self, operation: Operation) -> Plan:
        """Raises `PlanningError` when a field has no path (composition proves that it should have one)."""
        if operation.kind is OperationType.SUBSCRIPTION:
            raise PlanningError("subscriptions are not planned yet")
        stages: list[Stage] = []
        for group in self.groups(operation):
            stages.append(self._stage(operation, group, first_id=sum(len(one.fetches) for one in stages)))
        return Plan(
            stages=tuple(stages),
            introspection=any(one.is_meta and one.name != TYPENAME for one in operation.selections),
        )

    def groups(self, operation: Operation) -> list[Group]:
        """What runs one after the other. Mutation fields that one request answers wholly and in order stay together."""
        root = operation.selections.type_name
        selections = with_contexts(self._graph, operation.selections)
        fields = [one for one in selections if not one.is_meta]
        if operation.kind is not OperationType.MUTATION:
            return [self._group(selections)] if fields else []
        together: list[list[Field]] = []
        last = ""  # the subgraph of the last field, while that field needs no other
        for one in fields:
            alone = self._group(Selections(root, (one,)))
            subgraph = alone.steps[0].subgraph
            if subgraph == last:
                together[-1].append(one)
            else:
                together.append([one])
            last = subgraph if len(alone.steps) == 1 else ""
        return [self._group(Selections(root, tuple(one))) for one in together]

    def _group(self, selections: Selections) -> Group:
        """The plan with the fewest requests.

        The cost of a way knows nothing of what other branches of the operation ask of the same subgraph at the same
        time. So where there is a choice, each subgraph in use is tried as the favourite among ways of equal cost, and
        then other ways one by one.
        """
        finder = PathFinder(self._graph)
        best = self._scheduled(selections, finder)
        if not finder.decisions or len(best.requests) == 1:
            return best
        for favoured in sorted({step.subgraph for step in best.steps}):
            other_finder = PathFinder(self._graph, favoured)
            other = self._scheduled(selections, other_finder)
            if len(other.requests) < len(best.requests):
                best, finder = other, other_finder
        return self._improved(best, finder)

    def _improved(self, best: Group, finder: PathFinder) -> Group:
        """Takes another way for one field after the other, the outermost first, and keeps what saves a request; until
        nothing does, or the work is no longer small.
        """
        work = MAX_WORK
        tried: set[tuple[Position, Field, str]] = set()
        todo = _other_ways(finder, best)
        while todo:
            position, field, subgraph = way = todo.pop(0)
            if way in tried:
                continue
            tried.add(way)
            work -= len(best.steps)
            if work < 0:
                break
            other_finder = PathFinder(self._graph, finder.favoured, {**finder.fixed, (position, field): subgraph})
            other = self._scheduled(best.selections, other_finder)
            if len(other.requests) < len(best.requests):
                best, finder = other, other_finder
                todo = _other_ways(finder, best)
        return best

    def _scheduled(self, selections: Selections, finder: PathFinder) -> Group:
        solution = finder.find(selections)
        return Group(selections, solution, scheduled(FetchGraphBuilder(self._graph).build(selections, solution)))

    def _stage(self, operation: Operation, group: Group, first_id: int) -> Stage:
        requests = list(enumerate(group.requests, first_id))
        number = {step: index for index, steps in requests for step in steps}
        return Stage(tuple(self._fetch(operation, index, steps, number) for index, steps in requests))

    def _fetch(self, operation: Operation, index: int, group: list[Step], number: Mapping[Step, int]) -> Fetch:
        subgraph = self._graph.supergraph.subgraphs[group[0].subgraph]
        used = [name for name in operation.variables if any(name in step.tree.variables() for step in group)]
        name = f" {operation.name}__{_as_name(subgraph.name)}__{index}" if operation.name else ""
        renames = {step: tuple(separate(step.tree)) for step in group}
        entities = _entities(group, number, operation.variables, renames) if group[0].entity else ()
        is_mutation = operation.kind is OperationType.MUTATION and not entities and not group[0].path
        fetch = Fetch(
            id=index,
            subgraph=subgraph.id,
            operation="",
            variables=tuple(used),
            entities=entities,
            path=() if entities else group[0].path,
            root_keys=() if entities else tuple(slot for _, slot in group[0].tree.nodes),
            after=tuple(sorted({number[one] for step in group for one in step.after})),
            condition=_any_of(group),
            is_mutation=is_mutation,
            renames=() if entities else renames[group[0]],
            head=f"{'mutation' if is_mutation else 'query'}{name}",
            definitions=tuple(operation.variables[one] for one in used),
            is_own=not entities and _is_between(group, number),
        )
        if entities:
            return replace(fetch, operation=fetch.with_calls([one.copy(0) for one in entities]))
        return replace(fetch, operation=_operation_text(fetch.head, fetch.definitions, group[0].tree.text()))


def _operation_text(head: str, definitions: Sequence[str], body: str) -> str:
    variables = f"({', '.join(definitions)})" if definitions else ""
    return f"{head}{variables} {body}"


def _entities(
    group: list[Step], others: Iterable[Step], taken: Mapping[str, str], renames: Mapping[Step, tuple[Rename, ...]]
) -> tuple[Entities, ...]:
    """The ``_entities`` calls of a fetch: one for steps that ask the same of the same representations."""
    shared: dict[tuple[object, ...], list[Step]] = {}
    for step in group:
        types = tuple(one.type for one in step.contexts)
        text = step.tree.text(context_names(step))
        shared.setdefault((step.entity, tuple(step.inputs), text, types), []).append(step)
    alone = len(shared) == 1 and not group[0].contexts
    entities = []
    for index, steps in enumerate(shared.values()):
        first, copy = steps[0], COPY if steps[0].contexts else ""
        key = "_entities" if alone else f"_e{index}"
        variable = _free("representations" if alone else f"r{index}", taken, copy)
        names = {one: _free(name, taken, copy) for one, name in context_names(first, f"{index}_").items()}
        text = first.tree.text({one: name + copy for one, name in names.items()})
        call = f"{'' if alone else f'{key}{copy}: '}_entities(representations: ${variable}{copy})"
        entities.append(
            Entities(
                key=key,
                variable=variable,
                sources=tuple(map(_source, steps)),
                condition=_any_of(steps),
                is_apart=_are_apart(steps, others),
                is_own=_is_between(steps, others),
                renames=renames[first],
                contexts=tuple(names.values()),
                uses=frozenset(first.tree.variables()),
                call=f"{call} {{ ... on {first.entity} {text} }}",
                definitions=(
                    f"${variable}{copy}: [_Any!]!",
                    *(f"${name}{copy}: {one.type}" for one, name in names.items()),
                ),
            )
        )
    return tuple(entities)


def _source(step: Step) -> Source:
    assert step.entity is not None
    inputs = tuple(step.inputs)
    is_flat = all(one.inputs is None and one.on is None for one in inputs)
    return Source(step.path, step.entity, inputs, tuple(one.slot for one in inputs) if is_flat else None, step.contexts)


def context_names(step: Step, prefix: str = "") -> dict[Context, str]:
    """Names of the variables for the contexts of a step, unique among steps with other prefixes."""
    return {one: f"context{prefix}{index}" for index, one in enumerate(step.contexts)}


def _free(name: str, taken: Mapping[str, str], copy: str) -> str:
    """`name`, made other than the client's variables, and so that its copies are, too."""
    while name in taken or (copy and any(one.startswith(f"{name}_") for one in taken)):
        name = f"_{name}"
    return name


def _is_between(steps: list[Step], others: Iterable[Step]) -> bool:
    """Whether other steps work below what these answer, with values of contexts from above it."""
    return any(
        context.depth <= len(one.path) < len(other.path) and other.path[: len(one.path)] == one.path
        for other in others
        for context in other.contexts
        for one in steps
    )


def _are_apart(steps: list[Step], others: Iterable[Step]) -> bool:
    """Whether other steps add to objects that these answer, of which the places would share one."""
    if len(steps) == 1 or not any(node.tree for node in steps[0].tree.nodes.values()):
        return False
    return any(other not in steps and other.path[: len(one.path)] == one.path for one in steps for other in others)


def _other_ways(finder: PathFinder, group: Group) -> list[tuple[Position, Field, str]]:
    """Ways into subgraphs that are asked anyway: only there can a request be shared."""
    used = {step.subgraph for step in group.steps}
    decisions = reversed(finder.decisions.items())  # what is below a field is decided before it
    return [(*decision, other) for decision, (_, others) in decisions for other in others if other in used]


def _any_of(steps: list[Step]) -> Condition:
    condition = NEVER
    for step in steps:
        condition = either(condition, step.condition)
    return condition


def _as_name(name: str) -> str:
    return "".join(char if char.isascii() and char.isalnum() else "_" for char in name)


def _plan_lines(plan: Plan) -> Iterator[str]:
    if plan.introspection:
        yield "introspection"
    for number, stage in enumerate(plan.stages):
        if len(plan.stages) > 1:
            yield f"stage {number}"
        for fetch in stage.fetches:
            after = f" after {', '.join(map(str, fetch.after))}" if fetch.after else ""
            when = f" if {describe(fetch.condition)}" if fetch.condition != ALWAYS else ""
            at = f" at {path_text(fetch.path)}" if fetch.path else ""
            yield f"fetch {fetch.id} {fetch.subgraph}{at}{after}{when}"
            for one in fetch.entities:
                when = f" if {describe(one.condition)}" if one.condition != fetch.condition else ""
                for source in one.sources:
                    fields = " ".join(input_text(field) for field in source.inputs)
                    yield f"  ${one.variable} ← {source.type_name} {{ {fields} }} at {path_text(source.path)}{when}"
                    for name, context in zip(one.contexts, source.contexts, strict=True):
                        read = " ".join(input_text(field) for field in context.inputs)
                        yield f"  ${name} ← {{ {read} }} at {path_text(source.path[: context.depth])}"
            yield from (f"  {line}" for line in print_ast(parse(fetch.operation)).splitlines())


def path_text(path: tuple[PathElement, ...]) -> str:
    text = ""
    for element in path:
        text += f".{element}" if isinstance(element, str) else f"|{'|'.join(sorted(element))}"
    return text.lstrip(".") or "(root)"


def input_text(one: Input) -> str:
    name = one.name if one.name == one.slot else f"{one.name}: {one.slot}"
    nested = f" {{ {' '.join(input_text(field) for field in one.inputs)} }}" if one.inputs is not None else ""
    return f"{f'... on {one.on} ' if one.on else ''}{name}{nested}"
