"""Tell every broker to read its certificate again, after the file was replaced. Open connections live on.

    python deploy/kafka/reload_certificates.py --bootstrap-servers kafka.example.cn:9094 \\
        --ca ca.pem --certificate operator.pem

The listeners of controllers are not among those that a broker can change while it runs: they take the new file when the
node is restarted, one after the other.
"""

import argparse
import sys

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from operator_client import operator_client

LISTENERS = ("systems", "internal")
LOCATION = "ssl.keystore.location"
TIMEOUT_SECONDS = 30.0


def reload(admin: AdminClient) -> list[int]:
    """The ids of the brokers that have read their files. Raises KafkaException when one refuses, as for a file that it
    cannot read or that does not fit the one before."""
    brokers = sorted(admin.list_topics(timeout=TIMEOUT_SECONDS).brokers)
    for broker in brokers:
        resource = ConfigResource(ConfigResource.Type.BROKER, str(broker))
        described = admin.describe_configs([resource], request_timeout=TIMEOUT_SECONDS)[resource].result()
        file = described[LOCATION].value
        entries = [
            ConfigEntry(f"listener.name.{listener}.{LOCATION}", file, incremental_operation=AlterConfigOpType.SET)
            for listener in LISTENERS
        ]
        # The same path as before: it is being set that makes the broker look at the file.
        asked = ConfigResource(ConfigResource.Type.BROKER, str(broker), incremental_configs=entries)
        admin.incremental_alter_configs([asked], request_timeout=TIMEOUT_SECONDS)[asked].result()
    return brokers


def main() -> None:
    parser = argparse.ArgumentParser(description="Let brokers read their certificates again.")
    for option in ("--bootstrap-servers", "--ca", "--certificate"):
        parser.add_argument(option, required=True)
    given = parser.parse_args()
    try:
        admin = operator_client(given.bootstrap_servers, given.ca, given.certificate)
        for broker in reload(admin):
            print(f"broker {broker} has read its certificate")
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        sys.exit(f"a broker at {given.bootstrap_servers} refuses or does not answer: {reason.str()}")


if __name__ == "__main__":
    main()
