"""Signatures in PDFs, read and prepared within the limited child (L19; ISO 9001:2015, 7.5.3.2).

No key and no network is here: the child lays the place for a signature and says what is to be
signed; who signs gets the digest only. Reading says whose signatures a file holds and what they
are worth today against the roots the operator trusts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import x509
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    ModificationLevel,
    SuspiciousModification,
)
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner, PdfSignatureMetadata, PdfSigner
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from documents.content.intake import Reason, Refused
from documents.content.own_loop import result_of

ROOM: Final = 48 * 1024  # bytes kept free for a signature with its chain and timestamp, as hex
_MOST_SIGNATURES: Final = 40
_USAGE: Final = KeyUsageConstraints(
    key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
)


def lay_form(path: Path, out: Path) -> None:
    """Write a PDF with an empty list of signatures: each one added later is seen as such."""
    with path.open("rb") as source, out.open("w+b") as target:
        writer = IncrementalPdfFileWriter(source, strict=False)
        form = DictionaryObject(
            {
                pdf_name("/Fields"): ArrayObject(),
                pdf_name("/SigFlags"): NumberObject(3),
            }
        )
        writer.root[pdf_name("/AcroForm")] = writer.add_object(form)
        writer.update_root()
        writer.write(target)


def prepare(path: Path, out: Path, *, field: str, reason: str) -> dict[str, Any]:
    """Write a PDF with an empty signature added; say what is to be signed and where it goes."""
    about = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        reason=reason,
        subfilter=SigSeedSubFilter.PADES,
    )
    signer = PdfSigner(about, signer=ExternalSigner(None, None, 512))
    with path.open("rb") as source, out.open("w+b") as target:
        writer = IncrementalPdfFileWriter(source, strict=False)
        laid = signer.async_digest_doc_for_signing(writer, bytes_reserved=ROOM, output=target)
        prepared, _document, _output = result_of(laid)
    return {
        "digest": prepared.document_digest.hex(),
        "start": prepared.reserved_region_start,
        "end": prepared.reserved_region_end,
    }


def inspect(path: Path, trust: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Tell every signature of a PDF: who, for whom, by whom vouched, when, worth what."""
    with path.open("rb") as source:
        reader = PdfFileReader(source, strict=False)
        found = list(reader.embedded_regular_signatures)
        if len(found) > _MOST_SIGNATURES:
            raise Refused(Reason.TOO_COMPLEX, "signatures")
        return [_told(one, trust) for one in found]


def additions(base: Path, path: Path, trust: dict[str, list[str]]) -> dict[str, Any]:
    """Say what was added to a PDF since `base`: nothing but whole signatures is acceptable.

    That the new file begins with every byte of the old is looked at here too, before any parsing.
    """
    if not _begins_with(path, base):
        return {"problem": "other_file", "signatures": []}
    before = len(inspect(base, {}))
    with base.open("rb") as source:
        revisions = PdfFileReader(source, strict=False).xrefs.total_revisions
    signatures = inspect(path, trust)
    if len(signatures) <= before:
        return {"problem": "no_signature", "signatures": signatures}
    with path.open("rb") as source:
        reader = PdfFileReader(source, strict=False)
        try:
            review = DEFAULT_DIFF_POLICY.review_file(
                reader, base_revision=revisions - 1, doc_mdp=MDPPerm.FILL_FORMS
            )
        except SuspiciousModification:
            return {"problem": "changed", "signatures": signatures}
    if isinstance(review, SuspiciousModification) or (
        review.modification_level > ModificationLevel.FORM_FILLING
    ):
        return {"problem": "changed", "signatures": signatures}
    if any(one["verdict"] in ("changed", "broken") for one in signatures):
        return {"problem": "changed", "signatures": signatures}
    if not signatures[-1]["covers_all"]:
        return {"problem": "changed", "signatures": signatures}
    return {"problem": "", "signatures": signatures, "added": len(signatures) - before}


def _begins_with(path: Path, base: Path) -> bool:
    if path.stat().st_size <= base.stat().st_size:
        return False
    with path.open("rb") as new, base.open("rb") as old:
        while part := old.read(1 << 20):
            if new.read(len(part)) != part:
                return False
    return True


def _context(trust: dict[str, list[str]], moment: datetime | None = None) -> ValidationContext:
    def ders(name: str) -> list[bytes]:
        return [base64.b64decode(each) for each in trust.get(name, ())]

    return ValidationContext(
        trust_roots=[x509.Certificate.load(each) for each in ders("roots")],
        other_certs=[x509.Certificate.load(each) for each in ders("others")],
        crls=ders("crls"),
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
        retroactive_revinfo=moment is not None,
    )


def _told(one: EmbeddedPdfSignature, trust: dict[str, list[str]]) -> dict[str, Any]:
    certificate = one.signer_cert
    subject, issuer = certificate.subject.native, certificate.issuer.native
    told: dict[str, Any] = {
        "field": str(one.field_name)[:100],
        "name": _name(subject, "common_name"),
        "organisation": _name(subject, "organization_name"),
        "issuer": _name(issuer, "common_name") or _name(issuer, "organization_name"),
        "serial": f"{certificate.serial_number:x}"[:80],
        "certificate": certificate.sha256.hex(),
        "not_after": certificate.not_valid_after.isoformat(),
        "signed_at": one.self_reported_timestamp.isoformat() if one.self_reported_timestamp else "",
        "stamped_at": "",
        "stamped_by": "",
        "covers_all": False,
        "verdict": "broken",
    }
    try:
        status = validate_pdf_signature(one, _context(trust), _context(trust), None, _USAGE)
    except Exception:  # what cannot be checked vouches for nothing; the others are still told
        return told
    token = status.timestamp_validity
    if token is not None and token.intact and token.valid:
        told["stamped_at"] = token.timestamp.isoformat()
        told["stamped_by"] = _name(token.signing_cert.subject.native, "common_name")
    told["covers_all"] = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    told["verdict"] = _verdict(status)
    if told["verdict"] in ("expired", "revoked") and token is not None and token.trusted:
        # what a trusted clock has seen before the certificate ended stays good
        told["verdict"] = _verdict_at(one, trust, token.timestamp) or told["verdict"]
    return told


def _verdict_at(one: EmbeddedPdfSignature, trust: dict[str, list[str]], at: datetime) -> str:
    try:
        then = validate_pdf_signature(one, _context(trust, at), _context(trust, at), None, _USAGE)
    except Exception:
        return ""
    return "valid" if _verdict(then) == "valid" else ""


def _verdict(status: PdfSignatureStatus) -> str:
    """Give one word for what a signature is worth."""
    if not (status.intact and status.valid):
        return "changed"
    if status.coverage is None or status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "changed"
    if not status.docmdp_ok or status.modification_level == ModificationLevel.OTHER:
        return "changed"
    if status.revoked:
        return "revoked"
    if status.error_time_horizon is not None or "EXPIRED" in str(status.trust_problem_indic):
        return "expired"
    return "valid" if status.trusted else "untrusted"


def _name(names: Any, wanted: str) -> str:
    """Give one part of a distinguished name as plain text, without what no page can show."""
    value = names.get(wanted, "") if isinstance(names, dict) else ""
    parts: Iterable[Any] = value if isinstance(value, list) else [value]
    text = ", ".join(str(part) for part in parts)
    return "".join(char for char in text if char.isprintable())[:200]
