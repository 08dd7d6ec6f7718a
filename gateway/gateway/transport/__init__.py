"""How the gateway reaches subgraphs."""

from .client import SubgraphClient
from .connection import Response

__all__ = ["Response", "SubgraphClient"]
