"""Signing a digest with a body's certificate (L19; PAdES B-B, B-T); large, loaded only for that."""

from __future__ import annotations

from typing import Final

from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import HTTPTimeStamper

from documents.content.own_loop import result_of
from documents.content.seal_key import KeyProblem, SealKey, Signed, Unsealable

TIMESTAMP_SECONDS: Final = 10


def sign_digest(key: SealKey, digest: bytes, timestamp_url: str, most: int) -> Signed:
    """Sign as `seal_key.sign_digest` says; Unsealable where nothing can be signed with the key."""
    signer = SimpleSigner.load_pkcs12_data(key.content, (), key.passphrase.encode())
    if signer is None:
        raise Unsealable(KeyProblem.UNUSABLE, key.certificate)
    problem = ""
    if timestamp_url:
        clock = HTTPTimeStamper(timestamp_url, timeout=TIMESTAMP_SECONDS)
        try:
            cms = _sign(signer, digest, clock)
            if 2 * len(cms) <= most:
                return Signed(cms, is_stamped=True)
            problem = "the answer of the service is too long"
        except Exception as failure:  # refused, silent, or talking nonsense: sealed without it
            problem = f"{type(failure).__name__}: {failure}"[:200]
    return Signed(_sign(signer, digest, None), timestamp_problem=problem)


def _sign(signer: SimpleSigner, digest: bytes, clock: HTTPTimeStamper | None) -> bytes:
    signing = signer.async_sign(digest, "sha256", use_pades=True, timestamper=clock)
    return bytes(result_of(signing).dump())
