"""The checker: `python -m reliability.checker DIRECTORY`, when the county is quiet.

Prints one figure a line, the five promises first, what it found on stderr; exits with 1 when a promise is broken.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from planted import MARKS
from reliability.commands_check import check_causes, check_commands, check_load, check_records
from reliability.effects_check import check_counted, check_points
from reliability.facts import Facts, read_facts
from reliability.findings import Finding, Findings, Kind
from reliability.measures import measure
from reliability.place import Place
from reliability.rebuilds import rebuild
from reliability.topics_check import check_consumed, check_order, check_published

CHECKS: tuple[Callable[[Facts], Findings], ...] = (
    check_load,
    check_commands,
    check_records,
    check_causes,
    check_published,
    check_order,
    check_consumed,
    check_points,
    check_counted,
)
SHOWN = 40


def findings_of(facts: Facts) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(facts)]


def main() -> None:
    place = Place.read(Path(sys.argv[1]))
    facts = read_facts(place, MARKS)
    rebuilt = list(rebuild(place))
    findings = findings_of(facts)
    findings += [Finding(Kind.LOST, f"{line}: not what the events make") for line, equal in rebuilt if not equal]
    (place.directory / "findings.txt").write_text("".join(f"{finding}\n" for finding in findings))
    for finding in findings[:SHOWN]:
        print(finding, file=sys.stderr)
    counts = Counter(finding.kind for finding in findings)
    for kind in Kind:
        print(f"figure {kind.name.lower()} {counts[kind]}")
    print(f"figure planted_texts_on_topics {len(facts.marked)}")
    print(f"figure projections {len(rebuilt)}")
    print(f"figure projections_different {sum(not equal for _, equal in rebuilt)}")
    for name, value in measure(facts, place.faults):
        print(f"figure {name} {value:g}")
    sys.exit(1 if findings or facts.marked else 0)


if __name__ == "__main__":
    main()
