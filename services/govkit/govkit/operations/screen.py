"""What operators read: results on stdout, one fact a line."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from govkit.operations.parked import Group, error_line
from govkit.operations.status import Figure

# More than most terminals have: they break lines themselves, and an id is there whole, to be copied.
WIDTH = 240
IDS = ("aggregate", "id", "record")


def say(line: str) -> None:
    print(line, flush=True)


def dry_run() -> int:
    """Tells that nothing was changed; the exit code of that."""
    say("dry run: nothing was changed; --apply does it")
    return 0


def parked(found: Sequence[Group]) -> None:
    _table(
        ("aggregate", "events", "sequences", "reason", "type", "since", "error", "id"),
        (
            (
                group.key or "(no event)",
                str(group.rows),
                "" if group.key is None else f"{group.sequences[0]}-{group.sequences[1]}",
                group.first["reason"],
                group.first["type"] or "",
                f"{group.first['at']:%Y-%m-%d %H:%M:%S}Z",
                error_line(group.first) or "",
                group.first["_id"],
            )
            for group in found
        ),
    )
    aggregates = [group.rows for group in found if group.key is not None]
    records = sum(group.rows for group in found) - sum(aggregates)
    say(f"{sum(aggregates)} events of {len(aggregates)} aggregates, {records} records that are no events")


def set_aside(found: Sequence[dict[str, Any]]) -> None:
    _table(
        ("rule", "type", "record", "due for", "tries", "error"),
        (
            (
                row["rule"],
                row["type"],
                row["record"],
                f"{row['due_for']:%Y-%m-%d %H:%M:%S}Z",
                str(row["tries"]),
                row["error"],
            )
            for row in found
        ),
    )
    say(f"{len(found)} set aside")


def figures(found: Sequence[Figure]) -> None:
    rows = ((figure.name, figure.of, str(figure.value), "!" if figure.attention else "") for figure in found)
    _table(("figure", "of", "value", ""), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    console = Console(width=WIDTH, highlight=False, markup=False)
    table = Table(*(Column(name, no_wrap=name in IDS) for name in columns), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)
