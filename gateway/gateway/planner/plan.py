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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import OperationType, parse, print_ast

from ..errors import PlanningError
from .clashes import Rename, separate
from .conditions import ALWAYS, NEVER, Condition, either
from .fetch_graph import FetchGraphBuilder, Input, PathElement, Step
from .graph import Graph, Position
from .normalise import Operation
from .paths import PathFinder
from .schedule import scheduled
from .selection import TYPENAME, Field, Selections, describe
from .solution import Solution

MAX_WORK = 200  # steps planned again in search of fewer requests


@dataclass(frozen=True, slots=True)
class Source:
    """Where representations of one type come from. ``slots`` are those of ``inputs`` when all are plain fields."""

    path: tuple[PathElement, ...]
    type_name: str
    inputs: tuple[Input, ...]
    slots: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Entities:
    """One ``_entities`` call in a fetch: its response key, its variable and the places it serves.

    While ``condition`` does not hold nothing of it is wanted, and no representation is sent. The places ``is_apart``
    when later fetches put other things below one place than below another: then each needs its own copy of the answer.
    """

    key: str
    variable: str
    sources: tuple[Source, ...]
    condition: Condition = ALWAYS
    is_apart: bool = False
    renames: tuple[Rename, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request.

    ``id`` is unique in its plan; ``path`` says where a root-type fetch's answer goes (() for the operation's root).
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
        fields = [one for one in operation.selections if not one.is_meta]
        if operation.kind is not OperationType.MUTATION:
            return [self._group(operation.selections)] if fields else []
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
        entities, body, definitions = _entities(group, number, operation.variables, renames)
        definitions = [operation.variables[one] for one in used] + definitions
        variables = f"({', '.join(definitions)})" if definitions else ""
        is_mutation = operation.kind is OperationType.MUTATION and not entities and not group[0].path
        keyword = "mutation" if is_mutation else "query"
        return Fetch(
            id=index,
            subgraph=subgraph.id,
            operation=f"{keyword}{name}{variables} {body}",
            variables=tuple(used),
            entities=entities,
            path=() if entities else group[0].path,
            root_keys=() if entities else tuple(slot for _, slot in group[0].tree.nodes),
            after=tuple(sorted({number[one] for step in group for one in step.after})),
            condition=_any_of(group),
            is_mutation=is_mutation,
            renames=() if entities else renames[group[0]],
        )


def _entities(
    group: list[Step], others: Iterable[Step], taken: Mapping[str, str], renames: Mapping[Step, tuple[Rename, ...]]
) -> tuple[tuple[Entities, ...], str, list[str]]:
    """The ``_entities`` calls of a fetch, the operation's body and the definitions of the variables for
    representations.
    """
    if group[0].entity is None:
        return (), group[0].tree.text(), []
    shared: dict[tuple[str, tuple[Input, ...], str], list[Step]] = {}
    for step in group:
        assert step.entity is not None
        shared.setdefault((step.entity, tuple(step.inputs), step.tree.text()), []).append(step)
    entities, bodies, definitions = [], [], []
    for index, ((type_name, inputs, text), steps) in enumerate(shared.items()):
        key = "_entities" if len(shared) == 1 else f"_e{index}"
        variable = "representations" if len(shared) == 1 else f"r{index}"
        while variable in taken:
            variable = f"_{variable}"
        is_flat = all(one.inputs is None and one.on is None for one in inputs)
        slots = tuple(one.slot for one in inputs) if is_flat else None
        sources = tuple(Source(step.path, type_name, inputs, slots) for step in steps)
        entities.append(Entities(key, variable, sources, _any_of(steps), _are_apart(steps, others), renames[steps[0]]))
        alias = "" if key == "_entities" else f"{key}: "
        bodies.append(f"{alias}_entities(representations: ${variable}) {{ ... on {type_name} {text} }}")
        definitions.append(f"${variable}: [_Any!]!")
    return tuple(entities), "{ " + " ".join(bodies) + " }", definitions


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
