"""One workshop for all tests of this folder: its helper takes a second to start."""

from collections.abc import Iterator

import pytest

from documents.content.workshop import Workshop


@pytest.fixture(scope="session")
def workshop() -> Iterator[Workshop]:
    """A running workshop, ended with the tests."""
    running = Workshop(wait_seconds=60)
    yield running
    running.close()
