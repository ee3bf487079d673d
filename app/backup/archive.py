"""The archive: one ZIP of rows, files and keys, a manifest over all of it, and a seal over that.

Nothing in an archive is believed before its manifest was checked: names are ours or refused,
each part has the size and digest the manifest says, and the manifest is sealed.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from app.kernel.keys import Keys, parse

FORMAT = 1
MANIFEST, SEAL, KEYS = "manifest.json", "manifest.seal", "keys.json"
KEPT = ("heads.jsonl", "demo-accounts.json")  # files of the data folder beside database and store
SEALED_AS = b"nenep backup\n"
CHUNK = 1 << 20
_MOST_MANIFEST = 256 << 20
_NAME = re.compile(r"rows/[a-z_]{1,63}\.jsonl|store/[0-9a-f]{2}/[0-9a-f]{64}")
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, zlib.error, lzma.LZMAError)


class BadArchive(Exception):
    """An archive that is refused; the message says why and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Contents:
    """What a checked archive says of itself."""

    path: Path
    manifest: dict[str, Any]
    keys: Keys  # those that seal it: from the environment, else its own

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Give rows and digest by table."""
        return dict(self.manifest["tables"])


def is_known(name: str) -> bool:
    """Say whether a part of this name belongs into an archive."""
    return name in (MANIFEST, SEAL, KEYS, *KEPT) or _NAME.fullmatch(name) is not None


def copied(source: IO[bytes], target: IO[bytes] | None, *, at_most: int) -> tuple[int, str]:
    """Copy and digest a part; ValueError when it is longer than it may be."""
    size, known = 0, hashlib.sha256()
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > at_most:
            raise ValueError("longer than it says")
        known.update(chunk)
        if target is not None:
            target.write(chunk)
    return size, known.hexdigest()


def sealed(keys: Keys, manifest: bytes) -> bytes:
    """Seal a manifest with the present key."""
    seal = {"key": keys.seal_id, "signature": keys.seal(SEALED_AS + manifest).hex()}
    return json.dumps(seal).encode()


def checked(path: Path, own_keys: Keys | None) -> Contents:
    """Check a whole archive and give what it says; BadArchive when anything is wrong.

    `own_keys` are those given from the environment: then the archive must be sealed by them.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _checked(archive, path, own_keys)
    except BadArchive:
        raise
    except FileNotFoundError as problem:
        raise BadArchive(f"There is no file {path}.") from problem
    except _BROKEN as problem:
        raise BadArchive(
            f"{path.name} is no whole archive ({problem}): it was cut or changed on its way. "
            "Fetch it again, or take another backup."
        ) from problem
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as problem:
        raise BadArchive(
            f"{path.name} is no backup of Nền Nếp, or it was changed ({problem})."
        ) from problem


def _checked(archive: zipfile.ZipFile, path: Path, own_keys: Keys | None) -> Contents:
    names = [info.filename for info in archive.infolist()]
    if len(names) != len(set(names)) or not all(map(is_known, names)):
        strange = next((name for name in names if not is_known(name)), "a name twice")
        raise BadArchive(f"{path.name} holds what no backup holds: {strange[:80]!r}.")
    if MANIFEST not in names or SEAL not in names:
        raise BadArchive(f"{path.name} is no backup of Nền Nếp: it has no manifest.")
    raw = _small(archive, MANIFEST, _MOST_MANIFEST)
    manifest = json.loads(raw)
    if manifest["product"] != "nenep" or manifest["format"] != FORMAT:
        raise BadArchive(f"{path.name} is of another product or another form of backup.")
    keys = parse(_small(archive, KEYS, CHUNK).decode()) if KEYS in names else None
    holder = _holder(path, raw, json.loads(_small(archive, SEAL, CHUNK)), keys, own_keys)
    parts = manifest["parts"]
    if set(names) != {*parts, MANIFEST, SEAL}:
        raise BadArchive(f"{path.name} does not hold the parts its manifest names.")
    for name, part in parts.items():
        with archive.open(name) as source:
            size, known = copied(source, None, at_most=int(part["size"]))
        if (size, known) != (part["size"], part["sha256"]):
            raise BadArchive(f"{path.name}: {name} was changed since the backup was made.")
    return Contents(path, manifest, holder)


def _holder(
    path: Path, raw: bytes, seal: dict[str, str], keys: Keys | None, own_keys: Keys | None
) -> Keys:
    """Give the keys that seal an archive; BadArchive when none do."""
    holder = own_keys or keys
    if holder is None:
        raise BadArchive(
            f"{path.name} holds no keys. Give those of that installation: --keys FILE, or "
            "NENEP_KEYS or NENEP_KEYS_FILE where they come from the environment."
        )
    signature = bytes.fromhex(seal["signature"])
    if not holder.seal_holds(seal["key"], signature, SEALED_AS + raw):
        whose = "of this installation" if own_keys else "it carries: it was changed"
        raise BadArchive(f"{path.name} is not sealed by the keys {whose}.")
    return holder


def _small(archive: zipfile.ZipFile, name: str, at_most: int) -> bytes:
    with archive.open(name) as source:
        content = source.read(at_most + 1)
    if len(content) > at_most:
        raise BadArchive(f"{name} is longer than it can be.")
    return content


def lines_of(archive: zipfile.ZipFile, name: str, longest: int) -> Iterator[bytes]:
    """Give the lines of a part, none longer than may be held in memory."""
    with archive.open(name) as source:
        while line := source.readline(longest + 1):
            if len(line) > longest:
                raise ValueError(f"{name}: a row longer than can be")
            yield line
