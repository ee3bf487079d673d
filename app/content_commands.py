"""Files looked at without an installation: what they say, what changed (a24, D11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
from babel.support import NullTranslations, Translations

from app.console import Console, Unable, end, json_option, progress
from documents.content.blocks import Reading, plain_text
from documents.content.changes import Comparison
from documents.content.comparison import compare as compared
from documents.content.intake import Reason, Refused
from documents.content.recogniser import MOST_PAGES, PAGE_SECONDS, Recogniser, recogniser
from documents.content.redline_docx import Hand, tracked_docx
from documents.content.redline_page import redline_page
from documents.content.report import (
    comparison_report,
    place_of,
    reading_report,
    recognised_report,
    refusal_report,
)
from documents.content.workshop import CHILDREN, WorkFailed, Workshop

TRANSLATIONS: Final = Path(__file__).with_name("translations")
Say = Callable[[str], str]
Answer = Reading | Refused
FILE = click.Path(exists=True, path_type=Path)
ONE_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
language_option = click.option(
    "--language",
    type=click.Choice(("en", "vi")),
    default="en",
    help="Language of the messages (en).",
)


def _speaker(language: str) -> Say:
    found: NullTranslations = Translations.load(TRANSLATIONS, [language])
    return found.ugettext


def _message(refused: Refused, say: Say) -> str:
    """Write a refusal in words; a name that cannot be used says why."""
    reason = refused.reason
    if reason is Reason.BAD_NAME and refused.detail:
        return say(refused.detail)
    return say(reason.sentence) % reason.values


def _files(given: tuple[Path, ...]) -> list[Path]:
    """Return the files named, and all below the folders named; links in folders are not gone."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = (each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
            found += sorted(inside)
        else:
            found.append(path)
    return found


def _read(workshop: Workshop, path: Path) -> Answer:
    try:
        return workshop.read(path, path.name)
    except Refused as refused:
        return refused


def _answers(workshop: Workshop, paths: list[Path]) -> Iterator[tuple[Path, Answer]]:
    """Read as many files at a time as there are children; answer in the order asked."""
    with ThreadPoolExecutor(CHILDREN) as readers:
        found = readers.map(lambda path: _read(workshop, path), paths)
        for number, (path, answer) in enumerate(zip(paths, found, strict=True), 1):
            yield path, answer
            if len(paths) > 1:
                progress("Files read:", number, len(paths))


def _report(path: Path, answer: Answer, say: Say) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return refusal_report(str(path), answer, _message(answer, say))
    return reading_report(str(path), answer)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option(
    "--text-to",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the text of each accepted file into this folder as '<file name>.txt'.",
)
@click.option(
    "--recognise",
    is_flag=True,
    help="Recognise the words of scans with Tesseract: seconds a page.",
)
@language_option
@json_option
@click.pass_obj
def check(
    console: Console,
    files: tuple[Path, ...],
    text_to: Path | None,
    recognise: bool,
    language: str,
) -> None:
    """Say of each FILE (or each file below a folder) whether it is taken, and what it says.

    Nothing is stored and no database is needed; files are opened as uploads are, in limited
    children without network. Ends with 1 when a file is refused.

    With --json one object a line, in the order asked:

    \b
    file         the path as given
    accepted     true or false; reason, message: why not (null and '')
    title, code  as the file writes them; code with plain hyphens
    edition, amendment          numbers, or null
    approved_on, effective_on   YYYY-MM-DD, or null
    signers      {author|reviewer|approver: {name, title, date}}
    headings     [{level, number, text}], in order
    words        words of the body, a number
    citations    {laws: [{number, times, passage}],
                  standards: [{number, times, passage}],
                  documents: [{code, times, passage}],
                  forms: [{code, times, passage}]}
    scan         true for a PDF of pictures
    recognised   only with --recognise, and null for what is no scan: what a machine saw on
                 its pages {pages, of, words, doubtful: {title, code, ..., citations}};
                 with --text-to its words are in '<file name>.recognised.txt'
    """
    say = _speaker(language)
    machine = _recogniser() if recognise else None
    paths = _files(files)
    if not paths:
        raise Unable("There is no file in what was named.")
    if text_to is not None:
        text_to.mkdir(parents=True, exist_ok=True)
    refused = False
    workshop = Workshop(wait_seconds=600)
    try:
        for path, answer in _answers(workshop, paths):
            refused = refused or isinstance(answer, Refused)
            report = _report(path, answer, say)
            if machine is not None:
                report["recognised"] = None
                if isinstance(answer, Reading) and answer.scan:
                    seen, pages = _recognised(workshop, path, machine)
                    report["recognised"] = recognised_report(seen, pages, answer.pages or pages)
                    if text_to is not None:
                        words_to = text_to / f"{path.name}.recognised.txt"
                        words_to.write_text(plain_text(seen), encoding="utf-8")
            console.tell(_in_words(report), **report)
            if text_to is not None and isinstance(answer, Reading):
                (text_to / f"{path.name}.txt").write_text(plain_text(answer), encoding="utf-8")
    finally:
        workshop.close()
    if refused:
        end(1)


def _recogniser() -> Recogniser:
    found = recogniser()
    if found is None:
        raise Unable(
            "Scans cannot be recognised: Tesseract with Vietnamese is not installed. Install it "
            "(Debian: apt-get install tesseract-ocr tesseract-ocr-vie) or leave --recognise out."
        )
    return found


def _recognised(workshop: Workshop, path: Path, machine: Recogniser) -> tuple[Reading, int]:
    """Give what a machine sees on the pages of a scan, and on how many it looked."""
    pages = min(workshop.page_count(path), MOST_PAGES)
    texts = list[str]()
    for number in range(1, pages + 1):
        try:
            texts.append(workshop.recognise(path, number, machine, seconds=PAGE_SECONDS))
        except (Refused, WorkFailed) as problem:
            raise Unable(f"{path}: page {number} could not be recognised ({problem}).") from None
        progress("Pages recognised:", number, pages)
    return workshop.interpret(texts), pages


def _in_words(report: dict[str, Any]) -> str:
    """Write one report for people: a line, and a second one on what was found."""
    if not report["accepted"]:
        return f"{report['file']}: refused ({report['reason']}). {report['message']}"
    counters = (report["edition"], report["amendment"])
    edition = "/".join("?" if each is None else f"{each:02}" for each in counters)
    known = [report["code"] or "no code", report["title"] or "no title", edition]
    if report["effective_on"]:
        known.append(f"in force from {report['effective_on']}")
    cited = ", ".join(f"{len(found)} {name}" for name, found in report["citations"].items())
    scan = " A scan: its words cannot be read." if report["scan"] else ""
    if seen := report.get("recognised"):
        scan = (
            f" A scan: a machine recognised {seen['words']} words on {seen['pages']} of"
            f" {seen['of']} pages; they are doubtful."
        )
    return (
        f"{report['file']}: taken. {' · '.join(known)}\n"
        f"  {report['words']} words, {len(report['headings'])} headings; cites {cited}.{scan}"
    )


@click.command()
@click.argument("old", type=ONE_FILE)
@click.argument("new", type=ONE_FILE)
@click.option("--html", type=NEW_FILE, help="Write the merged text with its changes as a page.")
@click.option("--docx", type=NEW_FILE, help="Write a Word file with tracked changes.")
@language_option
@json_option
@click.pass_obj
def compare(
    console: Console, old: Path, new: Path, html: Path | None, docx: Path | None, language: str
) -> None:
    """Say what changed from the file OLD to the file NEW, word by word, tables included.

    With --json one object on one line:

    \b
    old, new            the paths as given
    changes             [{kind, where, old, new, row, column, removed_words, added_words}]
      kind              replace, insert, delete, move, row_insert or row_delete
      where             'heading', 'heading / row / column' in a table, 'from → to' for a move
      old, new          the whole paragraph or cell before and after; cells of a row with spaces
    metadata_changes    {field: [before, after]} of cover and margins: code, title,
                        edition ('02/00' with its amendment), approved_on, effective_on
    formatting_changes  places whose words stayed and whose look did not, a number
    added, removed      words, numbers

    Ends with 1 when a file is refused or is a scan without words.
    """
    say = _speaker(language)
    workshop = Workshop(wait_seconds=60)
    try:
        answers = dict(_answers(workshop, [old, new]))
    finally:
        workshop.close()
    before, after = (_readable(path, answers[path], say) for path in (old, new))
    found = compared(before, after)
    if html is not None:
        html.write_text(redline_page(found, old.name, new.name, say=say), encoding="utf-8")
    if docx is not None:
        docx.write_bytes(tracked_docx(found, Hand("Nền Nếp", datetime.now(UTC))))
    report = comparison_report((str(old), before), (str(new), after), found)
    console.tell(_changes_in_words(found), **report)


def _readable(path: Path, answer: Answer, say: Say) -> Reading:
    if isinstance(answer, Refused):
        raise Unable(f"{path}: refused ({answer.reason.value}). {_message(answer, say)}")
    if answer.scan:
        raise Unable(f"{path} is a scan: it has no words to compare. Bring the Word file.")
    return answer


def _changes_in_words(found: Comparison) -> str:
    lines = [
        f"{each.kind:<10} {place_of(each)}\n{_sides(each.old, each.new)}" for each in found.changes
    ]
    cover = "".join(f"\n  {name}: {old} → {new}" for name, old, new in found.metadata)
    lines.append(
        f"{len(found.changes)} changes, +{found.added} −{found.removed} words; "
        f"{found.formatting} of formatting only.{cover}"
    )
    return "\n".join(lines)


def _sides(old: str, new: str) -> str:
    signs = (("-", old), ("+", new)) if old != new else (("=", new),)
    return "\n".join(f"  {sign} {text}" for sign, text in signs if text)
