"""The upgrade keeps the same citations as coming into force does (a46, D12)."""

from __future__ import annotations

import importlib

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from app.kernel.db import db
from documents.models import Citation
from documents.models.external_document import number_key
from tests.builders import Office
from tests.documents.test_laws import CITING, FIVE_WAYS

MIGRATION = importlib.import_module("app.migrations.versions.0005_laws_and_changes")


def kept() -> list[tuple[object, ...]]:
    row = Citation
    columns = (row.body_id, row.revision_id, row.number_key, row.number, row.is_law, row.times)
    query = sa.select(*columns, row.passage, row.cited_id)
    return sorted(tuple(found) for found in db.session.execute(query))


@pytest.mark.covers("a46", "D12", "T26")
def test_the_upgrade_reads_the_same_from_what_is_in_force(app):
    office = Office()
    cited = office.effective(text="Không viện dẫn gì.").document
    office.effective(text=f"{CITING} Theo QT-TP-01, BM-TP-09.01 và TCVN ISO 9001:2015.")
    revised = office.effective(text=CITING).document
    office.effective(revised, text="Luật Hộ tịch số 60/2014/QH13; QT-TP-01; QT-TP-03.")
    db.session.execute(sa.delete(Citation).where(Citation.revision.has(state="obsolete")))
    before = kept()
    assert len(before) == 6
    assert cited.id in {row[-1] for row in before}
    db.session.execute(sa.delete(Citation))
    connection = db.session.connection()
    with Operations.context(MigrationContext.configure(connection)):
        MIGRATION._fill()
    assert kept() == before


@pytest.mark.covers("a48")
@pytest.mark.parametrize("typed", [*FIVE_WAYS, "TCVN ISO 9001:2015", "Bộ luật 45/2019/QH 14", "–"])
def test_the_rule_of_numbers_is_the_one_of_the_upgrade(typed):
    assert MIGRATION._law_key(typed) == number_key(typed)
