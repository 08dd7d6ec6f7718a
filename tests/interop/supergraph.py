"""The supergraph with other addresses of its subgraphs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from county import County
from lanling_local.parts import SERVICES
from lanling_local.paths import REPOSITORY


def service_urls(county: County) -> dict[str, str]:
    """By the name of the service."""
    return {part.name: f"http://127.0.0.1:{county.ports[part.port_variable]}/graphql" for part in SERVICES}


def supergraph_of(urls: Mapping[str, str]) -> str:
    """The county's."""
    return with_urls((REPOSITORY / "schemas" / "supergraph.graphql").read_text(), urls.__getitem__)


def with_urls(supergraph: str, url_of: Callable[[str], str]) -> str:
    """The supergraph with the URL of each subgraph, by its name in `@join__graph`, replaced."""
    pattern = r'@join__graph\(name: "([^"]*)", url: "[^"]*"\)'
    return re.sub(pattern, lambda found: f'@join__graph(name: "{found[1]}", url: "{url_of(found[1])}")', supergraph)
