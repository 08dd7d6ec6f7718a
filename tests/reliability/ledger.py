"""The clients' ledger: what they asked, and what they were answered. One JSON object a line, appended at once.

    {"ask": id, "at": seconds, "service": …, "command": …, "actor": …, "loud": whether it publishes an event}
    {"answer": id, "at": seconds, "outcome": "accepted", "record": id of the record | "refused", "code": …, "tries": n}

`id` is the `clientMutationId`. A request without an answer is one whose outcome its client never learnt.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass(kw_only=True)
class Asked:
    """One request; `accepted` is None while its client has no answer."""

    id: str
    service: str
    command: str
    actor: str
    loud: bool
    at: float
    accepted: bool | None = None
    record: str = ""
    code: str = ""
    answered_at: float = 0.0
    tries: int = 0


class Ledger:
    """The clients' side."""

    def __init__(self, file: Path) -> None:
        self._file: IO[str] = file.open("a")
        self.asked = 0
        self.answered = 0

    def ask(self, id: str, service: str, command: str, actor: str, loud: bool) -> None:
        self.asked += 1
        self._write(ask=id, service=service, command=command, actor=actor, loud=loud)

    def accepted(self, id: str, record: str, tries: int) -> None:
        self.answered += 1
        self._write(answer=id, outcome="accepted", record=record, tries=tries)

    def refused(self, id: str, code: str, tries: int) -> None:
        self.answered += 1
        self._write(answer=id, outcome="refused", code=code, tries=tries)

    def close(self) -> None:
        self._file.close()

    def _write(self, **line: Any) -> None:
        self._file.write(json.dumps(line | {"at": time.time()}) + "\n")
        self._file.flush()


def read_ledger(file: Path) -> dict[str, Asked]:
    """By `clientMutationId`."""
    requests: dict[str, Asked] = {}
    for text in file.read_text().splitlines():
        line = json.loads(text)
        if "ask" in line:
            fields = {name: line[name] for name in ("service", "command", "actor", "loud", "at")}
            requests[line["ask"]] = Asked(id=line["ask"], **fields)
            continue
        request = requests[line["answer"]]
        request.accepted = line["outcome"] == "accepted"
        request.record, request.code = line.get("record", ""), line.get("code", "")
        request.answered_at, request.tries = line["at"], line["tries"]
    return requests


class Answers:
    """How many requests of a growing ledger are answered; each look reads only what is new."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self.count = 0

    def look(self) -> int:
        if self._file.exists():
            with self._file.open("rb") as ledger:
                ledger.seek(self._offset)
                # A line that is being written is left for the next look.
                for line in ledger:
                    if not line.endswith(b"\n"):
                        break
                    self._offset += len(line)
                    self.count += line.startswith(b'{"answer"')
        return self.count
