"""The planner: passes, one module each.

normalise → graph → contexts → paths → fetch_graph → schedule → clashes → plan
"""

from .graph import Graph
from .normalise import Operation
from .paths import PathFinder
from .plan import Entities, Fetch, Plan, Planner, Source, Stage

__all__ = ["Entities", "Fetch", "Graph", "Operation", "PathFinder", "Plan", "Planner", "Source", "Stage"]
