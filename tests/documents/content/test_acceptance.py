"""The goals of reading, citing and comparing, on whole sets of files (T16, D11)."""

import io
import zipfile
from collections import Counter

import pytest
from lxml import etree

from documents.content.blocks import plain_text
from documents.content.comparison import compare
from documents.content.intake import Refused
from documents.content.report import comparison_report, reading_report
from tests.documents.content.acceptance import counted, import_set, plain, texts

FIELDS = ("code", "title", "edition", "amendment", "approved_on", "effective_on", "signers")


@pytest.fixture(scope="module")
def read_set(tmp_path_factory, workshop):
    """The set, and what is read of each of its files, told as `nenep check` tells it."""
    folder, expected = import_set(tmp_path_factory.mktemp("set"))
    readings = {
        name: workshop.read(folder / name, name.split("/")[-1]) for name in expected["files"]
    }
    return expected, readings


@pytest.mark.covers("T16", "a4")
def test_every_file_says_who_it_is(read_set):
    expected, readings = read_set
    wrong = []
    for name, said in expected["files"].items():
        found = reading_report(name, readings[name])
        wrong += [(name, key, found[key], said[key]) for key in FIELDS if found[key] != said[key]]
        keys = ("level", "number", "text")
        headings = [{key: each[key] for key in keys} for each in said["headings"]]
        wrong += [(name, "headings")] if found["headings"] != headings else []
    assert wrong == []
    assert len(expected["files"]) > 1


@pytest.mark.covers("a54", "T16")
def test_all_citations_are_found_and_no_false_one(read_set):
    expected, readings = read_set
    for name, said in expected["files"].items():
        found = reading_report(name, readings[name])["citations"]
        for kind, key in (("laws", "number"), ("documents", "code"), ("forms", "code")):
            ours = {each[key]: each["times"] for each in found[kind]}
            assert ours == {each[key]: each["times"] for each in said["citations"][kind]}, name
        assert {each["number"] for each in found["standards"]} == set(
            said["citations"]["standards"]
        )
        passages = [each["passage"] for kind in found.values() for each in kind]
        assert all(passages), name


@pytest.mark.covers("D11", "a23", "a24")
def test_every_change_is_found_with_its_kind_and_nothing_else(read_set):
    expected, readings = read_set
    assert expected["pairs"]
    for pair in expected["pairs"]:
        old, new = readings[pair["old"]], readings[pair["new"]]
        found = comparison_report((pair["old"], old), (pair["new"], new), compare(old, new))
        keys = ("kind", "old", "new")
        ours = Counter(tuple(map(plain, map(each.get, keys))) for each in found["changes"])
        said = Counter(tuple(map(plain, map(each.get, keys))) for each in pair["changes"])
        assert ours == said, pair["new"]
        places = {plain(each["where"].split(" / ")[0]) for each in found["changes"]}
        assert places == {plain(each["where"].split(" / ")[0]) for each in pair["changes"]}
        said = {k: v for k, v in pair["metadata_changes"].items() if k != "layout"}
        assert found["metadata_changes"] == said, pair["new"]


def deleted(data: bytes) -> Counter[str]:
    """The words of tracked deletions, which the expected texts still print."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            root = etree.fromstring(file.read("word/document.xml"))
    except (zipfile.BadZipFile, etree.XMLSyntaxError, KeyError):
        return Counter()
    return counted(" ".join(each.text or "" for each in root.iter("{*}delText")))


@pytest.mark.covers("T16")
def test_no_words_are_lost(workshop, tmp_path):
    """At least 99 % as a mean over files, 99.5 % by words, few files under 90 %."""
    shares: list[tuple[float, int]] = []
    for name, path, text in texts(tmp_path):
        words = counted(text) - deleted(path.read_bytes())
        if words.total() < 20:
            continue
        try:
            ours = counted(plain_text(workshop.read(path, name)))
        except Refused:
            ours = Counter()
        kept = sum(min(times, ours[word]) for word, times in words.items())
        shares.append((kept / words.total(), words.total()))
    assert sum(share for share, _words in shares) / len(shares) >= 0.99
    total = sum(words for _share, words in shares)
    assert sum(share * words for share, words in shares) / total >= 0.995
    assert sum(share < 0.9 for share, _words in shares) <= 0.03 * len(shares)
