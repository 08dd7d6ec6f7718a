"""Which labels of progressive ``@override`` are on for a request.

``percent(n)`` is on for n percent of the traces: the trace id decides, so that all requests of one trace see the same
owner, and of several such labels the lower are on only where the higher are. Any other label is on when the setting
names it. Another rule (a feature service, a tenant's header) is a function of the same form, given to the router.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .request import GraphQLRequest

LabelRule = Callable[[GraphQLRequest, frozenset[str]], frozenset[str]]

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


class LabelsBySetting:
    """The rule described above; `enabled` are the labels that the setting names."""

    def __init__(self, enabled: tuple[str, ...] = ()):
        self._enabled = frozenset(enabled)

    def __call__(self, request: GraphQLRequest, labels: frozenset[str]) -> frozenset[str]:
        """Those of a supergraph's `labels` that are on."""
        place = int(request.trace.trace_id[-8:], 16) / 2**32 * 100
        return frozenset(one for one in labels if one in self._enabled or place < percent(one))


def percent(label: str) -> float:
    """The share that a label names; 0 for a label of another form."""
    match = _PERCENT.fullmatch(label)
    return float(match[1]) if match else 0.0
