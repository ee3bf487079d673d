"""The file store: every file once, by its SHA-256, on disk before its row (D2, T01, T02)."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Record

_CHUNK = 1 << 20
NAMES_FILE = "names_file"  # in the info of a column: what it holds is in the store


class StoredFile(Record):
    """One file of the store; its name in use belongs to whoever uses it."""

    __tablename__ = "stored_file"

    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True, info={NAMES_FILE: True})
    size: Mapped[int] = mapped_column(sa.BigInteger())
    media_type: Mapped[str] = mapped_column(sa.String(120))
    stored_at: Mapped[datetime]
    released_at: Mapped[datetime | None]  # nothing holds it any more, by a told decision (D5)
    removed_at: Mapped[datetime | None]  # and its bytes are gone


def released_files(connection: Connection) -> set[str]:
    """Give the digest of every file that a decision let go of: rows name it, the store need not."""
    query = sa.select(StoredFile.sha256).where(StoredFile.released_at.is_not(None))
    return set(connection.scalars(query))


def naming_columns() -> Iterator[sa.Column[Any]]:
    """Give every column whose values name files of the store: the one list of them."""
    for table in Record.metadata.sorted_tables:
        for column in table.columns:
            goes_to_store = any(
                link.column.table is StoredFile.__table__ for link in column.foreign_keys
            )
            if goes_to_store or column.info.get(NAMES_FILE):
                yield column


def named_files(connection: Connection) -> set[str]:
    """Give the digest of every file that some record names: what the store has to hold.

    What a decision let go of is not among them.
    """
    named: set[str] = set()
    for column in naming_columns():
        query = sa.select(column).where(column.is_not(None)).distinct()
        named.update(connection.scalars(query))
    return named - released_files(connection)


def named_among(connection: Connection, digests: Collection[str]) -> set[str]:
    """Give those of these files that some record names, whatever became of it."""
    named: set[str] = set()
    for column in naming_columns():
        named.update(connection.scalars(sa.select(column).where(column.in_(digests)).distinct()))
    return named


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file for its owner alone that appears whole under its name, or not at all."""
    folder = path.absolute().parent
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _fsync_folder(folder)


class FileStore:
    """A local folder of files named by their digest; create-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def prepare(self) -> None:
        """Make the folders of the store."""
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, sha256: str) -> Path:
        """Give the place of a file; the digest is checked, so no other path can be named."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a SHA-256 digest")
        return self.folder / sha256[:2] / sha256

    def receive(self, stream: IO[bytes], *, at_most: int) -> tuple[Path, str, int]:
        """Write a stream to a temporary name; give path, digest, size. Too large: ValueError."""
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.incoming, prefix="in-")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    if size > at_most:
                        raise ValueError("too large")
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            with contextlib.suppress(OSError):  # the sweep takes what stays
                path.unlink(missing_ok=True)
            raise
        return path, digest.hexdigest(), size

    def keep(self, path: Path, sha256: str) -> None:
        """Rename a received file to its digest; the folder is synced before any row may name it."""
        final = self.path(sha256)
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _fsync_folder(self.folder)  # also when somebody else has just made it
        if final.exists():
            path.unlink(missing_ok=True)
        else:
            os.chmod(path, 0o400)
            os.rename(path, final)
        _fsync_folder(final.parent)

    def put(self, content: bytes) -> str:
        """Store bytes that were made here; give their digest."""
        sha256 = hashlib.sha256(content).hexdigest()
        handle, name = tempfile.mkstemp(dir=self.incoming, prefix="in-")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
            self.keep(path, sha256)
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)  # kept under its digest by now, or given up
        return sha256

    def takes_files(self) -> bool:
        """Say whether the store can be written now, by writing: rights alone do not tell."""
        try:
            with tempfile.NamedTemporaryFile(dir=self.incoming, prefix="try-") as probe:
                probe.write(bytes(4096))
                probe.flush()
                os.fsync(probe.fileno())
        except OSError:
            return False
        return True

    def digest_of(self, sha256: str) -> str | None:
        """Read a stored file and give the digest of what is there now; None when it is missing."""
        try:
            with self.path(sha256).open("rb") as source:
                return hashlib.file_digest(source, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def everything(self) -> Iterator[tuple[str, Path, float]]:
        """Walk the stored files: digest, path, time of last change."""
        for folder in sorted(self.folder.iterdir()):
            if len(folder.name) == 2 and folder.is_dir():
                for path in sorted(folder.iterdir()):
                    yield path.name, path, path.stat().st_mtime
