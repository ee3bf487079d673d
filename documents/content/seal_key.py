"""A body's certificate and what it signs: digests only, never a parsed file (L19; PAdES B-B, B-T).

The certificate is a PKCS#12 file outside the database; every problem with it has a word, and
nothing is signed while there is one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

_LARGEST: Final = 4 << 20


class KeyProblem(StrEnum):
    """Why a certificate cannot seal; the value is what /health says."""

    NOT_SET = "not_set"
    MISSING = "missing"
    PASSPHRASE = "passphrase"  # noqa: S105 -- a reason, no secret
    UNUSABLE = "unusable"
    NOT_YET = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Unsealable(Exception):
    """The certificate cannot seal; `problem` says why."""

    def __init__(self, problem: KeyProblem, certificate: x509.Certificate | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.certificate = certificate


@dataclass(frozen=True, eq=False)
class Trust:
    """The certificates and revocation lists the operator put into the folder of trust."""

    roots: tuple[x509.Certificate, ...] = ()
    others: tuple[x509.Certificate, ...] = ()
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    unreadable: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, list[str]]:
        """Give everything as text, for the child that checks signatures."""

        def told(each: Any) -> str:
            return base64.b64encode(each.public_bytes(Encoding.DER)).decode()

        return {
            "roots": [told(each) for each in self.roots],
            "others": [told(each) for each in self.others],
            "crls": [told(each) for each in self.crls],
        }


@dataclass(frozen=True)
class SealKey:
    """An open certificate that may seal now."""

    certificate: x509.Certificate
    content: bytes = field(repr=False)
    passphrase: str = field(repr=False)

    @property
    def name(self) -> str:
        """Give whose seal this is."""
        return common_name(self.certificate.subject)


def common_name(name: x509.Name) -> str:
    """Give the common name, or the organisation where there is none."""
    for wanted in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(wanted)
        if found:
            return str(found[0].value)[:200]
    return ""


def trust_in(folder: Path) -> Trust:
    """Read the folder of trust: what signs itself is a root, what does not stands between."""
    roots: list[x509.Certificate] = []
    others: list[x509.Certificate] = []
    crls: list[x509.CertificateRevocationList] = []
    unreadable: list[str] = []
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    for path in files:
        ending = path.suffix.lower()
        try:
            if ending == ".crl":
                crls.append(_crl(path.read_bytes()))
            elif ending in (".pem", ".crt", ".cer", ".der"):
                for certificate in _certificates(path.read_bytes()):
                    is_root = certificate.subject == certificate.issuer
                    (roots if is_root else others).append(certificate)
        except (OSError, ValueError):
            unreadable.append(path.name)
    return Trust(tuple(roots), tuple(others), tuple(crls), tuple(unreadable))


def _certificates(content: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN CERTIFICATE" in content:
        return x509.load_pem_x509_certificates(content)
    return [x509.load_der_x509_certificate(content)]


def _crl(content: bytes) -> x509.CertificateRevocationList:
    if b"-----BEGIN X509 CRL" in content:
        return x509.load_pem_x509_crl(content)
    return x509.load_der_x509_crl(content)


def open_key(path: Path, passphrase: str, trust: Trust, now: datetime) -> SealKey:
    """Open a PKCS#12 file; Unsealable says why it cannot seal now."""
    try:
        content = path.read_bytes() if path.stat().st_size < _LARGEST else b""
    except OSError as problem:
        raise Unsealable(KeyProblem.MISSING) from problem
    try:
        key, certificate, chain = pkcs12.load_key_and_certificates(content, passphrase.encode())
    except (ValueError, UnsupportedAlgorithm) as problem:
        wrong = "password" in str(problem).lower() or "mac" in str(problem).lower()
        said = KeyProblem.PASSPHRASE if wrong else KeyProblem.UNUSABLE
        raise Unsealable(said) from problem
    if key is None or certificate is None:
        raise Unsealable(KeyProblem.UNUSABLE)
    if problem_of := _problem(certificate, (*chain, *trust.others, *trust.roots), trust, now):
        raise Unsealable(problem_of, certificate)
    return SealKey(certificate, content, passphrase)


def _problem(
    certificate: x509.Certificate,
    known: tuple[x509.Certificate, ...],
    trust: Trust,
    now: datetime,
) -> KeyProblem | None:
    if now < certificate.not_valid_before_utc:
        return KeyProblem.NOT_YET
    if now > certificate.not_valid_after_utc:
        return KeyProblem.EXPIRED
    each: x509.Certificate | None = certificate
    for _depth in range(6):  # one's own, then those who vouch for it
        if each is None or each.subject == each.issuer:
            break
        issuer = next((one for one in known if one.subject == each.issuer), None)
        if _is_revoked(each, issuer, trust):
            return KeyProblem.REVOKED
        each = issuer
    return None


def _is_revoked(each: x509.Certificate, issuer: x509.Certificate | None, trust: Trust) -> bool:
    for crl in trust.crls:
        if crl.issuer != each.issuer:
            continue
        if issuer is not None and not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
            continue
        if crl.get_revoked_certificate_by_serial_number(each.serial_number) is not None:
            return True
    return False


@dataclass(frozen=True)
class Signed:
    """A signature over a digest, and what became of its timestamp."""

    cms: bytes
    is_stamped: bool = False
    timestamp_problem: str = ""


def sign_digest(key: SealKey, digest: bytes, timestamp_url: str, most: int) -> Signed:
    """Sign a digest, with a timestamp where a service is set; its failure never stops the seal."""
    # loaded where a seal is made: the web part never does, and would carry it for nothing
    signing = import_module("documents.content.seal_signing")
    signed: Signed = signing.sign_digest(key, digest, timestamp_url, most)
    return signed


def put_in(path: Path, cms: bytes, start: int, end: int) -> None:
    """Write a signature into the place that was laid for it, between its angle brackets."""
    hexed, room = cms.hex().upper().encode(), end - start - 2
    with path.open("r+b") as file:
        file.seek(start)
        place = file.read(room + 2)
        if place != b"<" + b"0" * room + b">" or not 0 < len(hexed) <= room:
            raise ValueError("there is no such place for a signature")
        file.seek(start + 1)
        file.write(hexed)


def fingerprint(certificate: x509.Certificate) -> str:
    """Give the SHA-256 of a certificate."""
    return certificate.fingerprint(SHA256()).hex()
