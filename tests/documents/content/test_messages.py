"""Every sentence about files has its Vietnamese, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from documents.content import messages
from documents.content.intake import Reason

pytestmark = pytest.mark.covers("T15")

CATALOGUE = Path(__file__).parents[3] / "app" / "translations" / "vi" / "content.po"
NAMES = (
    messages.MALFORMED_NAME,
    messages.NO_NAME,
    messages.QUOTED_NAME,
    messages.RESERVED_NAME,
)


def test_every_sentence_is_in_the_vietnamese_catalogue():
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="vi")
    for sentence in (*messages.REFUSALS.values(), *NAMES):
        translated = catalogue[sentence].string
        assert translated
        assert re.findall(r"%\(\w+\)s", translated) == re.findall(r"%\(\w+\)s", sentence)
    for reason in Reason:
        assert catalogue[reason.sentence].string % reason.values
