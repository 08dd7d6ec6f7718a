"""What an image is called, and what it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lanling_images.errors import ImageError
from lanling_local.parts import GATEWAY, Part, services

REPOSITORY = "lanling"
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")  # the distribution specification


@dataclass(frozen=True)
class Recipe:
    """`foundation` is the directory whose dependencies fill the layer that several images share."""

    name: str
    package: str
    directory: str
    foundation: str
    port_variable: str

    def tag(self, version: str) -> str:
        """Raises ImageError for a version that no tag can have."""
        if not _TAG.fullmatch(version):
            raise ImageError(f"version {version!r} is no tag: letters, digits and . _ - only, for example 1.4.0")
        return f"{REPOSITORY}/{self.name}:{version}"


def recipes() -> tuple[Recipe, ...]:
    """Of every image, the gateway's last."""
    gateway = Recipe(GATEWAY.name, GATEWAY.package, "gateway", "gateway", "GATEWAY_PORT")
    return (*(_of_service(part) for part in services()), gateway)


def recipe(name: str) -> Recipe:
    """By name or package. Raises ImageError for an unknown one."""
    for one in recipes():
        if name in (one.name, one.package):
            return one
    raise ImageError(f"no image {name!r}; there are: {', '.join(one.name for one in recipes())}")


def _of_service(part: Part) -> Recipe:
    return Recipe(part.name, part.package, f"services/{part.package}", "services/govkit", "SERVICE_PORT")
