"""What the checker must know of a service and cannot read from its data."""

import importlib
from functools import cache
from typing import Any

from govkit.bus.inbox import by_type
from govkit.store.commits import collection_name


@cache
def service_of(package: str) -> Any:
    return importlib.import_module(f"{package}.service").SERVICE


def listens_to(package: str) -> tuple[str, ...]:
    return tuple(service_of(package).listens_to)


def handled_types(package: str) -> frozenset[str]:
    """The CloudEvents types that some consumer of the service handles."""
    return frozenset(by_type(service_of(package).all_consumers))


def aggregate_collections(package: str) -> dict[str, str]:
    """Type name → collection, of the aggregates that the service owns."""
    return {cls.__name__: collection_name(cls) for cls in service_of(package).aggregates}
