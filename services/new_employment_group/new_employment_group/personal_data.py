"""Sealing of personal data: AES-256-GCM for what must be read again, a keyed hash for what must only be recognised.

From a key two are derived, so that the hash says nothing about the cipher. A sealed text names the key that it was
sealed with and is bound to its record: moved to another record it does not open.

`PERSONAL_DATA_KEY` seals; those of `PERSONAL_DATA_OLDER_KEYS` still open and recognise, until everything is sealed anew
(`resealing`). `keys/personal-data` in the database names all keys that records may be sealed with.
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
PERSONAL_DATA = "personal-data"


class NewEmploymentSettings(ServiceSettings):
    """The environment of this service."""

    personal_data_key: SecretStr = Field(examples=["$(openssl rand -base64 32)"], repr=False)
    personal_data_older_keys: SecretStr | None = Field(None, examples=["keys of before, between spaces"], repr=False)

    @field_validator("personal_data_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        _decoded(value.get_secret_value())
        return value

    @field_validator("personal_data_older_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr | None) -> SecretStr | None:
        for text in value.get_secret_value().split() if value else ():
            _decoded(text)
        return value


def _decoded(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"{KEY_BYTES} bytes in base64 are needed, not {len(key)}")
    return key


@dataclass(frozen=True)
class Key:
    """`id` is derived from the key and may be shown."""

    id: str
    cipher: AESGCM
    hash_key: bytes

    @classmethod
    def of(cls, text: str) -> "Key":
        key = _decoded(text)
        return cls(_derive(key, b"id", 4).hex(), AESGCM(_derive(key, b"seal")), _derive(key, b"hash"))

    def fingerprint(self, text: str) -> str:
        return hmac.new(self.hash_key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Vault:
    """Seals and opens. `subject` is the id of the record that a text belongs to."""

    current: Key
    older: tuple[Key, ...]
    demo_data: bool

    @classmethod
    def of(cls, settings: NewEmploymentSettings) -> "Vault":
        older = settings.personal_data_older_keys
        return cls(
            Key.of(settings.personal_data_key.get_secret_value()),
            tuple(Key.of(text) for text in (older.get_secret_value().split() if older else ())),
            settings.demo_data,
        )

    @property
    def keys(self) -> dict[str, Key]:
        return {key.id: key for key in (self.current, *self.older)}

    @property
    def key_id(self) -> str:
        return self.current.id

    @property
    def seal_prefix(self) -> str:
        """What every text begins with that was sealed with the current key."""
        return f"{VERSION}:{self.key_id}:"

    def seal(self, text: str, subject: str) -> str:
        """`v1:<key id>:<base64 of nonce and ciphertext>`, different each time."""
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + self.current.cipher.encrypt(nonce, text.encode(), subject.encode())
        return self.seal_prefix + base64.b64encode(body).decode()

    def open(self, sealed: str, subject: str) -> str:
        """Raises NEG_PERSONAL_DATA_KEY when its key is not among these, or it was sealed for another subject."""
        _version, key_id, body = sealed.split(":", 2)
        raw = base64.b64decode(body)
        try:
            cipher = self.keys[key_id].cipher
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], subject.encode()).decode()
        except (KeyError, InvalidTag):
            raise NegError.PERSONAL_DATA_KEY(sealedWith=key_id, present=self.key_id) from None

    def fingerprint(self, text: str) -> str:
        """The same for the same text and key; says nothing about the text to who lacks the key."""
        return self.current.fingerprint(text)

    def fingerprints(self, text: str) -> frozenset[str]:
        """Under which the text may stand in a record: of all keys."""
        return frozenset(key.fingerprint(text) for key in self.keys.values())


def _derive(key: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"lanling/new-employment-group/" + purpose).derive(key)


async def require_known_keys(database: "AsyncIOMotorDatabase[dict[str, Any]]", vault: Vault) -> None:
    """Note the current key before anything is sealed with it. Ends the process with one line, as SystemExit(2), when
    records may be sealed with keys that the vault has not."""
    row = await database["keys"].find_one({"_id": PERSONAL_DATA})
    sealed_with = row["key_ids"] if row else []
    if missing := sorted(set(sealed_with) - vault.keys.keys()):
        print(
            f"configuration: PERSONAL_DATA_KEY is the key {vault.key_id}, but records of {database.name} were sealed "
            f"with {', '.join(missing)}: name it in PERSONAL_DATA_OLDER_KEYS",
            file=sys.stderr,
        )
        raise SystemExit(CONFIGURATION_ERROR)
    noted = {"$addToSet": {"key_ids": vault.key_id}, "$setOnInsert": {"key_id": vault.key_id}}
    await database["keys"].update_one({"_id": PERSONAL_DATA}, noted, upsert=True)


_opened: list[Vault] = []


def use_vault(vault: Vault) -> None:
    """Set the vault of this process; done once, when the service is put together from its settings."""
    _opened[:] = [vault]


def vault() -> Vault:
    """The vault of this process. Raises RuntimeError before `use_vault`."""
    if not _opened:
        raise RuntimeError("the vault is not set: the service was not started with its settings")
    return _opened[0]
