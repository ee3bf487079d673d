"""One author at a time holds the file of a draft; what comes too late is kept aside (a7, D14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.kernel.db import db
from app.kernel.errors import Forbidden, InvalidInput, RuleBroken
from app.kernel.notices import Notice
from app.kernel.work import unit_of_work
from documents.checking_out import (
    check_in_obstacle,
    check_out,
    end_check_out,
    end_own,
    held,
    keep_aside,
    kept_aside,
    use_aside,
)
from documents.drafting import bring_file, change_draft
from documents.models import RevisionState
from tests.builders import (
    MONDAY,
    Office,
    a_brought_file,
    a_draft,
    a_person,
    draft_data,
    raw,
    settings_changed,
    submitted,
)

LATER = MONDAY + timedelta(hours=25)


def _pair():
    """A draft of two authors."""
    office = Office()
    second = a_person(office.unit, name="Ngô Văn Hai")
    draft = a_draft(office.author, office.document())
    with unit_of_work(office.author, now=MONDAY) as work:
        draft = work.fresh(draft)
        authors = (work.fresh(office.author), work.fresh(second))
        change_draft(work, draft, draft_data(draft, authors=authors))
    return office, second, draft


def _taken(draft, person, now=MONDAY):
    with unit_of_work(person, now=now) as work:
        return check_out(work, work.fresh(draft))


def _brought(draft, person, now=MONDAY, text="Bản mới."):
    """Check a file in as the page does: it becomes the draft's, or is kept aside."""
    brought = a_brought_file(text)
    with unit_of_work(person, now=now) as work:
        draft = work.fresh(draft)
        obstacle = check_in_obstacle(work.session, draft, work.actor, work.now)
        if obstacle is None:
            bring_file(work, draft, brought)
            end_own(work, draft)
        else:
            keep_aside(work, draft, brought)
    return brought, obstacle


@pytest.mark.covers("a7")
def test_one_author_holds_the_file_and_the_other_is_told_who_and_until_when(app):
    office, second, draft = _pair()
    taken = _taken(draft, office.author)
    assert taken.held_until == MONDAY + timedelta(hours=24)
    with pytest.raises(RuleBroken) as refused:
        _taken(draft, second)
    assert refused.value.values == {"name": office.author.name, "until": taken.held_until}
    assert _taken(draft, office.author) == taken  # asking again is the same holding


@pytest.mark.covers("a7", "D14")
def test_nobody_is_told_of_a_draft_by_letter(app):
    office, second, draft = _pair()
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Notice))
    taken = _taken(draft, office.author)
    _brought(draft, second)
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken), reason="Nghỉ ốm.")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == before


@pytest.mark.covers("a7")
def test_it_expires_by_itself_after_the_hours_of_the_body(app):
    office, second, draft = _pair()
    settings_changed(office.body, check_out_hours=2)
    _taken(draft, office.author)
    assert held(db.session(), draft, MONDAY + timedelta(hours=1, minutes=59)) is not None
    assert held(db.session(), draft, MONDAY + timedelta(hours=2)) is None
    assert _taken(draft, second, MONDAY + timedelta(hours=2)).person == second


@pytest.mark.covers("a7")
def test_a_file_made_from_an_older_one_is_kept_aside_whole_and_can_be_used(app):
    office, second, draft = _pair()
    _taken(draft, office.author)
    _taken(draft, second, LATER)
    newer, obstacle = _brought(draft, second, LATER)
    assert (obstacle, draft.main_file.sha256) == (None, newer.sha256)
    late, obstacle = _brought(draft, office.author, LATER, "Bản muộn.")
    assert "older" in obstacle.text
    assert draft.main_file.sha256 == newer.sha256
    kept = kept_aside(db.session(), draft)
    assert [(one.sha256, one.brought_by) for one in kept] == [(late.sha256, office.author)]
    with unit_of_work(office.author, now=LATER) as work:
        use_aside(work, work.fresh(kept[0]))
    assert draft.main_file.sha256 == late.sha256
    assert kept_aside(db.session(), draft) == []
    assert _brought(draft, office.author, LATER)[1] is None  # what was late is settled


@pytest.mark.covers("a7")
def test_while_another_holds_it_a_file_is_kept_aside(app):
    office, second, draft = _pair()
    before = draft.main_file.sha256
    _taken(draft, office.author)
    _, obstacle = _brought(draft, second)
    assert obstacle.values["name"] == office.author.name
    assert draft.main_file.sha256 == before
    assert len(kept_aside(db.session(), draft)) == 1


@pytest.mark.covers("a7")
def test_a_page_seen_before_a_newer_file_came_in_is_no_base(app):
    office, second, draft = _pair()
    seen = draft.main_file.sha256
    _brought(draft, second)
    refused = check_in_obstacle(db.session(), draft, office.author, MONDAY, made_from=seen)
    assert refused is not None
    now_seen = draft.main_file.sha256
    assert check_in_obstacle(db.session(), draft, office.author, MONDAY, made_from=now_seen) is None


@pytest.mark.covers("a7", "O1")
def test_only_who_is_in_charge_breaks_it_and_says_why(app):
    office, second, draft = _pair()
    taken = _taken(draft, office.author)
    with pytest.raises(Forbidden), unit_of_work(second, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken), reason="Cần gấp.")
    with pytest.raises(InvalidInput), unit_of_work(office.officer, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken), reason=" ")
    with unit_of_work(office.officer, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken), reason="Nghỉ ốm.")
    assert held(db.session(), draft, MONDAY) is None
    with pytest.raises(RuleBroken), unit_of_work(office.officer, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken), reason="Nghỉ ốm.")


@pytest.mark.covers("a7")
def test_what_was_given_back_unchanged_binds_nobody(app):
    office, second, draft = _pair()
    taken = _taken(draft, office.author)
    with unit_of_work(office.author, now=MONDAY) as work:
        end_check_out(work, work.fresh(taken))
    _brought(draft, second)
    assert check_in_obstacle(db.session(), draft, office.author, MONDAY) is None


@pytest.mark.covers("a7")
def test_nothing_is_submitted_while_another_edits_it(app):
    office, second, draft = _pair()
    _taken(draft, second)
    with pytest.raises(RuleBroken) as refused:
        submitted(draft, office.author)
    assert refused.value.values["name"] == second.name
    submitted(draft, second)  # one's own holding ends with the submission
    assert draft.state is RevisionState.IN_REVIEW
    assert held(db.session(), draft, MONDAY) is None
    with pytest.raises(RuleBroken):
        _taken(draft, second)


@pytest.mark.covers("a7")
def test_the_database_itself_refuses_a_second_holder(app):
    office, second, draft = _pair()
    taken = _taken(draft, office.author)
    with pytest.raises(sa.exc.IntegrityError):
        raw(
            "INSERT INTO check_out (body_id, revision_id, person_id, sha256, taken_at, held_until,"
            " end_reason) SELECT body_id, revision_id, :person, sha256, taken_at, held_until, ''"
            " FROM check_out WHERE id = :id",
            person=second.id,
            id=taken.id,
        )
