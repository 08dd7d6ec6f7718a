"""Make an authority of our own, with certificates for a broker and an operator: for tests, and for a first start.

    python deploy/kafka/certificates.py DIRECTORY --host kafka.example.cn --host 10.0.0.5

    ca.pem, ca.key     the authority; every client trusts ca.pem, ca.key belongs offline
    broker.pem         key and certificate of the brokers, for all hosts named
    operator.pem       key and certificate of an operator

With `--renew`, the authority in DIRECTORY issues broker.pem and operator.pem anew.

In production the county's own authority issues the same: the subject is CN=broker or CN=operator alone, the broker's
certificate names its hosts, both may be used by clients, the broker's by servers too. Files that are there
stay, without --renew.
"""

import argparse
import ipaddress
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 365
BROKER_USES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
OPERATOR_USES = [ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass(frozen=True)
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def issue(self, name: str, uses: list[x509.ObjectIdentifier], hosts: list[str]) -> bytes:
        """A new key and its certificate for CN=`name`, in one PEM file."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(name, key).issuer_name(self.certificate.subject)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(authority_key, critical=False)
        if hosts:
            names = x509.SubjectAlternativeName([_host_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return _pem(key) + builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def new_authority(name: str) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, key).issuer_name(_name(name))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    usage = x509.KeyUsage(
        key_cert_sign=True,
        crl_sign=True,
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return Authority(key, builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()))


def write_certificates(directory: Path, hosts: list[str]) -> None:
    """Write the four files. Raises FileExistsError rather than replace one of them."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = new_authority("Lanling Kafka authority")
    _write(directory / "ca.key", _pem(authority.key))
    _write(directory / "ca.pem", authority.certificate.public_bytes(Encoding.PEM))
    _write(directory / "broker.pem", authority.issue("broker", BROKER_USES, hosts))
    _write(directory / "operator.pem", authority.issue("operator", OPERATOR_USES, []))


def renew_certificates(directory: Path, hosts: list[str]) -> None:
    """New keys and certificates by the authority that is there; each file is replaced at once. Raises OSError."""
    authority = read_authority(directory)
    renewed = {
        "broker.pem": authority.issue("broker", BROKER_USES, hosts),
        "operator.pem": authority.issue("operator", OPERATOR_USES, []),
    }
    for name, content in renewed.items():
        part = directory / f"{name}.part"
        part.unlink(missing_ok=True)
        _write(part, content)
        part.replace(directory / name)


def read_authority(directory: Path) -> Authority:
    key = load_pem_private_key((directory / "ca.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(key, x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes()))


def _builder(name: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    # An hour back: clocks of other machines may be behind.
    start = datetime.now(UTC) - timedelta(hours=1)
    builder = x509.CertificateBuilder(subject_name=_name(name), public_key=key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(start).not_valid_after(start + timedelta(days=VALID_DAYS))


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(file: Path, content: bytes) -> None:
    mode = 0o644 if file.name == "ca.pem" else 0o600
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)


def main() -> None:
    parser = argparse.ArgumentParser(description="Certificates for a secured broker and its operator.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--host", action="append", required=True, help="name or address of a broker; repeatable")
    parser.add_argument("--renew", action="store_true", help="by the authority that is there")
    given = parser.parse_args()
    try:
        (renew_certificates if given.renew else write_certificates)(given.directory, given.host)
    except FileExistsError as error:
        sys.exit(f"{error.filename} is there already and stays as it is")
    except OSError as error:
        sys.exit(f"{error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
