"""How the gateway reaches subgraphs."""

from .breaker import Breaker, CircuitOpen
from .client import SubgraphClient
from .connection import Response
from .fields import is_field_value
from .in_flight import InFlight

__all__ = ["Breaker", "CircuitOpen", "InFlight", "Response", "SubgraphClient", "is_field_value"]
