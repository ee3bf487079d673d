"""`nenep export`: a body's register, files, units, people and trail, to take away (a52, a53)."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import click
import sqlalchemy as sa

from app.console import Console, Unable, json_option, progress
from app.kernel.db import db
from app.kernel.facts import KernelFact
from app.kernel.files import whole_file
from app.kernel.install import installation
from app.kernel.organisation import Body, Unit
from app.kernel.people import Appointment, Person
from app.kernel.trail_keeping import export_trail
from app.kernel.work import body_of, unit_of_work
from documents.exporting import COLUMNS, FOLDER, SEALED, Exported, leaving
from documents.facts import DocumentFact
from documents.models import Confidentiality
from forms.paper.master_list import MasterListSheet, build_master_list

REGISTER, UNITS, PEOPLE, TRAIL = "danh-muc.xlsx", "don-vi.csv", "nhan-su.csv", "nhat-ky.jsonl"
ABOUT = "DOC-TRUOC.txt"


@click.command("export")
@click.option("--body", "code", required=True, metavar="CODE", help="The body that leaves.")
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def export_body(console: Console, code: str, target: Path) -> None:
    """Write all documents of a body into FILE.zip, as `nenep import` reads them.

    It holds the register, every file of every revision under its code, the sealed and signed
    copies beside, units, people and the sealed trail.
    """
    if target.exists():
        raise Unable(f"{target} is there already. Name another file.")
    with console.ready():
        body = body_of(db.session(), code.casefold())
        gone = list(leaving(db.session(), body))
        _tell(body, gone)
        with (
            whole_file(target) as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
        ):
            _write(archive, body, gone)
    count = sum(len(one.files) + len(one.sealed) for one in gone)
    rows = sum(one.row is not None for one in gone)
    console.tell(
        f"{target}: {rows} rows, {count} files. {ABOUT} in it says how to bring it in again.",
        file=str(target),
        rows=rows,
        files=count,
    )


def _tell(body: Body, gone: list[Exported]) -> None:
    """Tell that a body's documents leave; confidential ones each for itself (T1)."""
    with unit_of_work(None) as work:
        work.record(KernelFact.EXPORTED, work.fresh(body), what="documents", count=len(gone))
        for one in gone:
            if one.revision.document.confidentiality is Confidentiality.NAMED:
                for _path, file in one.files:
                    work.record(DocumentFact.FILE_TAKEN, work.fresh(one.revision), name=file.name)


def _write(archive: zipfile.ZipFile, body: Body, gone: list[Exported]) -> None:
    sheet = MasterListSheet(
        title="Danh mục tài liệu",
        remark=body.name,
        columns=COLUMNS,
        rows=tuple(one.row for one in gone if one.row is not None),
    )
    archive.writestr(REGISTER, build_master_list(sheet))
    archive.writestr(UNITS, _csv(_unit_rows(body)))
    archive.writestr(PEOPLE, _csv(_people_rows(body)))
    with tempfile.TemporaryDirectory(dir=installation().data) as folder:
        trail = Path(folder, TRAIL)
        export_trail(trail, body=body)
        archive.write(trail, TRAIL)
    archive.writestr(ABOUT, _about(body))
    total = sum(len(one.files) + len(one.sealed) for one in gone)
    done = 0
    for one in gone:
        parts = [(path, file.sha256) for path, file in one.files]
        parts += [(path, copy.sha256) for path, copy in one.sealed]
        for path, sha256 in parts:
            with (
                installation().store.path(sha256).open("rb") as source,
                archive.open(path, "w", force_zip64=True) as part,
            ):
                shutil.copyfileobj(source, part)
            done += 1
            progress("files", done, total)


def _unit_rows(body: Body) -> Iterable[tuple[str, ...]]:
    yield ("ma", "ten", "loai", "truc_thuoc", "hoat_dong_tu", "hoat_dong_den")
    units = db.session.scalars(sa.select(Unit).where(Unit.body_id == body.id).order_by(Unit.id))
    for unit in units:
        yield (
            unit.code,
            unit.name,
            str(unit.kind),
            unit.parent.code if unit.parent is not None else "",
            unit.active_from.isoformat(),
            unit.active_until.isoformat() if unit.active_until else "",
        )


def _people_rows(body: Body) -> Iterable[tuple[str, ...]]:
    yield (
        *("ho_ten", "don_vi", "chuc_vu", "tai_khoan", "email", "vai_tro", "pham_vi"),
        *("tu_ngay", "den_ngay", "so_quyet_dinh"),
    )
    rows = db.session.execute(
        sa.select(Person, Appointment)
        .outerjoin(Appointment, Appointment.person_id == Person.id)
        .where(Person.body_id == body.id)
        .order_by(Person.sort_key, Person.id, Appointment.id)
    )
    for person, post in rows:
        yield (
            person.name,
            person.home_unit.code,
            person.post,
            person.login or "",
            person.email,
            *(
                (
                    str(post.role),
                    post.unit.code,
                    post.from_on.isoformat(),
                    post.until_on.isoformat() if post.until_on else "",
                    post.decision_number,
                )
                if post is not None
                else ("",) * 5
            ),
        )


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    """Write rows for spreadsheets; what begins like a formula stays a text (T22)."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in row])
    return out.getvalue()


def _about(body: Body) -> str:
    return (
        f"{body.name}\r\n\r\n"
        f"{REGISTER}: danh mục, mỗi lần ban hành một dòng. {FOLDER}/: tệp theo mã tài liệu.\r\n"
        f"{SEALED}/: bản ký số, để bên cạnh làm bằng chứng, không nhập lại.\r\n"
        f"{UNITS}, {PEOPLE}: đơn vị, nhân sự. {TRAIL}: nhật ký có niêm phong.\r\n\r\n"
        "Nhập lại vào nơi khác / to bring it in elsewhere:\r\n\r\n"
        f'    nenep body create {body.code.upper()} "{body.name}" --units {UNITS}\r\n'
        f"    nenep import --body {body.code.upper()} {REGISTER} {FOLDER}\r\n"
    )
