"""A seal for the demo body, from an authority that says it is for trying out only (L19)."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from app.kernel.files import whole_file
from app.kernel.install import DEMO_PASSPHRASE, DEMO_SEAL

AUTHORITY = "Chứng thực thử nghiệm Nền Nếp"
YEARS = timedelta(days=3 * 365)


def _usage(*, signs_documents: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        encipher_only=False,
        decipher_only=False,
    )


def _named(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "THỬ NGHIỆM, không có giá trị pháp lý"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _issued(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    by: rsa.RSAPrivateKey,
    now: datetime,
    *,
    signs_documents: bool,
) -> x509.Certificate:
    constraints = x509.BasicConstraints(ca=not signs_documents, path_length=None)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + YEARS)
        .add_extension(constraints, critical=True)
        .add_extension(_usage(signs_documents=signs_documents), critical=True)
        .sign(by, SHA256())
    )


def make_demo_seal(data: Path, body_name: str, now: datetime) -> None:
    """Make certificate and key of the demo body, and trust the authority; kept if they are there.

    The authority's key is thrown away: nothing more is ever issued by it.
    """
    path = data / DEMO_SEAL
    if path.exists():
        return
    above = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    authority = _named(AUTHORITY)
    root = _issued(authority, authority, above, above, now, signs_documents=False)
    subject = _named(f"{body_name} (thử nghiệm)"[:64])
    certificate = _issued(subject, authority, key, above, now, signs_documents=True)
    content = pkcs12.serialize_key_and_certificates(
        b"demo", key, certificate, [root], BestAvailableEncryption(DEMO_PASSPHRASE.encode())
    )
    trust = data / "trust"
    trust.mkdir(mode=0o700, exist_ok=True)
    (trust / "thu-nghiem.pem").write_bytes(root.public_bytes(Encoding.PEM))
    with whole_file(path) as target:
        target.write(content)
