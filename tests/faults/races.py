"""Races between people, each checked against the database afterwards (T03)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.kernel.db import db
from app.kernel.files import StoredFile
from app.kernel.install import installation
from app.kernel.trail import TrailEntry
from documents.models import Answer as Given
from documents.models import Comment, Decision, Document, Need, Revision, RevisionState
from tests.builders import a_route, a_step
from tests.documents.content.files import a_docx
from tests.faults.stage import Answer, Browser, World, decision, draft_fields, together


@dataclass
class Tally:
    """How often each pair of answers came, and how long they took."""

    outcomes: Counter[tuple[int, ...]] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def add(self, answers: list[Answer]) -> tuple[int, ...]:
        """Count one race; what is no answer at all breaks it."""
        for answer in answers:
            assert isinstance(answer, Answer), f"no answer: {answer!r}"
            assert answer.status < 500, answer.text[:2000]
            self.seconds.append(answer.seconds)
        statuses = tuple(sorted(answer.status for answer in answers))
        self.outcomes[statuses] += 1
        return statuses


class Races:
    """The races of one world against one running server."""

    def __init__(self, world: World, port: int) -> None:
        self.world, self.port = world, port
        self._browsers: dict[int, Browser] = {}

    def browser(self, person_id: int) -> Browser:
        """Give the browser of a person, opened once."""
        if person_id not in self._browsers:
            self._browsers[person_id] = self.world.browser(self.port, person_id)
        return self._browsers[person_id]

    def leaders(self, count: int) -> list[Browser]:
        """Give the browsers of some leaders."""
        return [self.browser(person_id) for person_id in self.world.leader_ids[:count]]

    def two_approvers(self, rounds: int) -> Tally:
        """Two approve where one is enough: one wins, the other is told."""
        return self._decide(rounds, 2, lambda _: decision())

    def many_approvers(self, rounds: int) -> Tally:
        """Five approve where one is enough: one wins, four are told."""
        return self._decide(rounds, 5, lambda _: decision())

    def approve_against_return(self, rounds: int) -> Tally:
        """One approves while another returns: one wins, and the state is that one's."""
        return self._decide(
            rounds, 2, lambda index: decision("return", "Sửa.") if index else decision()
        )

    def _decide(self, rounds: int, count: int, fields: Callable[[int], dict[str, Any]]) -> Tally:
        tally, people = Tally(), self.leaders(count)
        for revision_id in self.world.asked(rounds):
            path = f"/r/{revision_id}/decision"
            answers = together(
                [
                    lambda who=who, index=index, path=path: who.post(path, fields(index))
                    for index, who in enumerate(people)
                ]
            )
            statuses = tally.add(answers)
            assert statuses == (303, *(409,) * (count - 1)), statuses
            self._check_one_decision(revision_id, people[[a.status for a in answers].index(303)])
        return tally

    def _check_one_decision(self, revision_id: int, winner: Browser) -> None:
        with self.world.app.app_context():
            revision = db.session.get_one(Revision, revision_id)
            made = [d for step in revision.package.all_steps for d in step.decisions]
            assert [one.decided_by.name for one in made] == [winner.name]
            returned = made[0].answer is Given.RETURN
            wanted = RevisionState.DRAFT if returned else RevisionState.APPROVED
            assert revision.state is wanted
            facts = self._facts(revision)
            assert facts["revision.returned" if returned else "revision.approval_given"] == 1
            assert facts["revision.approved"] == (0 if returned else 1)
            db.session.remove()

    def _facts(self, revision: Revision) -> Counter[str]:
        return Counter(
            entry.fact
            for record, key in (("revision", revision.id), ("package", revision.package_id))
            for entry in db.session.query(TrailEntry).filter_by(record_type=record, record_id=key)
        )

    def a_number_of_approvers(self, rounds: int) -> Tally:
        """Five approve where three are needed: three count, two are told, once approved."""
        tally, people = Tally(), self.leaders(5)
        with self.world.app.app_context():
            three = [self.world.person(person_id) for person_id in self.world.leader_ids]
            step = a_step(*three, need=Need.QUORUM, quorum=3)
            unit = self.world.person(self.world.author_id).home_unit
            route = a_route(unit.body, step, unit=unit, name="Ba trong năm")
            route_id = route.id
            db.session.remove()
        try:
            asked = self.world.asked(rounds)
        finally:
            self.world.end_route(route_id)
        for revision_id in asked:
            path = f"/r/{revision_id}/decision"
            answers = together(
                [lambda who=who, path=path: who.post(path, decision()) for who in people]
            )
            statuses = tally.add(answers)
            assert statuses == (303, 303, 303, 409, 409), statuses
            with self.world.app.app_context():
                revision = db.session.get_one(Revision, revision_id)
                assert revision.state is RevisionState.APPROVED
                facts = self._facts(revision)
                assert facts["revision.approval_given"] == 3
                assert facts["revision.approved"] == 1
                db.session.remove()
        return tally

    def approve_against_cancel(self, rounds: int) -> Tally:
        """One approves while the officer cancels: no signature comes after the end."""
        tally, (leader,) = Tally(), self.leaders(1)
        officer = self.browser(self.world.officer_id)
        for revision_id in self.world.asked(rounds):
            answers = together(
                [
                    lambda key=revision_id: leader.post(f"/r/{key}/decision", decision()),
                    lambda key=revision_id: officer.post(
                        f"/r/{key}/cancellation", {"reason": "Không cần nữa."}
                    ),
                ]
            )
            tally.add(answers)
            approved, cancelled = (answer.status == 303 for answer in answers)
            assert approved or cancelled
            with self.world.app.app_context():
                revision = db.session.get_one(Revision, revision_id)
                if cancelled:
                    assert revision.state is RevisionState.CANCELLED
                else:
                    assert revision.state is RevisionState.APPROVED
                entries = {
                    entry.fact: entry.sequence
                    for key in (("revision", revision.id), ("package", revision.package_id))
                    for entry in db.session.query(TrailEntry).filter_by(
                        record_type=key[0], record_id=key[1]
                    )
                }
                assert ("revision.approval_given" in entries) is approved
                if approved and cancelled:
                    assert entries["revision.approval_given"] < entries["revision.cancelled"]
                db.session.remove()
        return tally

    def two_beginners(self, rounds: int) -> Tally:
        """Two begin the next revision of one document: one draft, the other is told (D1)."""
        tally = Tally()
        people = [self.browser(self.world.author_id), self.browser(self.world.officer_id)]
        files = [("QT.docx", a_docx(paragraphs=[f"Bản của người {who}."])) for who in (1, 2)]
        for code in self.world.effective(rounds):
            answers = together(
                [
                    lambda who=who, file=file, code=code: who.post(
                        f"/d/{code}/revise", {}, file=file
                    )
                    for who, file in zip(people, files, strict=True)
                ]
            )
            assert tally.add(answers) == (303, 409)
            with self.world.app.app_context():
                document = db.session.query(Document).filter_by(code=code).one()
                assert [str(one.state) for one in document.revisions] == ["effective", "draft"]
                assert len(document.revisions[1].all_files) == 1
                db.session.remove()
        return tally

    def codes_at_one_moment(self, rounds: int, count: int = 4) -> Tally:
        """Several new documents are submitted at once: consecutive codes, none twice (D9)."""
        tally = Tally()
        people = [self.browser(person_id) for person_id in self.world.officer_ids[:count]]
        for _ in range(rounds):
            keys = self.world.drafts(count)
            with self.world.app.app_context():
                fields = [draft_fields(db.session.get_one(Revision, key)) for key in keys]
                before = self._highest()
                db.session.remove()
            answers = together(
                [
                    lambda who=who, key=key, values=values: who.post(f"/r/{key}/draft", values)
                    for who, key, values in zip(people, keys, fields, strict=True)
                ]
            )
            assert tally.add(answers) == (303,) * count, [a.text[-3000:] for a in answers]
            with self.world.app.app_context():
                given = sorted(
                    db.session.get_one(Revision, key).document.code or "" for key in keys
                )
                serials = sorted(int(code.rsplit("-", 1)[1]) for code in given)
                assert serials == list(range(before + 1, before + 1 + count))
                db.session.remove()
        return tally

    def _highest(self) -> int:
        codes = db.session.query(Document.code).filter(
            Document.body_id == self.world.body_id, Document.code.is_not(None)
        )
        return max((int(code.rsplit("-", 1)[1]) for (code,) in codes), default=0)

    def one_upload_twice(self, rounds: int) -> Tally:
        """Two people bring the same new file at once: both have it, it is kept once (D2)."""
        tally = Tally()
        people = [self.browser(person_id) for person_id in self.world.officer_ids[:2]]
        for _ in range(rounds):
            file = ("QT.docx", a_docx(paragraphs=[secrets.token_hex(8)]))
            keys = self.world.drafts(2)
            answers = together(
                [
                    lambda who=who, path=f"/r/{key}/file", file=file: who.post(
                        path, {"role": "main"}, file=file
                    )
                    for who, key in zip(people, keys, strict=True)
                ]
            )
            assert tally.add(answers) == (303, 303), [a.text[-3000:] for a in answers]
            with self.world.app.app_context():
                files = [db.session.get_one(Revision, key).main_file for key in keys]
                assert len({one.sha256 for one in files}) == 1
                sha256 = files[0].sha256
                assert db.session.query(StoredFile).filter_by(sha256=sha256).count() == 1
                assert installation().store.digest_of(sha256) == sha256
                db.session.remove()
        return tally

    def many_comments(self, rounds: int, threads: int = 20) -> Tally:
        """Twenty browsers comment on one revision, again and again: every remark is kept."""
        tally = Tally()
        (key,) = self.world.asked(1)
        people = [self.world.browser(self.port, self.world.officer_id) for _ in range(threads)]
        texts = [[secrets.token_hex(8) for _ in range(rounds)] for _ in people]

        def speak(who: Browser, own: list[str]) -> list[Answer]:
            return [who.post(f"/r/{key}/comments", {"text": text}) for text in own]

        spoken = together(
            [
                lambda who=who, own=own: speak(who, own)
                for who, own in zip(people, texts, strict=True)
            ]
        )
        for answers in spoken:
            assert isinstance(answers, list), answers
            assert set(tally.add(answers)) == {303}
        with self.world.app.app_context():
            kept = [row.text for row in db.session.query(Comment).filter_by(revision_id=key)]
            assert sorted(kept) == sorted(text for own in texts for text in own)
            facts = db.session.query(TrailEntry).filter_by(fact="comment.made")
            numbers = {row.id for row in db.session.query(Comment).filter_by(revision_id=key)}
            assert Counter(f.record_id for f in facts if f.record_id in numbers) == Counter(numbers)
            db.session.remove()
        return tally

    def decisions_kept(self) -> int:
        """Give how many decisions the database holds; none of them lost its signature."""
        with self.world.app.app_context():
            made = db.session.query(Decision).all()
            assert all(one.signature is not None for one in made)
            db.session.remove()
            return len(made)


ALL: tuple[str, ...] = (
    "two_approvers",
    "many_approvers",
    "approve_against_return",
    "a_number_of_approvers",
    "approve_against_cancel",
    "two_beginners",
    "codes_at_one_moment",
    "one_upload_twice",
    "many_comments",
)
