"""The warm process for signatures in PDFs: apart, because what reads them is large (L19).

Its children stand behind the same walls as those that read files; they never see a key.
"""

from pathlib import Path
from typing import Any

from documents.content import pdf_signing
from documents.content.workshop_helper import TASKS, main


def _lay_form(order: dict[str, Any]) -> dict[str, Any]:
    pdf_signing.lay_form(Path(order["path"]), Path(order["out"]))
    return {}


def _prepare(order: dict[str, Any]) -> dict[str, Any]:
    path, out = Path(order["path"]), Path(order["out"])
    return pdf_signing.prepare(path, out, field=order["field"], reason=order["reason"])


def _inspect(order: dict[str, Any]) -> dict[str, Any]:
    return {"signatures": pdf_signing.inspect(Path(order["path"]), order["trust"])}


def _additions(order: dict[str, Any]) -> dict[str, Any]:
    base, path = Path(order["base"]), Path(order["path"])
    return pdf_signing.additions(base, path, order["trust"])


if __name__ == "__main__":
    TASKS.update(
        {"lay_form": _lay_form, "prepare": _prepare, "inspect": _inspect, "additions": _additions}
    )
    main()
