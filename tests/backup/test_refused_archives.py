"""Cut, flipped, foreign, older and hostile archives are refused before anything changes (T19)."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.backup.archive import KEYS, MANIFEST, SEAL, BadArchive, checked, sealed
from app.kernel.keys import Keys, new_keys, parse, to_text
from tests.faults.stage import staged
from tests.installed import Installed

pytestmark = [pytest.mark.slow, pytest.mark.covers("T19")]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound backup of a small installation."""
    folder = tmp_path_factory.mktemp("backed")
    with staged("sqlite", folder / "live", "") as world:
        world.effective(1)
        data = world.app.extensions["nenep"].data
        Installed(data).nenep("backup", str(folder / "b.zip"))
    return (folder / "b.zip").read_bytes()


def refused(folder: Path, content: bytes, **environ: str) -> str:
    """Try to restore; demand a refusal that leaves no trace, and give its words."""
    path = folder / "tried.zip"
    path.write_bytes(content)
    empty = Installed(folder / "empty", **environ)
    said = empty.nenep("restore", str(path), code=1)
    assert not empty.data.exists() or list(empty.data.iterdir()) == []
    assert sorted(one.name for one in folder.iterdir() if one.name != "empty") == ["tried.zip"]
    return said


def remade(
    content: bytes,
    change: Callable[[dict[str, bytes]], object],
    *,
    more: tuple[tuple[str, bytes], ...] = (),
    about: Callable[[dict[str, object]], object] | None = None,
) -> bytes:
    """Change an archive as somebody would who holds its keys: digests and seal fit again."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    manifest = json.loads(parts.pop(MANIFEST))
    parts.pop(SEAL)
    change(parts)
    manifest["parts"] = {
        name: {"size": len(part), "sha256": hashlib.sha256(part).hexdigest()}
        for name, part in [*parts.items(), *more]
    }
    for name, part in parts.items():
        if name.startswith("rows/"):
            told = manifest["tables"][name[5:-6]]
            told["rows"] = part.count(b"\n")
            told["sha256"] = hashlib.sha256(part).hexdigest()
    if about is not None:
        about(manifest)
    keys: Keys = parse(parts[KEYS].decode())
    raw = json.dumps(manifest).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name, part in [*parts.items(), *more, (MANIFEST, raw), (SEAL, sealed(keys, raw))]:
            target.writestr(name, part)
    return made.getvalue()


def test_an_archive_that_was_only_remade_is_taken(archive: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(remade(archive, lambda parts: None))
    Installed(tmp_path / "empty").nenep("restore", str(path))


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_archive_is_refused(archive: bytes, tmp_path: Path, share: float) -> None:
    assert "no whole archive" in refused(tmp_path, archive[: int(len(archive) * share)])


def test_flipped_bytes_are_refused_wherever_they_are(archive: bytes, tmp_path: Path) -> None:
    """Some bits of a ZIP say nothing, such as a time: then what it holds is still the same."""
    chance = random.Random(19)
    said_nothing = 0
    for _ in range(60):
        at = chance.randrange(len(archive))
        flipped = bytearray(archive)
        flipped[at] ^= 1 << chance.randrange(8)
        path = tmp_path / "tried.zip"
        path.write_bytes(flipped)
        try:
            checked(path, None)
        except BadArchive:
            continue
        said_nothing += 1
        with zipfile.ZipFile(path) as one, zipfile.ZipFile(io.BytesIO(archive)) as other:
            assert one.namelist() == other.namelist()
            assert all(one.read(name) == other.read(name) for name in other.namelist())
    assert said_nothing < 30


def test_what_is_no_backup_is_refused(archive: bytes, tmp_path: Path) -> None:
    foreign = io.BytesIO()
    with zipfile.ZipFile(foreign, "w") as target:
        target.writestr("manifest.json", "{}")
        target.writestr("manifest.seal", "{}")
    assert "no backup" in refused(tmp_path, foreign.getvalue())
    assert "no whole archive" in refused(tmp_path, b"PK\x05\x06 nothing")
    other = remade(archive, lambda parts: None, about=lambda told: told.update(product="other"))
    assert "another product" in refused(tmp_path, other)
    assert "There is no file" in Installed(tmp_path / "empty").nenep(
        "restore", str(tmp_path / "none.zip"), code=1
    )


def test_an_archive_of_an_older_or_newer_version_names_both(archive: bytes, tmp_path: Path) -> None:
    for version in ("0000", "9999"):
        made = remade(
            archive, lambda parts: None, about=lambda told, v=version: told.update(tables_version=v)
        )
        assert f"tables {version}" in refused(tmp_path, made)


def test_an_archive_sealed_by_others_is_refused_where_keys_are_given(
    archive: bytes, tmp_path: Path
) -> None:
    production = {
        "NENEP_ENV": "production",
        "NENEP_DATABASE_URL": f"sqlite:///{tmp_path}/empty/nenep.db",
        "NENEP_PUBLIC_URL": "https://iso.example.vn",
        "NENEP_KEYS": to_text(new_keys()),
    }
    assert "not sealed by the keys of this installation" in refused(tmp_path, archive, **production)


def test_keys_put_in_place_of_the_real_ones_do_not_prove_the_trail(
    archive: bytes, tmp_path: Path
) -> None:
    def strange(parts: dict[str, bytes]) -> None:
        parts[KEYS] = to_text(new_keys()).encode()

    assert "which this installation does not know" in refused(tmp_path, remade(archive, strange))


def _rows(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Callable[..., None]:
    def put(parts: dict[str, bytes]) -> None:
        part = f"rows/{name}.jsonl"
        parts[part] = b"".join(change(parts[part].splitlines(keepends=True)))

    return put


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], object], tuple[tuple[str, bytes], ...]]] = {
    "a path that climbs": (lambda parts: None, (("store/../../evil", b"x"),)),
    "an absolute path": (lambda parts: None, (("/etc/passwd", b"x"),)),
    "a strange part": (lambda parts: None, (("rows/../x.jsonl", b""),)),
    "a program": (lambda parts: None, (("run.sh", b"rm"),)),
    "a file under a wrong name": (lambda parts: None, ((f"store/00/{'00' * 32}", b"x"),)),
    "a missing table": (lambda parts: parts.pop("rows/person.jsonl"), ()),
    "a row of other columns": (_rows("body", lambda lines: [b"[1]\n", *lines]), ()),
    "a row that is no list": (_rows("body", lambda lines: [b'{"a":1}\n', *lines]), ()),
    "deep nesting": (_rows("body", lambda lines: [b"[" * 100_000 + b"\n", *lines]), ()),
    "a key twice": (_rows("person", lambda lines: [lines[0], *lines]), ()),
    "a trail entry left out": (_rows("trail_entry", lambda lines: lines[:3] + lines[4:]), ()),
    "a trail entry changed": (
        _rows("trail_entry", lambda lines: [lines[0].replace(b"20", b"21", 1), *lines[1:]]),
        (),
    ),
    "a person pointing nowhere": (
        _rows("revision_author", lambda lines: [b"[99999,99999,99999]\n", *lines]),
        (),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused(archive: bytes, tmp_path: Path, name: str) -> None:
    change, more = HOSTILE[name]
    try:
        made = remade(archive, change, more=more)
    except KeyError:
        pytest.fail("the archive of this test has no such part")
    refused(tmp_path, made)
    assert not (tmp_path.parent / "evil").exists()


def test_the_same_name_twice_is_refused(archive: bytes, tmp_path: Path) -> None:
    made = io.BytesIO(archive)
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        zipfile.ZipFile(made, "a") as target,
    ):
        target.writestr(KEYS, b"{}")
    assert "a name twice" in refused(tmp_path, made.getvalue())


def test_a_backup_without_keys_needs_them_and_those_alone(tmp_path: Path) -> None:
    with staged("sqlite", tmp_path / "live", "") as world:
        world.effective(1)
        data = world.app.extensions["nenep"].data
        Installed(data).nenep("backup", "--without-keys", str(tmp_path / "b.zip"))
    empty, archive = Installed(tmp_path / "empty"), str(tmp_path / "b.zip")
    (tmp_path / "others.json").write_text(to_text(new_keys()))
    (tmp_path / "none.json").write_text("[]")
    assert "holds no keys" in empty.nenep("restore", archive, code=1)
    for name, why in (("others", "not sealed"), ("none", "holds no keys of")):
        keys = str(tmp_path / f"{name}.json")
        assert why in empty.nenep("restore", "--keys", keys, archive, code=1)
    empty.nenep("restore", "--keys", str(data / "keys.json"), archive)
    assert json.loads(empty.nenep("trail", "verify", "--json"))["sound"]


def test_a_missing_file_makes_no_backup(tmp_path: Path) -> None:
    with staged("sqlite", tmp_path / "live", "") as world:
        world.effective(1)
        data = world.app.extensions["nenep"].data
        victim = next(world.app.extensions["nenep"].store.everything())[1]
        victim.unlink()
        said = Installed(data).nenep("backup", str(tmp_path / "b.zip"), code=1)
    assert "missing" in said
    assert not (tmp_path / "b.zip").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["live"]
