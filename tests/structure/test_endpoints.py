"""Every endpoint says who may come in, every coded value what it is called, in both languages."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from flask import Flask

import app as product
import documents
import forms
from app.kernel.coded import Coded
from app.kernel.permissions import TABLE, Permission
from app.kernel.trail import Fact
from app.web.guard import open_to_all
from tests.deploy.exports import tool
from tests.structure.house import ROOT

translations = tool("translations")


def wards(flask_app: Flask) -> list[str]:
    """Name every endpoint that has neither a permission nor a reason, or has both."""
    wrong = []
    for rule in flask_app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = flask_app.view_functions[rule.endpoint]
        permission = getattr(view, "permission", None)
        reason = getattr(view, "open_reason", "")
        if isinstance(permission, Permission) == bool(reason):
            wrong.append(rule.endpoint)
        elif permission is not None and permission not in TABLE:
            wrong.append(f"{rule.endpoint}: {permission} has no conditions")
    return wrong


@pytest.mark.covers("T05", "T23")
def test_every_endpoint_has_a_permission_or_a_reason(apps: dict[str, Flask]) -> None:
    assert not wards(apps["sqlite"])


def test_an_endpoint_of_a_third_kind_is_noticed() -> None:
    made = Flask("made")
    made.add_url_rule("/bare", view_func=lambda: "", endpoint="bare")
    made.add_url_rule("/open", view_func=open_to_all("why")(lambda: ""), endpoint="open")
    assert wards(made) == ["bare"]


def _coded() -> list[type[Coded]]:
    for package in (product, documents, forms):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and "_helper" not in module.name:
                importlib.import_module(module.name)
    kinds = [Coded]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return [kind for kind in kinds if len(kind) > 0]


@pytest.mark.covers("e17")
def test_every_code_has_a_label_in_both_languages() -> None:
    parts = Path(ROOT / "app" / "translations" / "vi").glob("*.po")
    catalogue = translations.union(parts, "vi")
    wrong = []
    for kind in _coded():
        for member in kind:
            found = catalogue.get(member.label)
            if not member.label or found is None or not found.string:
                wrong.append(f"{kind.__name__}.{member.name}: {member.label!r}")
            if issubclass(kind, Fact) and not member.label.endswith((".", "s", "%(reason)s")):
                wrong.append(f"{kind.__name__}.{member.name} is no sentence")
    assert not wrong, "\n".join(wrong)


def test_codes_of_one_kind_differ() -> None:
    for kind in _coded():
        codes = [str(member) for member in kind]
        assert len(codes) == len(set(codes)), kind
        assert all(code == code.lower() and len(code) <= 80 for code in codes), kind


@pytest.mark.covers("e12")
def test_every_route_that_signs_asks_for_the_code_too() -> None:
    """`prove` alone forgets it: routes sign through app.web.signing."""
    account = ("profile", "second_factor", "passkeys")
    own = {"app/web/signing.py", *(f"app/web/account/{name}.py" for name in account)}
    direct = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "app" / "web").rglob("*.py")
        if re.search(r"\bprove\(", path.read_text(encoding="utf-8"))
    }
    assert direct == own
