"""Bringing in what a body has: list and folder in, looked at, put right, done (screen 13; a52)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.kernel.db import db
from app.kernel.errors import InvalidInput, NotFound, RuleBroken
from app.kernel.organisation import units_of
from app.kernel.work import unit_of_work
from app.web.documents.import_uploads import take_files, take_list
from app.web.documents.links import link_to
from app.web.guard import must, requires, signed_in, standing
from app.web.page import at_field, done, page
from documents.content.legacy_fonts import encoded
from documents.importing import batches
from documents.importing.choices import Choice
from documents.importing.items import Item, ItemOutcome, Plan
from documents.importing.problems import Problem, ProblemId
from documents.models import Document, ImportBatch, ImportFile, ImportItem
from documents.permissions import DocumentPermission
from forms.screen.fields import offered
from forms.screen.importing import BringFilesForm, BringListForm, RowForm

bp = Blueprint("imports", __name__)
AT_ONCE = 50
PILLS = (
    ItemOutcome.REFUSE,
    ItemOutcome.DOUBT,
    ItemOutcome.CREATE,
    ItemOutcome.THERE,
    ItemOutcome.LEFT_OUT,
)


@bp.route("/documents/import", methods=["GET", "POST"])
@requires(DocumentPermission.IMPORT)
def listing() -> ResponseReturnValue:
    """Show what was brought before; take a list with its files."""
    must(DocumentPermission.IMPORT, signed_in().body)
    form = BringListForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            name, sha256, sheets = take_list(form.register.data)
            taken = take_files([*(form.files.data or []), *(form.folder.data or [])])
            with unit_of_work(signed_in()) as work:
                batch = batches.begin(work, work.actor.body, name, sha256, sheets)
                for path, digest, size in taken:
                    batches.add_file(work, batch, path, digest, size)
        except (InvalidInput, RuleBroken) as refused:
            status = at_field(form, refused)
        else:
            return done(_brought(len(taken)), to=url_for("imports.show", batch_id=batch.id))
    earlier = db.session.scalars(
        sa.select(ImportBatch)
        .where(ImportBatch.body_id == standing().body_id)
        .order_by(ImportBatch.id.desc())
        .limit(20)
    )
    return page("documents/imports.html", status=status, form=form, earlier=list(earlier))


def _brought(count: int) -> str:
    return str(
        ngettext(
            "%(num)s file is here and will be read now.",
            "%(num)s files are here and will be read now.",
            count,
        )
    )


def _batch(batch_id: int) -> ImportBatch:
    """Give an import of the viewer's own body; NotFound for any other (O4)."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.body_id != standing().body_id:
        raise NotFound()
    must(DocumentPermission.IMPORT, batch)
    return batch


@bp.get("/documents/import/<int:batch_id>")
@requires(DocumentPermission.IMPORT)
def show(batch_id: int) -> ResponseReturnValue:
    """Show what every row becomes, by outcome; while a job works, how far it is."""
    batch = _batch(batch_id)
    plan = batches.plan_of(db.session(), batch)
    wanted = next((one for one in PILLS if str(one) == request.args.get("outcome")), None)
    became = _became(batch)
    rows = [item for item in plan.items if wanted is None or item.outcome is wanted]
    keys = [item.key for item in rows]
    after = request.args.get("after", "")
    start = keys.index(after) + 1 if after in keys else 0
    shown = rows[start : start + AT_ONCE]
    more = keys[start + AT_ONCE - 1] if len(rows) > start + AT_ONCE else None
    return page(
        "documents/import.html",
        part="documents/_import_progress.html",
        batch=batch,
        plan=plan,
        rows=shown,
        became=became,
        link_to=link_to,
        pills=_pills(batch, plan, wanted),
        following=url_for("imports.show", batch_id=batch.id, outcome=wanted, after=more)
        if more
        else None,
        progress=_progress(batch, plan, became),
        form=BringFilesForm(),
        told=in_words,
        ready=sum(item.key not in became for item in plan.ready),
        files_alone=[one for one in plan.loose if one.row is None],
    )


def _pills(batch: ImportBatch, plan: Plan, wanted: ItemOutcome | None) -> list[dict[str, Any]]:
    whole = {
        "label": gettext("All"),
        "count": len(plan.items),
        "url": url_for("imports.show", batch_id=batch.id),
        "current": wanted is None,
    }
    return [
        whole,
        *(
            {
                "label": gettext(outcome.label),
                "count": plan.count(outcome),
                "url": url_for("imports.show", batch_id=batch.id, outcome=outcome),
                "current": wanted is outcome,
            }
            for outcome in PILLS
            if plan.count(outcome) or wanted is outcome
        ),
    ]


def _became(batch: ImportBatch) -> dict[str, Document]:
    """Give the documents that came in, by the key of their row."""
    rows = db.session.execute(
        sa.select(ImportItem.key, Document)
        .join(Document, Document.id == ImportItem.document_id)
        .where(ImportItem.batch_id == batch.id)
    )
    return {row.key: row.Document for row in rows}


def _progress(batch: ImportBatch, plan: Plan, became: dict[str, Document]) -> dict[str, int]:
    counted = db.session.execute(
        sa.select(sa.func.count(ImportFile.id), sa.func.count(ImportFile.found)).where(
            ImportFile.batch_id == batch.id
        )
    ).one()
    return {
        "files": counted[0],
        "read": counted[1],
        "wanted": max(len(plan.ready), len(became)),
        "done": len(became),
    }


@bp.post("/documents/import/<int:batch_id>/files")
@requires(DocumentPermission.IMPORT)
def bring_files(batch_id: int) -> ResponseReturnValue:
    """Take more files; one of the same path takes the place of the one before."""
    batch = _batch(batch_id)
    form = BringFilesForm()
    if not form.validate_on_submit():
        raise InvalidInput(batches.NO_FILES, field="files")
    taken = take_files([*(form.files.data or []), *(form.folder.data or [])])
    if not taken:
        raise InvalidInput(batches.NO_FILES, field="files")
    with unit_of_work(signed_in()) as work:
        batches.bring_more(work, batch, taken)
    return done(_brought(len(taken)), to=url_for("imports.show", batch_id=batch_id))


@bp.post("/documents/import/<int:batch_id>/start")
@requires(DocumentPermission.IMPORT)
def start(batch_id: int) -> ResponseReturnValue:
    """Let the import run, or go on; a job does it."""
    batch = _batch(batch_id)
    with unit_of_work(signed_in()) as work:
        batches.start(work, batch)
    return done(
        gettext("The import runs. You can leave this page; it goes on by itself."),
        to=url_for("imports.show", batch_id=batch_id),
    )


@bp.post("/documents/import/<int:batch_id>/stop")
@requires(DocumentPermission.IMPORT)
def stop(batch_id: int) -> ResponseReturnValue:
    """Stop after the document that is coming in."""
    batch = _batch(batch_id)
    with unit_of_work(signed_in()) as work:
        batches.cancel(work, batch)
    return done(
        gettext("The import is stopped. What is in stays in; it can be taken up again."),
        to=url_for("imports.show", batch_id=batch_id),
    )


@bp.route("/documents/import/<int:batch_id>/row", methods=["GET", "POST"])
@requires(DocumentPermission.IMPORT)
def row(batch_id: int) -> ResponseReturnValue:
    """Show a row and its file side by side with what is wrong; take a decision."""
    batch = _batch(batch_id)
    key = request.args.get("key", "")
    plan = batches.plan_of(db.session(), batch)
    item = next((one for one in plan.items if one.key == key), None)
    if not key:
        item = _first_to_decide(plan)
    if item is None:
        raise NotFound()
    key = item.key
    form = _row_form(batch, plan, item)
    if form.validate_on_submit():
        try:
            with unit_of_work(signed_in()) as work:
                batches.decide(work, batch, key, _choice(form))
        except RuleBroken as refused:
            at_field(form, refused)
        else:
            return done(gettext("Your decision is kept."), to=_next_to_decide(batch, key))
    return page(
        "documents/import_row.html",
        status=422 if form.is_submitted() else 200,
        batch=batch,
        item=item,
        became=_became(batch).get(key),
        link_to=link_to,
        form=form,
        told=in_words,
        before_after=_before_after(item),
        url=url_for("imports.row", batch_id=batch.id, key=key),
    )


def _first_to_decide(plan: Plan) -> Item | None:
    """Give the first row that waits for a decision, else the first of all."""
    waiting = (ItemOutcome.DOUBT, ItemOutcome.REFUSE)
    return next((one for one in plan.items if one.outcome in waiting), next(iter(plan.items), None))


def _next_to_decide(batch: ImportBatch, key: str) -> str:
    """Give the page of the next row that waits for a decision, else the whole list."""
    plan = batches.plan_of(db.session(), batch)
    keys = [item.key for item in plan.items]
    here = keys.index(key) if key in keys else -1
    ordered = plan.items[here + 1 :] + plan.items[: here + 1]
    for item in ordered:
        if item.outcome in (ItemOutcome.DOUBT, ItemOutcome.REFUSE) and item.key != key:
            return url_for("imports.row", batch_id=batch.id, key=item.key)
    return url_for("imports.show", batch_id=batch.id)


def _row_form(batch: ImportBatch, plan: Plan, item: Item) -> RowForm:
    form = RowForm()
    units = units_of(db.session(), batch.body_id, batch.began_on)
    form.unit.choices = offered(
        [("", gettext("As the list says")), *((unit.id, unit.name) for unit in units)]
    )
    taken = {one.path for one in (item.file, *item.older, *item.beside) if one is not None}
    free = [
        *sorted(taken),
        *(one.file.path for one in plan.items if one.row is None and one.file is not None),
        *(one.file for one in plan.loose if one.file),
        *(one.file for one in item.told if one.file),
    ]
    choices = list(dict.fromkeys(free))
    form.file.choices = offered(
        [("", gettext("As it was matched")), *((path, path) for path in choices)]
    )
    if not form.is_submitted():
        _fill(form, item)
    return form


def _fill(form: RowForm, item: Item) -> None:
    """Put what was decided before into the form; what was proposed stands beside it."""
    choice = item.choice
    form.code.data, form.title.data = choice.code or "", choice.title or ""
    form.unit.data = str(choice.unit_id or _proposed_unit(item) or "")
    form.edition.data, form.amendment.data = choice.edition, choice.amendment
    form.approved_on.data, form.effective_on.data = choice.approved_on, choice.effective_on
    form.file.data = choice.file or ""
    form.ended.data = {True: "yes", False: "no"}.get(choice.ended, "")  # type: ignore[arg-type]
    form.on_paper.data, form.convert.data = choice.on_paper, choice.convert
    form.accept.data, form.leave_out.data = choice.accept, choice.leave_out
    for problem in item.open_problems:
        if problem.id in (ProblemId.ROW_WITHOUT_CODE, ProblemId.CODE_LOOKALIKE):
            form.code.data = form.code.data or problem.proposal or ""


def _proposed_unit(item: Item) -> int | None:
    wanted = (ProblemId.UNIT_MISSPELT, ProblemId.UNIT_BEFORE_MERGER)
    if item.unit is not None and any(one.id in wanted for one in item.open_problems):
        return item.unit.id
    return None


def _choice(form: RowForm) -> Choice:
    return Choice(
        code=form.code.data.strip() or None,
        title=form.title.data.strip() or None,
        unit_id=int(form.unit.data) if form.unit.data else None,
        edition=form.edition.data,
        amendment=form.amendment.data,
        approved_on=form.approved_on.data,
        effective_on=form.effective_on.data,
        file=form.file.data or None,
        ended={"yes": True, "no": False}.get(form.ended.data or ""),
        on_paper=bool(form.on_paper.data),
        convert=bool(form.convert.data),
        accept=bool(form.accept.data),
        leave_out=bool(form.leave_out.data),
    )


def _before_after(item: Item) -> list[tuple[str, str, str]]:
    """Give what stood in an old encoding, and what it was turned into."""
    found = []
    if item.row is not None and item.row.encoding:
        found.append((gettext("Row"), item.row.before, item.row.title_typed))
    if item.file is not None and item.file.encoding in ("TCVN3", "VNI"):
        found.append(
            (gettext("File"), encoded(item.file.title, item.file.encoding), item.file.title)
        )
    return found


def in_words(problem: Problem, part: str = "text") -> str:
    """Say what is wrong, or with `advice` what to do, in the reader's language."""
    if part == "advice":
        return str(gettext(problem.advice))
    values = {
        name: gettext(value) if name == "column" else value
        for name, value in problem.values.items()
    }
    said = str(gettext(problem.text, **values))
    return said[:1].upper() + said[1:]
