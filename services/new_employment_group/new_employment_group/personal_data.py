"""Sealing of personal data: AES-256-GCM for what must be read again, a keyed hash for what must only be recognised.

From one key, `PERSONAL_DATA_KEY`, two are derived, so that the hash says nothing about the cipher. A sealed text names
the key that it was sealed with and is bound to its record: moved to another record it does not open.
"""

import base64
import hashlib
import hmac
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr, field_validator

from govkit.runtime.settings import CONFIGURATION_ERROR, ServiceSettings
from new_employment_group.domain.errors import NegError

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = "v1"


class NewEmploymentSettings(ServiceSettings):
    """The environment of this service."""

    personal_data_key: SecretStr = Field(examples=["$(openssl rand -base64 32)"], repr=False)

    @field_validator("personal_data_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        try:
            length = len(base64.b64decode(value.get_secret_value(), validate=True))
        except ValueError:
            raise ValueError("not base64") from None
        if length != KEY_BYTES:
            raise ValueError(f"{KEY_BYTES} bytes in base64 are needed, not {length}")
        return value


@dataclass(frozen=True)
class Vault:
    """Seals and opens. `subject` is the id of the record that a text belongs to."""

    key_id: str
    demo_data: bool
    _cipher: AESGCM
    _hash_key: bytes

    @classmethod
    def of(cls, settings: NewEmploymentSettings) -> "Vault":
        key = base64.b64decode(settings.personal_data_key.get_secret_value())
        return cls(
            _derive(key, b"id", 4).hex(), settings.demo_data, AESGCM(_derive(key, b"seal")), _derive(key, b"hash")
        )

    def seal(self, text: str, subject: str) -> str:
        """`v1:<key id>:<base64 of nonce and ciphertext>`, different each time."""
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + self._cipher.encrypt(nonce, text.encode(), subject.encode())
        return f"{VERSION}:{self.key_id}:{base64.b64encode(body).decode()}"

    def open(self, sealed: str, subject: str) -> str:
        """Raises NEG_PERSONAL_DATA_KEY when it was sealed with another key, or for another subject."""
        _version, key_id, body = sealed.split(":", 2)
        raw = base64.b64decode(body)
        try:
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], subject.encode()).decode()
        except InvalidTag:
            raise NegError.PERSONAL_DATA_KEY(sealedWith=key_id, present=self.key_id) from None

    def fingerprint(self, text: str) -> str:
        """The same for the same text and key; says nothing about the text to who lacks the key."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(key: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"lanling/new-employment-group/" + purpose).derive(key)


async def require_same_key(database: "AsyncIOMotorDatabase[dict[str, Any]]", key_id: str) -> None:
    """The first start notes the id of its key; a start with another key ends with one line, as SystemExit(2)."""
    row = await database["keys"].find_one_and_update(
        {"_id": "personal-data"}, {"$setOnInsert": {"key_id": key_id}}, upsert=True, return_document=True
    )
    if row["key_id"] != key_id:
        print(
            f"configuration: PERSONAL_DATA_KEY is the key {key_id}, "
            f"but the records of {database.name} were sealed with {row['key_id']}",
            file=sys.stderr,
        )
        raise SystemExit(CONFIGURATION_ERROR)


_opened: list[Vault] = []


def use_vault(vault: Vault) -> None:
    """Set the vault of this process; done once, when the service is put together from its settings."""
    _opened[:] = [vault]


def vault() -> Vault:
    """The vault of this process. Raises RuntimeError before `use_vault`."""
    if not _opened:
        raise RuntimeError("the vault is not set: the service was not started with its settings")
    return _opened[0]
