"""From the broker into the database.

Offsets are committed after the effects. A process that dies in between reads the same events again, and the inbox
drops them.
"""

import logging
from collections.abc import Callable

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from bidding_platform.eligibility import Eligibility
from bidding_platform.event import Event
from bidding_platform.inbox import Outcome

TOPIC = "lanling.organization.events"
SOURCE = "/lanling/organization"
BATCH = 500
WAIT_SECONDS = 1.0
log = logging.getLogger(__name__)


def listen(consumer: Consumer, eligibility: Eligibility, going_on: Callable[[], bool], from_start: bool) -> None:
    """Read events and apply them as long as `going_on()`.

    A database that never had all events, or `from_start`, reads all events again, wherever the consumer group stands.
    Raises KafkaException for what does not mend by itself: the wrong password, a topic that we may not read.
    """
    inbox = eligibility.inbox
    inbox.retry()
    again = from_start or not inbox.was_read_to_end()
    behind: set[int] = set()

    def assigned(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        behind.update(partition.partition for partition in partitions)
        if again:
            for partition in partitions:
                partition.offset = OFFSET_BEGINNING
        consumer.assign(partitions)

    consumer.subscribe([TOPIC], on_assign=assigned)
    while going_on():
        records = consumer.consume(BATCH, timeout=WAIT_SECONDS)
        for record in records:
            if is_end(record):
                behind.discard(record.partition())
                if not behind:
                    inbox.note_read_to_end()
            else:
                receive(record, eligibility)
        if not all(is_end(record) for record in records):
            commit(consumer)


def is_end(record: Message) -> bool:
    """Whether it only tells that there is nothing behind it now; `enable.partition.eof` asks for that."""
    error = record.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF


def receive(record: Message, eligibility: Eligibility) -> None:
    if error := record.error():
        if not error.retriable():
            raise KafkaException(error)
        return
    try:
        event = Event.from_record(record.value())
    except ValueError as problem:
        # It stays on the topic, at this place; reading on is better than stopping for ever.
        log.error("%s/%s/%s: %s", record.topic(), record.partition(), record.offset(), problem)
        return
    if event.source != SOURCE:
        log.error("%s/%s/%s: an event of %s", record.topic(), record.partition(), record.offset(), event.source)
        return
    if eligibility.receive(event) is Outcome.WAITING:
        log.error("%s number %d of %s: %s", event.type, event.sequence, event.subject, Outcome.WAITING.value)


def commit(consumer: Consumer) -> None:
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        # Another member has the partitions now, or the broker is away: the events come again.
        log.warning("offsets not committed: %s", error)
