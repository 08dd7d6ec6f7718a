"""Where a peer answers otherwise than the specification asks; when it no longer does, the tests say so."""

from __future__ import annotations

from collections.abc import Mapping

FIRST_PATH = "errors of a batch of entities all get the path of the first entity"
NO_DATA = "when no request for the root fields was answered, data is null and not an object of nulls"

IN_CORPUS = {("43-bad-cursor", "hive"): FIRST_PATH}
WITH_A_SERVICE_AWAY = {
    ("example-03-one-resident", "hive-rust"): NO_DATA,
    ("14-resident", "hive-rust"): NO_DATA,
    ("15-supermarkets", "hive-rust"): NO_DATA,
}


def unexpected(
    question: str, differences: Mapping[str, str | None], known: Mapping[tuple[str, str], str]
) -> dict[str, str]:
    """Of the `differences` by peer, those that are not `known`, and what is known and did not happen."""
    found = {}
    for peer, difference in differences.items():
        expected = known.get((question, peer))
        if (difference is None) is not (expected is None):
            found[peer] = difference or f"no longer: {expected}"
    return found
