"""The parts of the county: the one list of services that the stack, the tools and the tests go by."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lanling_local.errors import StackError
from lanling_local.paths import REPOSITORY
from lanling_local.ports import HOST


@dataclass(frozen=True)
class Part:
    """A process of ours. `name` is the one in URLs, topics and the supergraph; `package` the Python package."""

    name: str
    package: str
    default_port: int

    @property
    def port_variable(self) -> str:
        return f"{self.package.upper()}_PORT"

    @property
    def port(self) -> int:
        return port_of(self.port_variable, self.default_port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/graphql"

    @property
    def directory(self) -> Path:
        return REPOSITORY / "services" / self.package


GATEWAY = Part("gateway", "gateway", 4000)
SERVICES = (
    Part("organization", "organization", 4001),
    Part("grid", "grid", 4002),
    Part("petition", "petition", 4003),
    Part("points", "points", 4004),
    Part("red-partner", "red_partner", 4005),
    Part("new-employment-group", "new_employment_group", 4006),
)


def services() -> tuple[Part, ...]:
    """The services that this checkout has."""
    return tuple(part for part in SERVICES if (part.directory / "pyproject.toml").exists())


def service_named(name: str) -> Part:
    """By its name or its package. Raises StackError for an unknown one."""
    for part in services():
        if name in (part.name, part.package):
            return part
    raise StackError(f"no service {name!r}; there are: {', '.join(part.name for part in services())}")


def port_of(variable: str, default: int) -> int:
    """The port that the environment gives. Raises StackError when it is no port."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StackError(f"{variable}={text} is no port: give a number from 1 to 65535, or unset it")
    return int(text)
