"""One case: a federation, its data and an operation, all from one seed; and the question whether the answers agree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import SchemaExtensionNode, parse, print_ast, validate

from gateway.errors import SupergraphError
from gateway.supergraph import read_supergraph

from ..autoworld import AutoWorld, NoSuchMember
from ..federation import Federation
from ..random_operations import OperationMaker
from .compare import difference
from .composer import Composer, CompositionError
from .local import local_federation
from .schemas import SchemaMaker
from .sketch import Choices
from .terms import TermMaker

OPERATIONS = 10  # for each federation: composing and loading cost more than asking


@dataclass
class Case:
    """What it takes to ask once more. ``seed`` is of the data."""

    sources: dict[str, str]
    seed: int
    text: str
    variables: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        sources = "\n".join(f"# ---- {name}\n{_without_link(sdl)}" for name, sdl in self.sources.items())
        return f"{sources}\n# ---- operation (data of seed {self.seed}), variables {self.variables}\n{self.text}"


def _without_link(sdl: str) -> str:
    definitions = (one for one in parse(sdl).definitions if not isinstance(one, SchemaExtensionNode))
    return "\n".join(map(print_ast, definitions))


def made_up_sources(choices: random.Random) -> dict[str, str]:
    asked = Choices(choices)
    maker = SchemaMaker(asked)
    TermMaker(maker.make(), asked).add()
    return maker.finish().print()


class Oracle:
    """Runs cases. The federation of the last case is kept, because its operations come one after the other."""

    def __init__(self, composer: Composer):
        self._composer = composer
        self._known: tuple[dict[str, str], int] | None = None
        self._federation: Federation | None = None

    def federation(self, case: Case) -> Federation | None:
        """None when the sources do not compose, or when no data suit them."""
        if self._known != (case.sources, case.seed):
            self._known = (case.sources, case.seed)
            try:
                sdl = self._composer.compose(case.sources)
                world = AutoWorld(read_supergraph(sdl), case.seed, with_failures=bool(case.seed % 2)).world
                self._federation = local_federation(case.sources, sdl, world)
                is_on = bool(case.seed // 2 % 2)
                self._federation.router.label_rule = lambda _, labels: labels if is_on else frozenset()
            except (CompositionError, SupergraphError, NoSuchMember):
                self._federation = None
        return self._federation

    def cases(self, seed: int) -> Iterator[Case]:
        """The valid operations of one seed; none when its federation does not compose."""
        sources = made_up_sources(random.Random(seed))
        first = Case(sources, seed, "")
        federation = self.federation(first)
        if federation is None:
            return
        valid = 0
        for number in range(OPERATIONS * 2):
            maker = OperationMaker(federation.router.snapshot.schema, random.Random(f"{seed}.{number}"), max_width=6)
            case = Case(sources, seed, maker.text(), maker.variables)
            if valid < OPERATIONS and self.is_valid(case):
                valid += 1
                yield case

    def is_valid(self, case: Case) -> bool:
        federation = self.federation(case)
        if federation is None:
            return False
        document = parse(case.text, allow_empty_selection_sets=False)
        return not validate(federation.router.snapshot.schema, document, max_errors=1)

    async def verdict(self, case: Case) -> str | None:
        """None when gateway and monolith agree; otherwise what is wrong."""
        federation = self.federation(case)
        assert federation is not None
        try:
            answer = await federation.ask(case.text, case.variables)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        finally:
            for one in federation.subgraphs.values():
                one.failures.clear()
        return difference(answer, federation.expect(case.text, case.variables))
