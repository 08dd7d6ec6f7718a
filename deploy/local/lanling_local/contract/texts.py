"""Names and bilingual texts of event types, taken apart."""

from __future__ import annotations

import re

TYPE = re.compile(r"cn\.lanling\.(?P<thing>\w+)\.(?P<verb>\w+)\.v(?P<version>\d+)")
HAN = r"\u3400-\u9fff"


def name_of(type_name: str) -> str:
    """`cn.lanling.petition.submitted.v1` → `petition.submitted.v1`."""
    return type_name.removeprefix("cn.lanling.")


def thing_of(type_name: str) -> str:
    return _parts(type_name)["thing"]


def verb_of(type_name: str) -> str:
    return _parts(type_name)["verb"]


def bilingual(text: str) -> tuple[str, str]:
    """Chinese and English of "中文 English" or "中文 English — 中文 English": `社区 Community — 变更 changed`."""
    pairs = [_pair(part) for part in text.split(" — ")]
    return "·".join(chinese for chinese, _ in pairs), ": ".join(english for _, english in pairs)


def _pair(text: str) -> tuple[str, str]:
    """At the first space that no Chinese character follows."""
    head, _, tail = text.partition(" ")
    while tail and re.match(rf"[{HAN}]", tail):
        more, _, tail = tail.partition(" ")
        head = f"{head} {more}"
    return head, tail


def _parts(type_name: str) -> dict[str, str]:
    """Raises ValueError when it is no name of an event type."""
    if not (found := TYPE.fullmatch(type_name)):
        raise ValueError(f"{type_name} is no event type")
    return found.groupdict()
