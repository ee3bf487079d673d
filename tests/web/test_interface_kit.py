"""The interface kit: formats, macros that escape, budgets, no style or script in a template."""

import gzip
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, render_template, request
from flask_babel import Babel

from app.web import formats, fragments
from app.web.navigation import Entry, Viewer
from app.web.styleguide import SampleForm, samples

APP = Path(__file__).resolve().parents[2] / "app"
TEMPLATES, STATIC = APP / "templates", APP / "static"
CATALOGUE = APP / "translations/vi/interface.po"
KIT = [
    *TEMPLATES.glob("layouts/*.html"),
    *TEMPLATES.glob("components/*.html"),
    *TEMPLATES.glob("errors/*.html"),
    TEMPLATES / "styleguide.html",
]
MONDAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A bare application that supplies what the frame's contract names, and nothing else."""
    folder = tmp_path_factory.mktemp("words")
    words = folder / "vi/LC_MESSAGES"
    words.mkdir(parents=True)
    with CATALOGUE.open("rb") as source, (words / "messages.mo").open("wb") as target:
        write_mo(target, read_po(source))
    app = Flask("kit", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.secret_key = "only for this test"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    Babel(app, default_locale="vi", locale_selector=lambda: request.args.get("lang", "vi"))
    formats.register(app)
    fragments.register(app)
    app.jinja_env.globals.update(csrf_token=lambda: "token", static_url=lambda n: f"/static/{n}")
    entry = Entry("Tài liệu", "/d", "doc", count=3, is_current=True)

    @app.context_processor
    def frame():
        return {
            "viewer": Viewer("Lê Quang Huy", "Chuyên viên", "/me", keys_off=False),
            "body_name": "Tỉnh Hải Bình",
            "navigation": (entry,),
            "recent": (entry,),
            "settings_entries": (entry,),
            "language": request.args.get("lang", "vi"),
            "language_urls": {"vi": "?lang=vi", "en": "?lang=en"},
            "help_phone": "104",
            "unseen_notices": 2,
        }

    return app


def rendered(kit, source, path="/", **values):
    with kit.test_request_context(path):
        return kit.jinja_env.from_string(source).render(**values)


# --- formats


@pytest.mark.covers("e17")
@pytest.mark.parametrize(
    "typed",
    ["1/12/26", "01122026", "1-12-2026", "1.12.2026", "01/12/2026", " 1 12 2026 ", "2026-12-01"],
)
def test_a_date_is_understood_however_it_is_typed(typed):
    assert formats.parse_date(typed) == date(2026, 12, 1)


@pytest.mark.parametrize("typed", ["", None, "31/02/2026", "12", "1/13/2026", "mai", "1/12/026"])
def test_what_is_no_date_is_refused(typed):
    assert formats.parse_date(typed) is None


@pytest.mark.covers("e17")
def test_dates_are_shown_day_first_with_the_weekday_in_words():
    assert formats.as_date(MONDAY) == "23/11/2026"
    assert formats.as_day(MONDAY) == "Thứ Hai, 23/11/2026"
    assert formats.as_day(MONDAY, "en") == "Monday, 23/11/2026"
    assert formats.as_date(None) == formats.as_day(None) == formats.as_moment(None) == ""


def test_moments_are_shown_on_the_wall_clock_of_the_office():
    late_evening = datetime(2026, 11, 22, 18, 5, tzinfo=UTC)
    assert formats.as_moment(late_evening) == "01:05, 23/11/2026"
    assert formats.as_date(late_evening) == "23/11/2026"


@pytest.mark.parametrize(
    ("due", "vi", "en"),
    [
        (date(2026, 11, 21), "Quá hạn 2 ngày", "2 days overdue"),
        (date(2026, 11, 22), "Quá hạn 1 ngày", "1 day overdue"),
        (MONDAY, "Hôm nay", "Today"),
        (date(2026, 11, 25), "Thứ Tư, 25/11", "Wednesday, 25/11"),
        (date(2027, 1, 3), "Chủ Nhật, 03/01/2027", "Sunday, 03/01/2027"),
    ],
)
def test_a_due_date_says_how_far_it_is(due, vi, en):
    assert formats.as_distance(due, today=MONDAY) == vi
    assert formats.as_distance(due, today=MONDAY, lang="en") == en


def test_numbers_follow_the_language():
    assert formats.as_number(2871) == "2.871"
    assert formats.as_number(4.5) == "4,5"
    assert formats.as_number(2871, "en") == "2,871"
    assert formats.as_number(4.5, "en") == "4.5"
    assert formats.as_size(4_718_592) == "4,5\N{NO-BREAK SPACE}MB"
    assert formats.as_size(640, "en") == "640\N{NO-BREAK SPACE}B"


def test_avatar_letters_come_from_the_last_two_words():
    assert formats.initials("Lê Quang Huy") == "QH"
    assert formats.initials("Nguyễn Thị Hồng Nhung") == "HN"
    assert formats.initials("Đức") == "Đ"
    assert formats.initials("") == ""


def test_an_edition_never_breaks_and_is_escaped():
    assert formats.as_edition((2, 1)) == '<span class="code">02/01</span>'
    assert formats.as_edition(SimpleNamespace(label="04/00")) == '<span class="code">04/00</span>'
    assert "<b>" not in formats.as_edition("<b>")


def test_the_life_line_keeps_its_order_and_its_labels_apart():
    sample = samples()["life"]
    life = formats.life_line(
        sample["editions"],
        today=MONDAY,
        next_review_on=sample["next_review_on"],
        events=[{"on": MONDAY, "label": "Góp ý của phường", "kind": "event"}] * 3,
        words={"current": "đang hiệu lực"},
    )
    assert [b.kind for b in life.bands] == ["past", "past", "current", "coming"]
    assert all(a.x + a.width <= b.x for a, b in zip(life.bands, life.bands[1:], strict=False))
    assert len({dot.y for dot in life.dots}) == 3
    assert life.bands[2].text == "03/00 · đang hiệu lực"
    assert formats.life_line([], today=MONDAY) is None


# --- macros


PAYLOAD = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"
FIELD_FORM = {"title": PAYLOAD, "reason": PAYLOAD, "effective_on": PAYLOAD, "code": PAYLOAD}
ITEM = {
    "label": PAYLOAD,
    "url": PAYLOAD,
    "count": 1,
    "current": True,
    "hint": PAYLOAD,
    "state": PAYLOAD,
    "state_label": PAYLOAD,
    "because": PAYLOAD,
    "icon": PAYLOAD,
    "who": PAYLOAD,
    "when": PAYLOAD,
    "name": PAYLOAD,
    "text": PAYLOAD,
    "quote": PAYLOAD,
    "sentence": PAYLOAD,
    "details": PAYLOAD,
    "id": PAYLOAD,
    "post": PAYLOAD,
    "section": PAYLOAD,
    "words": PAYLOAD,
    "kind": PAYLOAD,
    "at": None,
    "said_at": None,
    "spans": [("=", PAYLOAD), ("+", PAYLOAD), ("-", PAYLOAD)],
    "change": PAYLOAD,
    "change_kind": PAYLOAD,
    "moved_from": PAYLOAD,
    "sort": PAYLOAD,
    "direction": PAYLOAD,
}
TABLE = {**ITEM, "kind": "table", "rows": [[ITEM]]}
CALLS = {
    "action_bar": "{% call action_bar(p) %}{{ p }}{% endcall %}",
    "icon": "{{ icon(p) }}",
    "button": "{{ button(p, p, p, p, p, p, p, none, true, p, p, {'data-x': p}) }}"
    "{{ button(p, disabled_because=p, id=p) }}",
    "link_button": "{{ link_button(p, p, p, p, p, none, true, p, {'data-x': p}) }}"
    "{{ link_button(p, p, disabled_because=p) }}",
    "icon_button": "{{ icon_button(p, p, p) }}{{ icon_button(p, p) }}",
    "chip": "{{ chip(p, p, p) }}",
    "grade": "{{ grade(p, p) }}",
    "comment_thread": "{{ comment_thread([i]) }}{{ comment_thread([], p) }}",
    "copy_message": "{{ copy_message(p, p) }}",
    "empty_state": "{{ empty_state(p, p, p) }}",
    "error_summary": "{{ error_summary(bad, p) }}{{ error_summary(bad) }}",
    "check_line": "{{ check_line(p, p) }}",
    "facts": "{{ facts([(p, p)]) }}",
    "facts_line": "{{ facts_line([p, p]) }}",
    "field": "{% for f in form %}{{ field(f, p, p) }}{% endfor %}"
    "{{ field(form.effective_on, p, p, kind='date') }}"
    "{{ field(form.title, p, autocomplete=p, attributes={'data-x': p}) }}{{ field(bad.title) }}",
    "checkbox": "{{ checkbox(bad.agreed, p, p, {'data-x': p}) }}",
    "choices": "{{ choices(bad.grade, p, p, true, {'minor': p}) }}",
    "drop_zone": "{{ drop_zone(bad.file, p, p, p, true, true) }}",
    "form": "{% call form(p, p, id=p) %}{% endcall %}",
    "post_button": "{{ post_button(p, p, p, p, p, {p: p}) }}",
    "life_line": "{{ life_line(p, [{'label': p, 'state': p, 'starts_on': d}], d, d,"
    " [{'on': d, 'label': p, 'kind': p}]) }}",
    "lifecycle": "{{ lifecycle(p, [i, i]) }}",
    "menu": "{{ menu(p, [i, {'label': p, 'url': p, 'post': true}], p, p) }}"
    "{{ menu(p, [{'label': p, 'disabled_because': p}]) }}",
    "meter": "{{ meter(p, 1, 2) }}",
    "gauge": "{{ gauge(p, 1, 2) }}",
    "note": "{{ note(p, p, p) }}",
    "band": "{{ band(p, p, p) }}",
    "page_head": "{{ page_head(p, p, [(p, p), (p, none)]) }}",
    "card": "{% call card(p, p, p, id=p) %}{{ p }}{% endcall %}",
    "pagination": "{{ pagination(p, p, 1, 2) }}",
    "passage": "{{ passage([(p, true), (p, false)]) }}",
    "hit": "{{ hit(p, p, p, [(p, true)], p, p, p, p) }}",
    "people_picker": "{{ people_picker(p, p, p, [i], p, error=p, id=p) }}",
    "people_options": "{{ people_options([i]) }}",
    "person": "{{ person(p, p, p) }}",
    "avatar": "{{ avatar(p) }}",
    "pills": "{{ pills(p, [i]) }}",
    "progress": "{{ progress(p, [i]) }}",
    "spans": "{{ spans(i.spans) }}",
    "redline_block": "{{ redline_block(i, p) }}{{ redline_block(t, p, 'clean') }}",
    "redline": "{% for view in ('merged', 'side', 'changes', 'clean') %}"
    "{{ redline([i, t], view, p, 2, p) }}{% endfor %}",
    "change_list": "{{ change_list([i], p, p, p, p) }}",
    "change_excerpt": "{{ change_excerpt(p, i.spans, p) }}",
    "state_head": "{{ state_head(p, p) }}",
    "sign_box": "{{ sign_box(sign_form, p, p, p, p, p, p, p, p, p, p) }}",
    "sign_opener": "{% call sign_opener(p, p, p, p, true, p) %}{% endcall %}",
    "cell": "{{ cell(p, p) }}",
    "chat_message": "{{ chat_message(p) }}",
    "heads": "<table>{{ heads([{'label': p, 'sort': p}]) }}</table>",
    "table": "{% call(row) table(p, [i], [1], id=p, cards=false) %}{% endcall %}"
    "{{ table(p, [i], [], empty=p) }}",
    "tabs": "{{ tabs(p, [i]) }}",
    "trail": "{{ trail([i]) }}{{ trail([], p) }}",
    "tree": "{{ tree(p, [{'label': p, 'url': p, 'children': [i]}]) }}",
    "work_item": "{{ work_item(p, p, p, p, d, p, 3, p, true, p, d) }}",
    "work_group": "{% call work_group(p, 1, true) %}{% endcall %}",
}


def public_macros():
    """Name of every macro a page may import -> its file."""
    found = {}
    for path in TEMPLATES.glob("components/*.html"):
        for name in re.findall(r"{%-? macro (\w+)\(", path.read_text(encoding="utf-8")):
            if not name.startswith("_"):
                found[name] = path.name
    return found


class Tags(HTMLParser):
    """Collects the tags a browser would see, and attributes that would run or style something."""

    def __init__(self):
        super().__init__()
        self.found, self.evil = [], []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.evil += [name for name, _ in attrs if name.startswith("on") or name == "style"]


@pytest.mark.covers("e19")
@pytest.mark.parametrize("macro", sorted(CALLS))
def test_nothing_typed_becomes_markup(kit, macro):
    bad = SampleForm(data={**FIELD_FORM, "grade": PAYLOAD})
    bad.validate()
    for one in bad:
        one.errors = [PAYLOAD]
    source = f'{{% from "components/{public_macros()[macro]}" import {macro} %}}{CALLS[macro]}'
    html = rendered(
        kit,
        source,
        p=PAYLOAD,
        i=SimpleNamespace(**ITEM),
        t=SimpleNamespace(**TABLE),
        d=MONDAY,
        form=SampleForm(data=FIELD_FORM),
        bad=bad,
        sign_form=samples()["sign_form"],
    )
    seen = Tags()
    seen.feed(html)
    assert seen.found
    assert "script" not in seen.found
    assert "img" not in seen.found
    assert seen.evil == []
    assert "alert(" in html or macro == "avatar", "the words themselves stay readable"


def test_every_macro_is_tried_with_hostile_words():
    assert set(public_macros()) == set(CALLS)


def test_every_macro_is_used_by_a_page_or_another_component():
    text = {path: path.read_text(encoding="utf-8") for path in KIT}
    for name in public_macros():
        called, imported = rf"(?<!macro )\b{name}\(", rf"import [^%]*\b{name}\b"
        used = [p for p, body in text.items() if re.search(f"{called}|{imported}", body)]
        assert used, f"nothing uses {name}"


def test_a_refused_button_says_why_in_words(kit):
    source = (
        '{% from "components/button.html" import button %}'
        '{{ button("Phê duyệt", disabled_because="Người soạn không được phê duyệt.") }}'
    )
    html = rendered(kit, source)
    assert 'aria-disabled="true"' in html
    assert re.search(r'aria-describedby="([^"]+)".*id="\1">Người soạn không', html)


def test_an_error_stands_between_label_and_field_and_is_tied_to_it(kit):
    form = SampleForm()
    form.validate()
    source = '{% from "components/field.html" import field %}{{ field(f, hint="Như trang đầu") }}'
    html = rendered(kit, source, f=form.title)
    label, hint, error, box = (
        html.index(t) for t in ("<label", 'id="title-hint"', 'id="title-error"', "<input")
    )
    assert label < hint < error < box
    assert 'aria-describedby="title-hint title-error"' in html
    assert 'aria-invalid="true"' in html


# --- pages


@pytest.mark.covers("e17", "e19")
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_style_guide_renders_in_both_languages(kit, language):
    with kit.test_request_context(f"/?lang={language}"):
        html = render_template("styleguide.html", **samples())
    assert f'<html lang="{language}">' in html
    assert ("Chuyển tới nội dung chính" in html) == (language == "vi")
    ids = re.findall(r' id="([^"]+)"', html)
    repeated = {i for i in ids if ids.count(i) > 1 and not re.fullmatch(r"c\d+", i)}
    assert repeated == set()
    assert len(gzip.compress(html.encode())) <= 30_000


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429, 500])
@pytest.mark.parametrize("viewer", [None, SimpleNamespace(name="Lê Quang Huy")])
def test_an_error_page_needs_nobody_signed_in(kit, status, viewer):
    words = {"title": "Không tìm thấy", "what": "W", "advice": "T", "number": "7F3A-22"}
    with kit.test_request_context("/"):
        html = render_template("errors/error.html", status=status, viewer=viewer, **words)
    assert str(status) in html
    assert "7F3A-22" in html
    assert "<title>Lỗi: Không tìm thấy | Nền Nếp</title>" in html
    assert html.count("btn primary") == 1


# --- what a template may not hold


@pytest.mark.covers("e19")
@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: p.name)
def test_templates_hold_no_style_and_no_script(path):
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an event attribute"
    assert not re.search(r"<style|javascript:|hx-on|\|\s*safe\b", text)
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, flags=re.S):
        assert "src=" in attributes
        assert not body.strip()


@pytest.mark.covers("e17")
def test_every_text_of_the_kit_has_its_vietnamese():
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source)
    wanted = {
        message
        for _, _, message, _, _ in extract_from_dir(
            str(TEMPLATES),
            method_map=[
                ("layouts/**.html", "jinja2"),
                ("components/**.html", "jinja2"),
                ("errors/**.html", "jinja2"),
                ("styleguide.html", "jinja2"),
            ],
        )
    }
    known = {message.id: message for message in catalogue if message.id}
    assert wanted == set(known)
    for key, message in known.items():
        assert message.string
        assert not message.fuzzy
        english = key if isinstance(key, str) else key[1]
        vietnamese = message.string if isinstance(message.string, str) else message.string[0]
        holes = re.compile(r"%\((\w+)\)s")
        assert sorted(holes.findall(english)) == sorted(holes.findall(vietnamese)), key


def test_every_icon_named_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    for path in KIT:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r'(?<!\w)icon\("([\w-]+)"\)|icon_name="([\w-]+)"', text)
        for name in {a or b for a, b in named}:
            assert name in sprite, f"{name} in {path.name}"


# --- budgets


@pytest.mark.covers("e25")
def test_the_style_sheet_stays_small():
    assert len(gzip.compress((STATIC / "app.css").read_bytes(), 9)) <= 14 * 1024


@pytest.mark.covers("e25")
def test_the_scripts_stay_small():
    modules = sorted((STATIC / "js").glob("*.js"))
    for path in modules:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 150, path.name
    every = b"".join(p.read_bytes() for p in [*modules, STATIC / "vendor/htmx.min.js"])
    assert len(gzip.compress(every, 9)) <= 30 * 1024


def test_scripts_never_evaluate_text_or_write_markup():
    for path in (STATIC / "js").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\(|new Function", text)
        assert not re.search(r"\.style\b|cssText", text), path.name


# --- in a real browser


AXE = Path(__file__).resolve().parents[1] / "vendor/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)


@pytest.mark.browser
@pytest.mark.covers("e19")
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_style_guide_is_accessible_at_every_width(kit, browser, width, language):
    with kit.test_request_context(f"/?lang={language}"):
        html = render_template("styleguide.html", **samples())

    def answer(route):
        # the page and its files come from here: no server, and nothing from outside
        path = urlsplit(route.request.url).path
        if path == "/":
            headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
            route.fulfill(body=html, headers=headers)
        else:
            route.fulfill(path=APP / path.lstrip("/"))

    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.route("**/*", answer)
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("http://kit.test/")
    page.wait_for_function("document.activeElement.matches('[data-errors]')")
    assert complaints == [], "the policy forbade something, or a script failed"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # the bar at the foot covers what lies below it; a tall window shows everything at once
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")["violations"]
    context.close()
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
