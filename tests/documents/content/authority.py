"""An authority made by the tests: root, intermediate, seals that hold, ended or were revoked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PASSPHRASE = "câu mật khẩu của con dấu"
NOW = datetime.now(UTC)
_USAGE = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


# certificates of real authorities say where what was taken back is listed
_LIST = x509.CRLDistributionPoints(
    [
        x509.DistributionPoint(
            full_name=[x509.UniformResourceIdentifier("http://127.0.0.1:9/middle.crl")],
            relative_name=None,
            reasons=None,
            crl_issuer=None,
        )
    ]
)


@dataclass
class Holder:
    """A key, its certificate and who vouches for it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    def save(self, path: Path, passphrase: str = PASSPHRASE) -> Path:
        """Write it as an office gets it: PKCS#12 with a passphrase."""
        content = pkcs12.serialize_key_and_certificates(
            b"seal",
            self.key,
            self.certificate,
            list(self.chain),
            BestAvailableEncryption(passphrase.encode()),
        )
        path.write_bytes(content)
        return path


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


@dataclass
class Authority:
    """A root and an intermediate; what they issue and what they take back."""

    root: Holder
    middle: Holder
    revoked: list[x509.Certificate] = field(default_factory=list)

    def issue(
        self,
        common: str,
        organisation: str = "UBND phường Thử Nghiệm",
        *,
        start: datetime = NOW - timedelta(days=30),
        end: datetime = NOW + timedelta(days=365),
        clock: bool = False,
    ) -> Holder:
        """Issue a certificate that signs documents, or keeps time."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        builder = _builder(_name(common, organisation), self.middle.certificate.subject, key)
        builder = builder.not_valid_before(start).not_valid_after(end)
        usage = {**_USAGE, "digital_signature": True, "content_commitment": True}
        builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        builder = builder.add_extension(_LIST, critical=False)
        if clock:
            stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(stamping, critical=True)
        certificate = builder.sign(self.middle.key, SHA256())
        return Holder(key, certificate, (self.middle.certificate, self.root.certificate))

    def revoke(self, holder: Holder) -> None:
        """Take a certificate back."""
        self.revoked.append(holder.certificate)

    def trust_in(self, folder: Path) -> Path:
        """Fill a folder as an operator does: the chain and the list of what was taken back."""
        folder.mkdir(exist_ok=True)
        for name, holder in (("root.pem", self.root), ("middle.crt", self.middle)):
            (folder / name).write_bytes(holder.certificate.public_bytes(Encoding.PEM))
        crl = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.middle.certificate.subject)
            .last_update(NOW - timedelta(hours=1))
            .next_update(NOW + timedelta(days=7))
        )
        for certificate in self.revoked:
            crl = crl.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(certificate.serial_number)
                .revocation_date(NOW - timedelta(hours=2))
                .build()
            )
        signed = crl.sign(self.middle.key, SHA256())
        (folder / "middle.crl").write_bytes(signed.public_bytes(Encoding.DER))
        return folder


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority(common: str, above: Holder | None) -> Holder:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = _name(common, "Cơ quan chứng thực thử nghiệm")
    issuer = above.certificate.subject if above else subject
    builder = _builder(subject, issuer, key)
    builder = builder.not_valid_before(NOW - timedelta(days=400))
    builder = builder.not_valid_after(NOW + timedelta(days=4000))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    usage = {**_USAGE, "key_cert_sign": True, "crl_sign": True}
    builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    return Holder(key, builder.sign(above.key if above else key, SHA256()))


def an_authority() -> Authority:
    """Make an authority of our own."""
    root = _authority("Gốc thử nghiệm", None)
    return Authority(root, _authority("Trung gian thử nghiệm", root))


def ended(authority: Authority, common: str = "Con dấu hết hạn") -> Holder:
    """Issue a certificate whose time is over."""
    return authority.issue(common, start=NOW - timedelta(days=300), end=NOW - timedelta(days=1))
