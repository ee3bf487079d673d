"""Exports of a trail, made with another library than the checker's own, and ways of spoiling them.

An export is a list of plain dictionaries, one per line, so that a test spoils what it likes.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Line = dict[str, Any]
DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
AT = "2026-11-22T10:00:00.000000Z"
INSTALLATION = "ubnd-phuong-ben-nghe"


def tool(name: str) -> ModuleType:
    """Import one of deploy's programs: they are no package, each stands alone."""
    if (loaded := sys.modules.get(f"deploy_{name}")) is not None:
        return loaded
    specification = importlib.util.spec_from_file_location(f"deploy_{name}", DEPLOY / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[f"deploy_{name}"] = module
    specification.loader.exec_module(module)
    return module


def canonical(record: Any) -> bytes:
    """The one way of writing that is hashed and signed, as the format says."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def public(key: Ed25519PrivateKey = KEY) -> bytes:
    """The raw public key."""
    return key.public_key().public_bytes_raw()


def key_id(key: Ed25519PrivateKey = KEY) -> str:
    """The id under which heads name a key."""
    return hashlib.sha256(public(key)).hexdigest()[:16]


def a_key(key: Ed25519PrivateKey = KEY) -> Line:
    """A key line."""
    return {"type": "key", "id": key_id(key), "public": public(key).hex()}


def an_entry(chain: int, sequence: int, **changes: Any) -> Line:
    """What is hashed."""
    return {
        "chain": chain,
        "sequence": sequence,
        "at": f"2026-11-22T10:{sequence // 60 % 60:02}:{sequence % 60:02}.000000Z",
        "actor": 7,
        "acting_for": None,
        "fact": "documents.revision_approved",
        "record": "revision",
        "record_id": 40 + sequence,
        "body": chain or None,
        "details": {"comment": "Đồng ý ban hành “lần 2”", "round": sequence, "share": 0.5},
    } | changes


def an_entry_line(entry: Line) -> Line:
    """An entry whose hash is still to be made."""
    return {"type": "entry", "entry": entry, "hash": "", "mac": "5a" * 32, "key": "trail-2026"}


def a_head(chain: int, sequence: int, sealed: str, key: Ed25519PrivateKey = KEY) -> Line:
    """A signed head."""
    head = {
        "installation": INSTALLATION,
        "chain": chain,
        "sequence": sequence,
        "hash": sealed,
        "at": AT,
    }
    signature = key.sign(b"nenep-head-v1\n" + canonical(head)).hex()
    return {"type": "head", **head, "key": key_id(key), "signature": signature}


def entries(lines: list[Line], chain: int) -> list[Line]:
    """The entry lines of one chain."""
    return [line for line in lines if line["type"] == "entry" and line["entry"]["chain"] == chain]


def rehash(lines: list[Line], chain: int, *, since: int = 1) -> None:
    """Make hashes and numbers of a chain agree again, as whoever owns the database could."""
    previous = bytes(32)
    for sequence, line in enumerate(entries(lines, chain), 1):
        if sequence >= since:
            line["entry"]["sequence"] = sequence
            line["hash"] = hashlib.sha256(previous + canonical(line["entry"])).hexdigest()
        previous = bytes.fromhex(line["hash"])
    announce(lines)


def announce(lines: list[Line]) -> None:
    """Make the first and the last line say what is there."""
    for chain in lines[0]["chains"]:
        there = entries(lines, chain["chain"])
        chain |= {"entries": len(there), "hash": there[-1]["hash"] if there else "0" * 64}
    lines[-1]["entries"] = sum(chain["entries"] for chain in lines[0]["chains"])


def reseal(lines: list[Line], key: Ed25519PrivateKey) -> None:
    """Sign every head anew over what is there now."""
    for place, line in enumerate(lines):
        if line["type"] == "head":
            sealed = entries(lines, line["chain"])[line["sequence"] - 1]["hash"]
            lines[place] = a_head(line["chain"], line["sequence"], sealed, key)


def an_export(
    lengths: Mapping[int, int] | None = None,
    *,
    heads: tuple[int, ...] = (2,),
    details: Mapping[tuple[int, int], Line] | None = None,
    key: Ed25519PrivateKey = KEY,
) -> list[Line]:
    """A sound export: per chain so many entries, heads at some of them and always at the last."""
    lengths = {0: 4, 3: 6} if lengths is None else lengths
    lines: list[Line] = [
        {
            "type": "export",
            "format": 1,
            "installation": INSTALLATION,
            "at": AT,
            "chains": [{"chain": chain, "entries": 0, "hash": ""} for chain in lengths],
        },
        a_key(key),
    ]
    for chain, length in lengths.items():
        for sequence in range(1, length + 1):
            entry = an_entry(chain, sequence)
            if details and (chain, sequence) in details:
                entry["details"] = details[chain, sequence]
            lines.append(an_entry_line(entry))
    lines.append({"type": "end", "entries": 0})
    for chain in lengths:
        rehash(lines, chain)
    announce(lines)
    seals = [
        a_head(chain, sequence, entries(lines, chain)[sequence - 1]["hash"], key)
        for chain, length in lengths.items()
        for sequence in sorted({place for place in heads if place < length} | {length})
        if sequence
    ]
    lines[-1:-1] = seals
    return lines


def kept(lines: list[Line]) -> list[Line]:
    """The head lines somebody copied out, unchanged by what happens to the export later."""
    return copy.deepcopy([line for line in lines if line["type"] == "head"])


def position(lines: list[Line], chain: int, sequence: int) -> int:
    """Where in the list an entry stands."""
    return next(
        place
        for place, line in enumerate(lines)
        if line["type"] == "entry"
        and (line["entry"]["chain"], line["entry"]["sequence"]) == (chain, sequence)
    )


def written(lines: list[Line]) -> bytes:
    """The file."""
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
