"""Executing plans: gathering data from subgraphs and completing the answer."""

from .complete import Completion, Shape
from .executor import Client, Execution, Gathered

__all__ = ["Client", "Completion", "Execution", "Gathered", "Shape"]
