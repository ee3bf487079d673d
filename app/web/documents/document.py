"""One document and its life: its text first, then what changed and what hangs on it (screen 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.access import KernelPermission
from app.kernel.calendar import today_of
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.permissions import may
from app.web.addresses import translated as gettext
from app.web.body_address import named_body_id
from app.web.documents.ended import show_ended
from app.web.documents.given import may_publish, offer_here, publisher
from app.web.documents.lifecycles import lifecycle_of
from app.web.documents.links import is_given, link_to, link_to_revision
from app.web.documents.messages import about_document
from app.web.documents.next_step import NextStep, next_step, other_acts, restoring
from app.web.documents.openings import note_opening
from app.web.documents.pages import whole
from app.web.documents.recent import remember
from app.web.documents.redlines import redline_of
from app.web.guard import requires, standing
from app.web.page import page
from app.web.trail_sentences import sentences
from documents import citing, readers, recognising, register, relations, withdrawal
from documents.content.blocks import Reading
from documents.content.recogniser import recogniser
from documents.document_trail import entries_of_document
from documents.models import Document, ImportedHistory, Revision, RevisionState, Withdrawal
from documents.permissions import DocumentPermission
from documents.sealing import newest_copy
from documents.translation import counterpart, lag_of
from documents.trying_again import given_up_seal, why_words

bp = Blueprint("document", __name__)
TABS = ("content", "changes", "related", "trail")
VIEWS = ("merged", "side", "changes", "clean")


@bp.get("/of/<body>/d/<path:code>")
@requires(DocumentPermission.READ_EFFECTIVE)
def given(body: str, code: str) -> ResponseReturnValue:
    """Show what a higher body has published to the viewer's (O4)."""
    found = publisher(body)
    if found is None:
        raise NotFound()
    return _shown(code, found.id)


@bp.get("/d/<path:code>")
@requires(DocumentPermission.READ_EFFECTIVE)
def show(code: str) -> ResponseReturnValue:
    """Show a document: the text of the revision in force first."""
    return _shown(code, named_body_id())


def _shown(code: str, body_id: int | None) -> ResponseReturnValue:
    found = register.find_document(db.session(), standing(), code, body_id=body_id)
    return _show(found) if found is not None else show_ended(code, body_id)


def _show(document: Document) -> ResponseReturnValue:
    if request.script_root + request.path != unquote(link_to(document)):
        return redirect(_canonical(document), 302)
    life = relations.life_of(db.session(), standing(), document)
    revisions = life.readable
    current = next((one for one in revisions if one.state is RevisionState.EFFECTIVE), None)
    coming = next((one for one in revisions if one.is_open), None)
    asked = request.args.get("revision", "")
    chosen = next((one for one in revisions if str(one.id) == asked), None)
    if asked and chosen is None:
        return redirect(link_to(document), 302)  # never another than the one in force (D6)
    shown = chosen or current or coming or (revisions[-1] if revisions else None)
    if shown is not None:
        note_opening(shown)
    remember(document)
    shown_tabs = [name for name in TABS if name != "trail" or not is_given(document)]
    tab = next((name for name in shown_tabs if name == request.args.get("tab")), "content")
    values = _head(document, life, shown, current, coming)
    if tab == "changes":
        values.update(_changes(document, revisions, shown))
    elif tab == "related":
        values.update(_related(document, shown))
    elif tab == "trail":
        values.update(_trail(document))
    else:
        values.update(_content(shown))
    return page("documents/document.html", tab=tab, tabs=tabs_of(document, tab, shown), **values)


def _canonical(document: Document) -> str:
    query = request.query_string.decode()
    return link_to(document) + (f"?{query}" if query else "")


def _head(
    document: Document,
    life: relations.Life,
    shown: Revision | None,
    current: Revision | None,
    coming: Revision | None,
) -> dict[str, Any]:
    """Give what stands above the tabs: states, life line, life cycle, the viewer's next step."""
    today = today_of(document.body, datetime.now(UTC))
    traces = life.traces
    history = _history(traces, shown)
    own = document.body_id == standing().body_id
    followed = coming if coming is not None and shown in (coming, current) else shown
    return {
        "document": document,
        "given": offer_here(document),
        "revisions": life.readable,
        "shown": shown,
        "current": current,
        "coming": coming,
        "today_here": today,
        "editions": _editions(life.editions, coming),
        "lifecycle": lifecycle_of(
            followed,
            today,
            history if followed == shown else _history(traces, followed),
        )
        if followed is not None
        else [],
        "history": history,
        "followed": followed,
        "other_acts": other_acts(standing(), document, is_over=current is None and coming is None)
        if own
        else [],
        "main_file": shown.main_file if shown is not None else None,
        **_twin(document, shown, traces),
        "message": about_document(current, coming) if own else "",
        **_sealing(shown, traces),
        "url_of": lambda **query: url_in(document, **query),
        "revision_url": link_to_revision,
        **_end(document, shown, current, coming, known=own and traces.is_withdrawn_or_to_be),
        "since": max((one.ended_at for one in life.editions if one.ended_at), default=None),
    }


def _sealing(shown: Revision | None, traces: relations.Traces) -> dict[str, Any]:
    """Give the digital copy; to who may have it tried again, that its sealing was given up."""
    if shown is None:
        return {"digital": None, "given_up": None}
    session = db.session()
    has_failed = traces.has_failed_seals and may(standing(), DocumentPermission.TRY_AGAIN, shown)
    return {
        "digital": newest_copy(session, shown) if traces.has_digital_copies else None,
        "given_up": given_up_seal(session, shown) if has_failed else None,
    }


def _end(
    document: Document,
    shown: Revision | None,
    current: Revision | None,
    coming: Revision | None,
    *,
    known: bool,
) -> dict[str, Any]:
    """Give what takes the document out of force, what became of the edition shown, what is next.

    Where nothing is in force or on its way, bringing it back is the one next step (P3).
    """
    session = db.session()
    own = document.body_id == standing().body_id
    pending = withdrawal.pending_withdrawal(session, document) if known else None
    ended = withdrawal.withdrawal_of(session, shown) if known and shown is not None else None
    may_draft = own and may(standing(), DocumentPermission.DRAFT_REVISION, document)
    is_past = may_draft and shown is not None and shown not in (current, coming)
    restores = shown if is_past and not (shown is None or shown.restore_obstacle()) else None
    if restores is not None and current is None and coming is None:
        step: NextStep | None = restoring(restores)
        restores = None
    else:
        step = next_step(standing(), document, coming) if own else None
    return {
        "withdrawal": _seen(pending) or _seen(ended),
        "is_disposed": shown is not None and shown.disposed_at is not None,
        "restores": restores if coming is None else None,
        "next_step": step,
    }


def _seen(found: Withdrawal | None) -> Withdrawal | None:
    sees = found is not None and may(standing(), DocumentPermission.SEE_WITHDRAWAL, found)
    return found if sees else None


def _history(traces: relations.Traces, revision: Revision | None) -> ImportedHistory | None:
    return register.history_of(db.session(), revision) if traces.is_imported else None


def _twin(document: Document, shown: Revision | None, traces: relations.Traces) -> dict[str, Any]:
    """Give the same document in the other language, and how far the translation is behind."""
    if document.translates_id is None and not traces.is_translated:
        return {"counterpart": None, "counterpart_url": "", "lag": None}
    session = db.session()
    other = counterpart(session, standing(), document)
    is_original = document.translates_id is None
    translated = register.effective_revision(session, other) if other and is_original else None
    return {
        "counterpart": other,
        "counterpart_url": link_to(other) if other is not None else "",
        "lag": lag_of(session, translated if is_original else shown),
    }


def url_in(document: Document, **query: Any) -> str:
    """Give an address on the page of a document."""
    wanted = "&".join(f"{name}={quote(str(value))}" for name, value in query.items() if value)
    return link_to(document) + (f"?{wanted}" if wanted else "")


def _editions(known: list[Revision], coming: Revision | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "label": one.label,
            "state": one.state,
            "starts_on": _day(one, one.effective_at),
            "ends_on": _day(one, one.ended_at),
        }
        for one in known
    ]
    if coming is not None and coming.in_force_from is not None:
        for one in found:
            if one["ends_on"] is None and one["starts_on"] < coming.in_force_from:
                one["ends_on"] = coming.in_force_from
        found.append(
            {
                "label": coming.label,
                "state": coming.state,
                "starts_on": coming.in_force_from,
                "ends_on": None,
            }
        )
    return found


def _day(revision: Revision, moment: datetime | None) -> date | None:
    return today_of(revision.document.body, moment) if moment is not None else None


def tabs_of(document: Document, tab: str, shown: Revision | None) -> list[dict[str, Any]]:
    """Give the tabs of a document; distribution has an address of its own."""
    chosen = shown.id if shown is not None and request.args.get("revision") else None
    labels = {
        "content": gettext("Content"),
        "changes": gettext("Changes"),
        "related": gettext("Forms and bases"),
        "trail": gettext("Trail"),
    }
    found = [
        {
            "label": labels[name],
            "url": url_in(document, tab=name if name != "content" else None, revision=chosen),
            "current": name == tab,
        }
        for name in TABS
        if name != "trail" or not is_given(document)
    ]
    if document.code is not None and _sees_readers(document):
        distribution = {
            "label": gettext("Distribution and acknowledgement"),
            "url": f"{link_to(document)}/distribution",
            "current": tab == "distribution",
        }
        found.insert(2, distribution)
    has_copies = document.code is not None and not is_given(document)
    if has_copies and may(standing(), DocumentPermission.SEE_COPIES, document):
        copies = {
            "label": gettext("Paper copies"),
            "url": f"{link_to(document)}/copies",
            "current": tab == "copies",
        }
        found.insert(-1, copies)
    if document.code is not None and may_publish(document):
        found.append(
            {
                "label": gettext("Bodies below"),
                "url": f"{link_to(document)}/publication",
                "current": tab == "publication",
            }
        )
    return found


def _sees_readers(document: Document) -> bool:
    """Say whether the viewer sees who reads it: of a given text, the readers in their own body."""
    subject: Any = document
    if is_given(document):
        current = register.effective_revision(db.session(), document)
        subject = readers.distribution_of(db.session(), current, standing()) if current else None
    return subject is not None and may(standing(), DocumentPermission.SEE_DISTRIBUTION, subject)


def _reading(revision: Revision | None) -> Reading | None:
    main = revision.main_file if revision is not None else None
    return register.reading_of(db.session(), main.sha256) if main is not None else None


def _content(shown: Revision | None) -> dict[str, Any]:
    """Give the text as it was read, or how many page pictures there are of it."""
    reading = _reading(shown)
    main = shown.main_file if shown is not None else None
    pages = 0
    recognition = recognised = None
    if main is not None and reading is not None and reading.scan:
        recognition = recognising.recognition_of(db.session(), main.sha256)
        if recognition and recognition.has_words and request.args.get("as") == "recognised":
            recognised = recognising.doubtful(recognition)
    if main is not None and (main.name.lower().endswith(".pdf") or (reading and reading.scan)):
        rendition = register.rendition_of(db.session(), main.sha256)
        pages = (rendition.pages if rendition else 0) or (reading.pages if reading else 0) or 0
    as_pages = bool(pages) and request.args.get("as") != "text" and recognised is None
    return {
        "reading": reading,
        "pages": pages,
        "as_pages": as_pages,
        "recognition": recognition,
        "recognised": recognised,
        "can_recognise": recognition is not None and recogniser() is not None,
        "recognition_why": why_words(recognition.problem)
        if recognition is not None and recognition.failed
        else "",
        "again_url": url_for("digital_copy.recognise_anew", revision_id=shown.id)
        if shown is not None
        and recognition is not None
        and recognition.failed
        and may(standing(), DocumentPermission.TRY_AGAIN, shown)
        else "",
        "headings": []
        if reading is None or as_pages or recognised is not None
        else [
            (number, block)
            for number, block in enumerate(reading.blocks)
            if block.kind == "heading" and block.level < 3
        ][:60],
    }


def _changes(
    document: Document, revisions: list[Revision], shown: Revision | None
) -> dict[str, Any]:
    """Compare two revisions: by default the one shown with the one it follows."""
    by_id = {str(one.id): one for one in revisions}
    new = by_id.get(request.args.get("new", "")) or shown
    old = by_id.get(request.args.get("old", "")) or (new.predecessor if new else None)
    if old is not None and new is not None and old.document_id != document.id:
        old = None
    view = request.args.get("view") if request.args.get("view") in VIEWS else "merged"
    values: dict[str, Any] = {"old": old, "new": new, "view": view, "redline": None}
    for one in (old, new):
        if one is not None and str(one.id) in by_id:
            note_opening(one)
    before, after = _reading(old), _reading(new)
    values["scan"] = any(one is not None and one.scan for one in (before, after))
    if before is not None and after is not None and not values["scan"]:
        values["redline"] = redline_of(before, after)
    values["views"] = [
        {
            "label": label,
            "url": url_in(
                document,
                tab="changes",
                old=old.id if old else None,
                new=new.id if new else None,
                view=name,
            ),
            "current": name == view,
        }
        for name, label in (
            ("merged", gettext("Merged")),
            ("side", gettext("Side by side")),
            ("changes", gettext("Changes only")),
            ("clean", gettext("Clean")),
        )
    ]
    return values


def _related(document: Document, shown: Revision | None) -> dict[str, Any]:
    """Give the forms below, the document above, and what the text refers to."""
    parent = document.parent
    if parent is not None and not register.sees(db.session(), standing(), parent):
        parent = None
    cited = relations.cited_by_text(db.session(), standing(), document, _reading(shown))
    return {
        "children": relations.children_of(db.session(), standing(), document),
        "parent": parent,
        "laws": [one for one in cited if one.citation.kind in ("law", "standard")],
        "cited": [one for one in cited if one.citation.kind not in ("law", "standard")],
        "used": citing.where_used(
            db.session(), standing(), document=document, after=whole(request.args.get("after"))
        ),
        "passage": citing.passage_of,
        "link_to": link_to,
        "may_register": document.body_id == standing().body_id
        and may(standing(), DocumentPermission.KEEP_EXTERNAL),
    }


def _trail(document: Document) -> dict[str, Any]:
    """Give the newest entries of the document, its revisions and comments as sentences (T4)."""
    entries = entries_of_document(db.session(), standing(), document)
    whole = ""
    if may(standing(), KernelPermission.READ_TRAIL, document):
        whole = url_for("trail.entries", record=f"document:{document.id}")
    return {"told": sentences(db.session(), entries.entries), "whole_trail": whole}
