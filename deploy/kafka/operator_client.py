"""How the scripts beside this file reach a secured broker: as the operator, who is known by a certificate."""

from confluent_kafka.admin import AdminClient


def operator_client(bootstrap_servers: str, ca: str, certificate: str) -> AdminClient:
    """`certificate` is a file with certificate and key. Raises KafkaException when one of the files cannot be read."""
    return AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "security.protocol": "ssl",
            "ssl.ca.location": ca,
            "ssl.certificate.location": certificate,
            "ssl.key.location": certificate,
            "log_level": 0,
        }
    )
