"""The document of cases says what the tests say."""

from __future__ import annotations

from tests.faults.table import DOCUMENT, table


def test_the_document_lists_the_cases_as_the_tests_stand() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), "run `python -m tests.faults.table`"
