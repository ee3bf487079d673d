"""The bare limit: the same rows on a page of Flask, Jinja and SQLAlchemy Core, and nothing else."""

from __future__ import annotations

import os

import sqlalchemy as sa
from flask import Flask, render_template_string, request

_PAGE = """<!doctype html><html><head><title>Bare</title></head><body><table>
{% for row in rows %}<tr><th><a href="/d/{{ row.code }}">{{ row.code }}</a></th><td>{{ row.title }}
</td><td>{{ row.edition }}/{{ row.amendment }}</td><td>{{ row.state }}</td>
<td>{{ row.effective_at }}
</td><td>{{ row.next_review_on }}</td><td>{{ row.unit }}<br>{{ row.keeper or "" }}</td></tr>
{% endfor %}</table></body></html>"""
_ROWS = sa.text(
    "SELECT document.id, document.code, document.title, document.next_review_on, edition,"
    " amendment, state, effective_at, unit.name AS unit, person.name AS keeper FROM document"
    " JOIN revision ON revision.document_id = document.id AND revision.state = 'effective'"
    " JOIN unit ON unit.id = document.lead_unit_id"
    " LEFT JOIN person ON person.id = document.keeper_id"
    " WHERE document.body_id = :body ORDER BY document.code_sort, document.id LIMIT 50"
)


def create() -> Flask:
    """Build the page; its database and body come from the environment."""
    app = Flask(__name__)
    url = os.environ["BARE_URL"]
    engine = sa.create_engine(url, pool_size=8)

    @app.get("/")
    def rows() -> str:
        with engine.connect() as connection:
            found = connection.execute(_ROWS, {"body": int(request.args["body"])}).all()
        return render_template_string(_PAGE, rows=found)

    return app
