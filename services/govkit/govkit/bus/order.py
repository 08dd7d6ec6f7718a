"""Which rows come next: of each subject the one behind the last that the broker has acknowledged."""

from collections.abc import Iterable, Sequence

from govkit.bus.outbox import Outbox, Place, Row

KNOWN_SUBJECTS = 50_000


class Order:
    """What this process knows of published rows while it holds the lease; the rest it looks up in the outbox."""

    def __init__(self, outbox: Outbox):
        self._outbox = outbox
        self._last: dict[str, int] = {}

    def is_new(self, row: Row) -> bool:
        """Whether it is not known to be published."""
        return bool(row["sequence"] > self._last.get(row["subject"], 0))

    async def next(self, rows: Sequence[Row]) -> tuple[list[Row], set[str]]:
        """Those whose subject's events before them are published, or are among them; the subjects of the others.

        Rows of a subject stand in the order of their sequence.
        """
        await self._look_up(rows)
        ready: list[Row] = []
        expected: dict[str, int] = {}
        gaps: set[str] = set()
        for row in rows:
            subject, sequence = row["subject"], row["sequence"]
            if sequence == 1 or sequence == expected.get(subject) or sequence <= self._last.get(subject, 0) + 1:
                ready.append(row)
                expected[subject] = sequence + 1
            else:
                gaps.add(subject)
        return ready, gaps

    async def _look_up(self, rows: Sequence[Row]) -> None:
        """Learn of the subjects not known yet whether the row before their first one is published."""
        first: dict[str, int] = {}
        for row in rows:
            first.setdefault(row["subject"], row["sequence"])
        before = {(s, n - 1) for s, n in first.items() if n > self._last.get(s, 0) + 1}
        if before:
            self._last.update(await self._outbox.published_among(before))

    def published(self, rows: Iterable[Row], unmarked: Iterable[Place]) -> None:
        """The broker has acknowledged these. `unmarked`: all of which the outbox does not know it yet."""
        self._know((row["subject"], row["sequence"]) for row in rows)
        if len(self._last) > KNOWN_SUBJECTS:
            # The others can be looked up again.
            self._last.clear()
            self._know(unmarked)

    def _know(self, places: Iterable[Place]) -> None:
        for subject, sequence in places:
            self._last[subject] = max(sequence, self._last.get(subject, 0))

    def forget(self) -> None:
        """Another process may have published meanwhile."""
        self._last.clear()
