"""Bring a secured broker in line with schemas/topics.toml and principals.toml; without --apply, say what it would do.

    python deploy/kafka/prepare.py --bootstrap-servers kafka.example.cn:9094 \\
        --ca ca.pem --certificate operator.pem --passwords passwords/ [--apply] [--new-password bidding-platform]

A new user's password is made here and kept in `<passwords>/<principal>.password`; the broker keeps a salted hash. A
file that lies there already is used. Users and rights that are not declared go; topics stay as they are, for ever.
Safe to interrupt and to repeat.
"""

import argparse
import os
import secrets
import sys
import tomllib
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from itertools import permutations
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from operator_client import operator_client

TOPICS = Path(__file__).parents[2] / "schemas" / "topics.toml"
DECLARATION = Path(__file__).with_name("principals.toml")
SERVER = Path(__file__).with_name("server.properties")
ITERATIONS = 8192
TIMEOUT_SECONDS = 30.0
ANY_ACL = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)


@dataclass(frozen=True, kw_only=True)
class Principal:
    """One system: topics by full name, `groups` is the prefix of its consumer groups."""

    name: str
    writes: tuple[str, ...]
    reads: tuple[str, ...]
    groups: str | None

    def acls(self) -> list[AclBinding]:
        # Writing and reading imply describing; an idempotent producer needs no more than to write.
        return [
            *(self._allow(AclOperation.WRITE, ResourceType.TOPIC, topic) for topic in self.writes),
            *(self._allow(AclOperation.READ, ResourceType.TOPIC, topic) for topic in self.reads),
            *(
                [self._allow(AclOperation.READ, ResourceType.GROUP, self.groups, ResourcePatternType.PREFIXED)]
                if self.groups
                else []
            ),
        ]

    def _allow(
        self,
        operation: AclOperation,
        kind: ResourceType,
        name: str,
        pattern: ResourcePatternType = ResourcePatternType.LITERAL,
    ) -> AclBinding:
        return AclBinding(kind, name, pattern, f"User:{self.name}", "*", operation, AclPermissionType.ALLOW)


def read_principals(file: Path = DECLARATION) -> dict[str, Principal]:
    """Raises TypeError for an unknown word, ValueError when the groups of one system lie within those of another, or
    one has a name for which the broker knows no limits."""
    declared = tomllib.loads(file.read_text())["principals"]
    if boundless := sorted(declared.keys() & super_users()):
        raise ValueError(
            f"{', '.join(boundless)}: super.users of {SERVER.name} may do everything; no system is called so"
        )
    principals = {name: _principal(name, **given) for name, given in declared.items()}
    for one, other in permutations(principals.values(), 2):
        if one.groups and other.groups and one.groups.startswith(other.groups):
            raise ValueError(f"groups of {one.name} ({one.groups}…) lie within those of {other.name} ({other.groups}…)")
    return principals


def super_users(file: Path = SERVER) -> set[str]:
    """Of brokers and operators: a system of such a name would be taken for one of them."""
    lines = [line.partition("=") for line in file.read_text().splitlines()]
    (users,) = [value for name, _, value in lines if name.strip() == "super.users"]
    return {user.strip().removeprefix("User:") for user in users.split(";")}


def read_topics(file: Path = TOPICS) -> list[NewTopic]:
    content = tomllib.loads(file.read_text())
    defaults = content["defaults"]
    return [
        # -1 leaves the number of replicas to the broker.
        NewTopic(
            name,
            own.get("partitions", defaults["partitions"]),
            -1,
            config={**defaults["config"], **own.get("config", {})},
        )
        for name, own in content["topics"].items()
    ]


def _principal(
    name: str, *, writes: Iterable[str] = (), reads: Iterable[str] = (), groups: str | None = None
) -> Principal:
    return Principal(name=name, writes=tuple(writes), reads=tuple(reads), groups=groups)


@dataclass(frozen=True)
class Change:
    """What stands between the broker and the declarations."""

    new_topics: list[NewTopic]
    new_acls: list[AclBinding]
    old_acls: list[AclBinding]
    new_users: list[str]
    old_users: list[str]

    def lines(self) -> list[str]:
        return [
            *(f"+ topic {topic.topic} with {topic.num_partitions} partitions" for topic in self.new_topics),
            *(f"- {_sentence(acl)}" for acl in self.old_acls),
            *(f"- user {name}" for name in self.old_users),
            *(f"+ user {name}" for name in self.new_users),
            *(f"+ {_sentence(acl)}" for acl in self.new_acls),
        ]


def plan(admin: AdminClient, principals: Mapping[str, Principal], new_passwords: Iterable[str]) -> Change:
    """What is to be done. Raises KafkaException when the broker refuses or does not answer."""
    present = admin.describe_acls(ANY_ACL, request_timeout=TIMEOUT_SECONDS).result()
    wanted = [acl for principal in principals.values() for acl in principal.acls()]
    users = set(_users(admin))
    topics = admin.list_topics(timeout=TIMEOUT_SECONDS).topics
    return Change(
        new_topics=[topic for topic in read_topics() if topic.topic not in topics],
        new_acls=[acl for acl in wanted if acl not in present],
        old_acls=sorted((acl for acl in present if acl not in wanted), key=_sentence),
        new_users=sorted((principals.keys() - users) | set(new_passwords)),
        old_users=sorted(users - principals.keys()),
    )


def apply(admin: AdminClient, change: Change, passwords: Path) -> None:
    """Take away first, then give. A user gets its password before its rights."""
    if change.new_topics:
        _wait(admin.create_topics(change.new_topics, request_timeout=TIMEOUT_SECONDS))
    filters = [_exactly(acl) for acl in change.old_acls]
    if filters:
        _wait(admin.delete_acls(filters, request_timeout=TIMEOUT_SECONDS))
    deletions = [UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512) for name in change.old_users]
    creations = [
        UserScramCredentialUpsertion(
            name,
            ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
            password_of(name, passwords).encode(),
            secrets.token_bytes(24),
        )
        for name in change.new_users
    ]
    if deletions or creations:
        _wait(admin.alter_user_scram_credentials([*deletions, *creations], request_timeout=TIMEOUT_SECONDS))
    if change.new_acls:
        _wait(admin.create_acls(change.new_acls, request_timeout=TIMEOUT_SECONDS))


def password_of(name: str, directory: Path) -> str:
    """The password in the directory; a new one is put there, readable by its owner alone."""
    file = directory / f"{name}.password"
    if not file.exists():
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_urlsafe(32) + "\n")
    return file.read_text().strip()


def _users(admin: AdminClient) -> list[str]:
    described = admin.describe_user_scram_credentials(None, request_timeout=TIMEOUT_SECONDS)
    assert isinstance(described, Future)
    return list(described.result())


def _exactly(acl: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl.restype,
        acl.name,
        acl.resource_pattern_type,
        acl.principal,
        acl.host,
        acl.operation,
        acl.permission_type,
    )


def _wait(futures: Mapping[Any, "Future[Any]"]) -> None:
    for future in futures.values():
        future.result()


def _sentence(acl: AclBinding) -> str:
    star = "*" if acl.resource_pattern_type is ResourcePatternType.PREFIXED else ""
    permission, operation, kind = map(_word, (acl.permission_type, acl.operation, acl.restype))
    return f"{permission} {acl.principal} to {operation} {kind} {acl.name}{star}"


def _word(value: object) -> str:
    return value.name.lower() if isinstance(value, Enum) else str(value)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Users and ACLs of a secured broker, from principals.toml.")
    parser.add_argument("--bootstrap-servers", required=True, help="the INTERNAL listener")
    parser.add_argument("--ca", required=True, help="certificate of the authority")
    parser.add_argument("--certificate", required=True, help="key and certificate of the operator, one PEM file")
    parser.add_argument("--passwords", required=True, type=Path, help="directory of the systems' passwords")
    parser.add_argument("--principals", default=DECLARATION, type=Path, help="another declaration")
    parser.add_argument("--new-password", action="append", default=[], metavar="PRINCIPAL", help="take a new password")
    parser.add_argument("--apply", action="store_true", help="do it; else it is only shown")
    return parser.parse_args()


def main() -> None:
    given = _arguments()
    try:
        principals = read_principals(given.principals)
    except (OSError, TypeError, ValueError) as error:
        sys.exit(f"{given.principals}: {error}")
    if unknown := set(given.new_password) - principals.keys():
        sys.exit(f"not declared in {given.principals}: {', '.join(sorted(unknown))}")
    try:
        admin = operator_client(given.bootstrap_servers, given.ca, given.certificate)
        change = plan(admin, principals, given.new_password)
        print(*change.lines() or ["nothing to do"], sep="\n")
        if given.apply:
            for name in given.new_password:
                (given.passwords / f"{name}.password").unlink(missing_ok=True)
            apply(admin, change, given.passwords)
        elif change.lines():
            print("nothing was changed yet: --apply does it")
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        sys.exit(f"the broker at {given.bootstrap_servers} refuses or does not answer: {reason.str()}")


if __name__ == "__main__":
    main()
