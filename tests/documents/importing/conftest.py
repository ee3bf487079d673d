"""The workshop of the tests beside: it takes a second to start."""

from tests.documents.content.conftest import workshop

__all__ = ["workshop"]
