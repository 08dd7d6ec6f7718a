"""What a killed process leaves in its consumer group: a member that keeps its partitions until its session ends.

A new process of the same instance makes it leave when it starts, so that it waits for nobody. Not by a fixed member
name (`group.instance.id`), which would also keep the partitions of a process that ended for good waiting for a session.
"""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.group import LeaveGroupRequest

from govkit.bus.kafka import Broker, connection_options
from govkit.runtime.logs import get_logger

ANSWER_SECONDS = 5.0

log = get_logger(__name__)


async def leave_for(broker: Broker, group: str, name: str) -> int:
    """Make all members of the group leave whose clients have this name; returns how many. Never fails."""
    admin = AIOKafkaAdminClient(**connection_options(broker), client_id=name)
    left = 0
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await admin.start()
            coordinator = await admin.find_coordinator(group)
            for member in await _members(admin, group, coordinator, name):
                answer = await admin._send_request(LeaveGroupRequest(group, member), coordinator)
                if answer.error_code:
                    raise for_code(answer.error_code)
                log.warning("a killed process leaves its group", group=group, member=member)
                left += 1
    except (KafkaError, OSError, TimeoutError) as error:
        log.info("nobody was made to leave the group", group=group, reason=repr(error))
    finally:
        await admin.close()
    return left


async def _members(admin: AIOKafkaAdminClient, group: str, coordinator: int, name: str) -> list[str]:
    (answer,) = await admin.describe_consumer_groups([group], coordinator)
    (found,) = answer.to_object()["groups"]
    return [member["member_id"] for member in found["members"] if member["client_id"] == name]
