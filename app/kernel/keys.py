"""The secrets of an installation: trail keys and sealing keys, from a file made at first start."""

import base64
import hashlib
import json
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def _key_id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


@dataclass(frozen=True)
class Keys:
    """Every key of one installation; old ones stay so that old records still verify."""

    installation: str
    mac_keys: dict[str, bytes] = field(repr=False)
    mac_id: str
    seal_keys: dict[str, bytes] = field(repr=False)
    seal_id: str
    session_key: bytes = field(repr=False)

    def seal(self, content: bytes) -> bytes:
        """Sign with the present Ed25519 key."""
        return Ed25519PrivateKey.from_private_bytes(self.seal_keys[self.seal_id]).sign(content)

    def public_keys(self) -> dict[str, bytes]:
        """Give the public half of every sealing key, by id."""
        return {
            key_id: Ed25519PrivateKey.from_private_bytes(raw)
            .public_key()
            .public_bytes(Encoding.Raw, PublicFormat.Raw)
            for key_id, raw in self.seal_keys.items()
        }

    def enclose(self, content: bytes, *, purpose: str) -> str:
        """Lock a secret away (AES-GCM): readable again only with these keys, for this purpose."""
        nonce = secrets.token_bytes(12)
        locked = AESGCM(self._enclosing(self.mac_id)).encrypt(nonce, content, purpose.encode())
        return f"{self.mac_id}.{base64.urlsafe_b64encode(nonce + locked).decode()}"

    def disclose(self, text: str, *, purpose: str) -> bytes | None:
        """Read a secret back; None for what other keys, or another purpose, locked away."""
        key_id, _, rest = text.partition(".")
        if key_id not in self.mac_keys:
            return None
        raw = base64.urlsafe_b64decode(rest)
        try:
            return AESGCM(self._enclosing(key_id)).decrypt(raw[:12], raw[12:], purpose.encode())
        except InvalidTag:
            return None

    def _enclosing(self, key_id: str) -> bytes:
        """Derive the enclosing key; old ones stay, so what they locked stays readable."""
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"nenep-enclose-v1")
        return derived.derive(self.mac_keys[key_id])

    def seal_holds(self, key_id: str, signature: bytes, content: bytes) -> bool:
        """Say whether a signature was made by one of our keys over this content."""
        raw = self.public_keys().get(key_id)
        if raw is None:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, content)
        except Exception:
            return False
        return True


def new_keys() -> Keys:
    """Make a fresh set of keys."""
    mac = secrets.token_bytes(32)
    seal = Ed25519PrivateKey.generate()
    public = seal.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Keys(
        installation=secrets.token_hex(8),
        mac_keys={_key_id(mac): mac},
        mac_id=_key_id(mac),
        seal_keys={_key_id(public): seal.private_bytes_raw()},
        seal_id=_key_id(public),
        session_key=secrets.token_bytes(32),
    )


def rotated(keys: Keys) -> Keys:
    """Give the same keys with new present ones; the old stay for checking."""
    fresh = new_keys()
    return Keys(
        installation=keys.installation,
        mac_keys={**keys.mac_keys, **fresh.mac_keys},
        mac_id=fresh.mac_id,
        seal_keys={**keys.seal_keys, **fresh.seal_keys},
        seal_id=fresh.seal_id,
        session_key=fresh.session_key,
    )


def to_text(keys: Keys) -> str:
    """Write keys as the JSON that `parse` reads."""
    content = {
        "installation": keys.installation,
        "mac_keys": {key_id: raw.hex() for key_id, raw in keys.mac_keys.items()},
        "mac_id": keys.mac_id,
        "seal_keys": {key_id: raw.hex() for key_id, raw in keys.seal_keys.items()},
        "seal_id": keys.seal_id,
        "session_key": keys.session_key.hex(),
    }
    return json.dumps(content)


def save(keys: Keys, path: Path) -> None:
    """Write the keys for their owner alone (0600), whole or not at all."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(to_text(keys))
        target.flush()
        os.fsync(target.fileno())
        if path.exists():  # a service that was let in to read them stays let in
            former = path.stat()
            os.fchown(target.fileno(), former.st_uid, former.st_gid)
            os.fchmod(target.fileno(), former.st_mode & 0o640)
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def parse(text: str) -> Keys:
    """Read keys from their JSON."""
    content = json.loads(text)
    return Keys(
        installation=content["installation"],
        mac_keys={key_id: bytes.fromhex(raw) for key_id, raw in content["mac_keys"].items()},
        mac_id=content["mac_id"],
        seal_keys={key_id: bytes.fromhex(raw) for key_id, raw in content["seal_keys"].items()},
        seal_id=content["seal_id"],
        session_key=bytes.fromhex(content["session_key"]),
    )


def load_or_make(path: Path) -> Keys:
    """Read the key file; at the first start make it. Two first starts end with one set of keys."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = path.with_name(path.name + ".first")
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            save(new_keys(), path)
        except FileExistsError:
            for _ in range(200):
                if path.exists():
                    break
                time.sleep(0.05)
    return parse(path.read_text(encoding="utf-8"))
