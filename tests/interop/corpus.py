"""The committed questions: each with who asks it, and the error codes that it is there to provoke.

A document's first comment lines say so: the title, `# as: ROLES [sub=…] [community=…]` (without it nobody is signed
in), `# operation: NAME`, `# errors: CODES`. `<name>.json` has the variables. `{name}` in variables and callers stands
for one of the `FACTS` of the running county.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
ASKED_BY = {"03-one-resident": "RESIDENT sub={resident}", "05-submit-a-petition": "RESIDENT sub={resident}"}

FACTS = """{
  communities(first: 1) { pageInfo { endCursor } edges { node { id } } }
  governanceSupervisors(first: 1, filter: { state: { eq: ACTIVE } }) { edges { node { residentId } } }
}"""


@dataclass(frozen=True)
class Question:
    """`caller` as in the document's comment, empty for nobody; `codes` of the errors that every answer must have."""

    name: str
    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    caller: str = "AUDITOR ADMIN"
    operation: str | None = None
    codes: frozenset[str] = frozenset()


def questions() -> list[Question]:
    """Those that read first: what a command changes takes a moment to be seen everywhere."""
    examples = [
        Question(f"example-{one.stem}", one.read_text(), _variables(one), ASKED_BY.get(one.stem, "AUDITOR ADMIN"))
        for one in sorted(EXAMPLES.glob("*.graphql"))
    ]
    every = examples + [_question(one) for one in sorted(CORPUS.glob("*.graphql"))]
    return sorted(every, key=lambda one: re.search("^mutation", one.document, flags=re.MULTILINE) is not None)


def facts(answered: Mapping[str, Any]) -> dict[str, str]:
    """What the placeholders stand for, from the data that answer `FACTS`."""
    return {
        "community": answered["communities"]["edges"][0]["node"]["id"],
        "cursor": answered["communities"]["pageInfo"]["endCursor"],
        "resident": answered["governanceSupervisors"]["edges"][0]["node"]["residentId"],
    }


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """The value with every placeholder in its texts replaced. Raises KeyError for an unknown one."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], value)
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, known) for key, one in value.items()}
    return value


def _question(file: Path) -> Question:
    text = file.read_text()
    said = dict(re.findall(r"^# (as|operation|errors): (.*)$", text, flags=re.MULTILINE))
    codes = frozenset(said.get("errors", "").split())
    return Question(file.stem, text, _variables(file), said.get("as", ""), said.get("operation"), codes)


def _variables(document: Path) -> dict[str, Any]:
    file = document.with_suffix(".json")
    return dict(json.loads(file.read_text())) if file.exists() else {}
