"""The bidding platform's part about eligibility: `python -m bidding_platform --help`."""

import argparse
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from threading import Event as Flag

from confluent_kafka import Consumer, KafkaError, KafkaException

from bidding_platform.eligibility import Answer, Eligibility
from bidding_platform.event import COUNTY_TIME
from bidding_platform.listener import listen

GROUP = "bidding-platform.eligibility"


def consumer_settings(environment: Mapping[str, str]) -> dict[str, str | bool | int]:
    """Offsets are committed by us alone; a new group begins with the first event.

    KAFKA_SASL_USERNAME set: the broker is secured, the password is in KAFKA_SASL_PASSWORD_FILE.
    """
    settings: dict[str, str | bool | int] = {
        "bootstrap.servers": environment.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092"),
        "group.id": GROUP,
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,  # tells when all that there is has been read
        "reconnect.backoff.ms": 1_000,  # a broker that is away costs a few lines, not twenty a second
        "session.timeout.ms": 6_000,  # so long a process that was killed keeps its partitions from the next one
    }
    if username := environment.get("KAFKA_SASL_USERNAME"):
        settings |= {
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": username,
            "sasl.password": Path(environment["KAFKA_SASL_PASSWORD_FILE"]).read_text().strip(),
            "ssl.ca.location": environment["KAFKA_CA_FILE"],
        }
    return settings


def give_up(error: KafkaError) -> None:
    """A wrong password does not mend by itself; a broker that is away does."""
    if error.code() == KafkaError._AUTHENTICATION:
        raise KafkaException(error)


def run_listener(eligibility: Eligibility, from_start: bool) -> None:
    stopping = Flag()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    consumer = Consumer({**consumer_settings(os.environ), "error_cb": give_up})
    try:
        listen(consumer, eligibility, lambda: not stopping.is_set(), from_start)
    except KafkaException as error:
        sys.exit(f"cannot read events: {error.args[0].str()}")
    finally:
        consumer.close()


def day(text: str) -> date:
    """Raises ValueError; argparse says then that it is no day."""
    return date.fromisoformat(text)


def ask(eligibility: Eligibility, enterprise: str, on: date | None) -> int:
    """0 it may bid, 1 it may not, 2 unknown."""
    answer = eligibility.may_bid(enterprise, on or datetime.now(COUNTY_TIME).date())
    print(answer.value)
    return list(Answer).index(answer)


def show(eligibility: Eligibility) -> None:
    if not eligibility.inbox.was_read_to_end():
        print("not all events have been read yet")
    for consequence, enterprise, start_on, end_on, lifted_on in eligibility.restrictions():
        lifted = f", lifted on {lifted_on}" if lifted_on else ""
        print(f"{enterprise} may not bid from {start_on} to {end_on}{lifted} (consequence {consequence})")
    for event in eligibility.inbox.waiting():
        print(f"waits: number {event.sequence} of {event.subject}, {event.type}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bidding_platform", description="Which enterprises may bid.")
    parser.add_argument("--database", type=Path, default=Path("bidding.sqlite3"))
    commands = parser.add_subparsers(dest="command", required=True)
    listening = commands.add_parser("listen", help="keep the database up to date, until Ctrl-C")
    listening.add_argument("--from-start", action="store_true", help="read all events again; nothing is applied twice")
    asking = commands.add_parser("ask", help="may this enterprise bid?")
    asking.add_argument("enterprise")
    asking.add_argument("--on", type=day, help="the day, as in 2026-03-01; else today")
    commands.add_parser("show", help="all restrictions, and events that wait for missing ones")
    given = parser.parse_args()
    logging.basicConfig(format="%(levelname)s %(message)s")
    try:
        return run(given)
    except sqlite3.Error as error:
        # Not 1, which would answer that somebody may not bid.
        print(f"cannot use {given.database}: {error}", file=sys.stderr)
        return 2


def run(given: argparse.Namespace) -> int:
    eligibility = Eligibility(given.database)
    try:
        if given.command == "ask":
            return ask(eligibility, given.enterprise, given.on)
        if given.command == "listen":
            run_listener(eligibility, given.from_start)
        else:
            show(eligibility)
    finally:
        eligibility.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
