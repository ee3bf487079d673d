#!/usr/bin/env python3
"""Prove an exported trail without the system that wrote it (ISO 9001:2015, 7.5.3).

It needs Python 3.11 or newer and nothing else, reads no database and shares no line with the
product: whoever doubts the product can read these pages instead.

    python check_trail.py EXPORT.jsonl [--key HEX ...] [--heads OLD_HEADS.jsonl] [--files DIR]
Exit 0: everything holds. Exit 1: the first wrong record is named. Exit 2: nothing that can be read.
"""

import argparse
import functools
import hashlib
import json
import math
import re
import sys
from pathlib import Path

# --- Ed25519, verification only (RFC 8032, 5.1). A point is (X, Y, Z, T): x = X/Z, y = Y/Z, T = xyZ
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def add(a, b):
    """Add two points; the formula has no exceptions, so it doubles too."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    o, q = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, q - o, q + o, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P

def point(raw):
    """Decode a point; None when the bytes are no point, or not the one way of writing it."""
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    u, v = y * y - 1, D * y * y + 1
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x - u) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (v * x * x - u) % P != 0 or (x == 0 and sign == 1):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))

@functools.cache
def signature_holds(public, message, signature):
    """Say whether R = [S]B - [k]A; both products are made in one walk over the bits."""
    key, s = point(public), int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    total, minus = (0, 1, 1, 0), (P - key[0], key[1], 1, P - key[3])
    table = total, BASE, minus, add(BASE, minus)
    for bit in range(252, -1, -1):
        total = add(add(total, total), table[(s >> bit & 1) + 2 * (k >> bit & 1)])
    x, y = (part * pow(total[2], -1, P) % P for part in total[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]

# --- reading: nothing that two readers could take differently
class Wrong(ValueError):
    """A record does not hold."""

class Unreadable(Exception):
    """What was given is nothing this program can check."""

def need(holds, why):
    """Every check is one call of this."""
    if not holds:
        raise Wrong(why)

def once(pairs):
    """Build an object; a name given twice would be read differently by different readers."""
    need(len(record := dict(pairs)) == len(pairs), "a name stands twice in one object")
    return record

def finite(word):
    """Read a number with a fraction; JSON has no NaN and no infinity."""
    need(math.isfinite(number := float(word)), f"{word} is no number")
    return number

DECODER = json.JSONDecoder(object_pairs_hook=once, parse_float=finite, parse_constant=finite)
# the one way of writing a record in which it is hashed and signed
canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
# what each field must be: in canonical JSON of a shape, or of a type (its inside is only hashed)
NUMBER, MAYBE, TEXT, ID, HEX = "[0-9]+", "[0-9]+|null", '".+"', '"[0-9a-f]{16}"', '"[0-9a-f]{64}"'
MOMENT = '"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9][.][0-9]{6}Z"'
SEALED = {"installation": TEXT, "chain": NUMBER, "sequence": NUMBER, "hash": HEX, "at": MOMENT}
LINES = {
    "export": {"format": "1", "installation": TEXT, "at": MOMENT, "chains": list},
    "entry": {"entry": dict, "hash": HEX, "mac": HEX, "key": TEXT},
    "head": SEALED | {"key": ID, "signature": '"[0-9a-f]{128}"'},
    "key": {"id": ID, "public": HEX}, "end": {"entries": NUMBER},
}
CHAIN = {"chain": NUMBER, "entries": NUMBER, "hash": HEX}
ENTRY = {"chain": NUMBER, "sequence": NUMBER, "at": MOMENT, "actor": MAYBE, "acting_for": MAYBE}
ENTRY |= {"fact": TEXT, "record": TEXT, "record_id": MAYBE, "body": MAYBE, "details": dict}

def fits(record, fields):
    """A record has exactly these fields, and in each what belongs there."""
    need(type(record) is dict and record.keys() == fields.keys(), f"not the fields {[*fields]}")
    for name, shape in fields.items():
        written = canonical(record[name]) if type(shape) is str else ""
        right = re.fullmatch(shape, written) if type(shape) is str else type(record[name]) is shape
        need(right, f"{name} is {written:.90}")

def read(raw):
    """Read one line: its type, and its fields as they come."""
    record = DECODER.decode(raw.decode())
    need(type(record) is dict and record.get("type") in [*LINES], "a line of unknown type")
    return record.pop("type"), record

# --- the trail: hash = SHA-256(previous hash, canonical entry); signed heads pin the hashes
def id_of(public):
    """The id of a public key in hex."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]

def check(lines, pinned, kept, files, where):
    """Check an export; `where` names the record being looked at, and what was found is returned."""
    keys, heads, hashes, stored = {id_of(key): key for key in pinned}, [*kept], {}, {}
    try:
        kind, export = read(next(lines, b""))
        need(kind == "export" and export.get("format") == 1, "something else")
    except (ValueError, RecursionError) as error:
        raise Unreadable("this is no export of a trail in format 1") from error
    fits(export, LINES["export"])
    for chain in export["chains"]:
        fits(chain, CHAIN)
        need(chain["chain"] not in hashes, f"chain {chain['chain']} is announced twice")
        hashes[chain["chain"]] = [bytes(32)]

    def following(wanted, why):
        """Read up to the next entry, or the end; keys and heads on the way are laid aside."""
        while True:
            where["line"], where["aside"] = where["line"] + 1, False
            need((raw := next(lines, None)) is not None, "the export is cut: its end is missing")
            kind, record = read(raw)
            where["aside"] = kind in ("key", "head")
            fits(record, LINES[kind])
            if kind == "key":
                need(id_of(record["public"]) == record["id"], "the key is not the one its id names")
                if not pinned:
                    keys[record["id"]] = record["public"]
            elif kind == "head":
                heads.append((record, where["line"]))
            else:
                need(kind == wanted, why)
                return record

    for chain, known in zip(export["chains"], hashes.values(), strict=True):
        where |= {"chain": chain["chain"], "sequence": 0}
        for where["sequence"] in range(1, chain["entries"] + 1):
            line = following("entry", "this entry is missing")
            check_entry(line["entry"], line["hash"], known, where, files, stored)
        need(known[-1].hex() == chain["hash"], "the first line announces another last hash")
    where["sequence"] = where.get("sequence", 0) + 1
    end = following("end", "more than the first line announces")
    where["aside"], total = True, sum(chain["entries"] for chain in export["chains"])
    need(end["entries"] == total, f"the last line counts other entries than the {total} here")
    need(next(lines, None) is None, "more lines after the last")

    where["aside"], newest = False, dict.fromkeys(hashes, 0)
    for head, line in sorted(heads, key=lambda pair: (pair[0]["chain"], pair[0]["sequence"])):
        where |= {"chain": head["chain"], "sequence": head["sequence"], "line": line}
        check_head(head, keys, export["installation"], hashes, where)
        if type(line) is int:  # a head kept from before seals nothing that came after it
            newest[head["chain"]] = head["sequence"]
    for chain, sequence in newest.items():
        where |= {"chain": chain, "sequence": sequence + 1, "line": "of this entry"}
        need(sequence == len(hashes[chain]) - 1, "from here on no signed head covers the entries")
    return keys, heads, hashes, stored

def check_entry(entry, said, known, where, files, stored):
    """An entry stands in its place, is bound to the one before, and its files are those stored."""
    fits(entry, ENTRY)
    place = f"chain {entry['chain']}, sequence {entry['sequence']}"
    moved = f"here stands the entry of {place}: one was taken out, put in or moved"
    need(entry["chain"] == where["chain"] and entry["sequence"] == where["sequence"], moved)
    known.append(hashlib.sha256(known[-1] + canonical(entry).encode()).digest())
    need(known[-1].hex() == said, "its hash does not follow from its content and the entry before")
    several = entry["details"].get("files")
    for item in [entry["details"], *(several if type(several) is list else [])]:
        digest = item.get("sha256") if type(item) is dict else None
        if files and type(digest) is str and re.fullmatch("[0-9a-f]{64}", digest):
            path = files / digest[:2] / digest
            stored[digest] = path.is_file()
            actual = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else digest
            need(actual == digest, f"the stored file {digest} holds other bytes")

def check_head(head, keys, installation, hashes, where):
    """A head is signed with a trusted key, and the entry it seals is the one in the export."""
    need(head["installation"] == installation, "a head of another installation")
    need(head["key"] in keys, f"signed with key {head['key']}, which is not trusted")
    message = b"nenep-head-v1\n" + canonical({name: head[name] for name in SEALED}).encode()
    public, signature = bytes.fromhex(keys[head["key"]]), bytes.fromhex(head["signature"])
    need(signature_holds(public, message, signature), "the signature does not hold")
    need(head["chain"] in hashes, "this chain was sealed and is not in the export")
    known, sequence = hashes[head["chain"]], head["sequence"]
    where["sequence"] = min(sequence, len(known))
    need(sequence < len(known), f"sealed up to {sequence}, gone from here on: cut or rolled back")
    need(known[sequence].hex() == head["hash"], "it, or one before, is not what was sealed")

def kept_heads(path):
    """Read the head lines kept from before."""
    for number, raw in enumerate(path.read_bytes().splitlines() if path else (), start=1):
        try:
            kind, head = read(raw)
            need(kind == "head", "no head")
            fits(head, LINES["head"])
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"kept heads, line {number}: {error!a:.90}") from error
        yield head, f"{number} of the kept heads"

def main(arguments=None):
    """Check one export and say what was found."""
    cli = argparse.ArgumentParser(description="Prove an exported trail.")
    cli.add_argument("export", type=Path)
    cli.add_argument("--key", action="append", default=[], help="a public key you trust, in hex")
    cli.add_argument("--heads", type=Path, help="head lines kept from before, outside the system")
    cli.add_argument("--files", type=Path, help="the folder of stored files")
    options, where = cli.parse_args(arguments), {"line": 1, "aside": True}
    try:
        if not all(re.fullmatch("[0-9a-f]{64}", key) for key in options.key):
            raise Unreadable("a public key is 64 lower-case hexadecimal digits")
        kept = [*kept_heads(options.heads)]
        with options.export.open("rb") as lines:
            keys, heads, hashes, stored = check(lines, options.key, kept, options.files, where)
    except (Unreadable, OSError) as error:
        print(f"cannot check: {error}", file=sys.stderr)
        return 2
    except (ValueError, RecursionError) as error:
        is_entry = "chain" in where and not where["aside"]
        place = f"chain {where['chain']}, sequence {where['sequence']}, " if is_entry else ""
        print(f"WRONG: {place}line {where['line']}: {ascii(str(error))[1:-1]}")
        return 1
    total = sum(len(known) - 1 for known in hashes.values())
    print(f"Everything holds: {total} entries, {len(heads)} signed heads.")
    trust = "given by you" if options.key else "as the export says; compare them yourself"
    print(f"Trusted keys: {trust}")
    print(*(f"  {name} {public}" for name, public in keys.items()), sep="\n")
    print("Not checked: the mac of each entry, which takes the secret key.")
    if options.files:
        missing = [digest for digest, is_there in stored.items() if not is_there]
        print(f"Stored files: {len(stored) - len(missing)} intact, {len(missing)} missing")
        print(*(f"  missing: {digest}" for digest in missing), sep="\n")
    return 0

if __name__ == "__main__":
    sys.exit(main())
