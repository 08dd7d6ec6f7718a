"""The demonstration data of a service, imported when they are wanted: what serves a county goes without them."""

from collections.abc import Awaitable, Callable
from importlib import import_module

from govkit.seeding import Seeder

FACTS = "lanling_demo"


def demonstration(module: str) -> Callable[[Seeder], Awaitable[None]]:
    """The function `seed` of `module`. It ends the process with one line where the facts are not installed."""

    async def seed(seeder: Seeder) -> None:
        try:
            load = import_module(module).seed
        except ModuleNotFoundError as error:
            if error.name != FACTS:
                raise
            raise SystemExit("the demonstration data are not installed here: the distribution lanling-demo") from None
        await load(seeder)

    return seed
