"""A secured broker, started once: topics, users and ACLs as declared in the repository."""

from collections.abc import Iterator

import pytest

from lanling_local.secured_kafka import SecuredKafka, secured_kafka


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    with secured_kafka(tmp_path_factory.mktemp("secured-kafka")) as started:
        started.prepare("--apply")
        yield started
