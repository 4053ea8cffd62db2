"""Rows for people, pipes and scripts."""

import io
import json
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from helpdesk.cli import output
from helpdesk.desk.terms import Person, State

ROW = {
    "key": "DYN-10013",
    "subject": "Zażółć",
    "state": State.NEW,
    "created_at": datetime(2026, 11, 20, 9, 5, 7, tzinfo=timezone(timedelta(hours=1))),
    "react_by": None,
    "tags": ("a", "b"),
    "requester": Person("Ewa Lis", "ewa@example.org"),
}


def test_scripts_get_one_json_object_a_line_in_utf_8(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.print_rows([ROW, ROW], as_json=True) == 2
    first, second = capsys.readouterr().out.splitlines()

    assert first == second
    assert "Zażółć" in first
    assert json.loads(first) == {
        "key": "DYN-10013",
        "subject": "Zażółć",
        "state": "new",
        "created_at": "2026-11-20T09:05:07+01:00",
        "react_by": None,
        "tags": ["a", "b"],
        "requester": {"name": "Ewa Lis", "addr": "ewa@example.org"},
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param(date(2026, 11, 20), '"2026-11-20"', id="day"),
        pytest.param(timedelta(minutes=2), "120.0", id="length"),
        pytest.param(frozenset({"b", "a"}), '["a", "b"]', id="set"),
        pytest.param(Path("/x/y"), '"/x/y"', id="path"),
    ],
)
def test_values_have_a_json_form(capsys: pytest.CaptureFixture[str], value: object, written: str) -> None:
    output.print_json({"value": value})

    assert capsys.readouterr().out == f'{{"value": {written}}}\n'


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no JSON form"):
        output.print_json({"raw": b"x"})


def test_pipes_get_a_head_and_tab_separated_lines(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_rows([ROW], as_json=False, columns=("key", "state", "created_at", "react_by", "tags", "requester"))

    assert capsys.readouterr().out == (
        "key\tstate\tcreated_at\treact_by\ttags\trequester\nDYN-10013\tnew\t2026-11-20 09:05+01:00\t\ta, b\tEwa Lis\n"
    )


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("\x1b[2Jgone", "\ufffd[2Jgone", id="escape"),
        pytest.param("two\nlines\tand a tab", "two\ufffdlines\ufffdand a tab", id="breaks"),
        pytest.param("abc\u202efdp.exe", "abc\ufffdfdp.exe", id="turned-around"),
        pytest.param("Zażółć [bold] – „tak”", "Zażółć [bold] – „tak”", id="ordinary"),
    ],
)
def test_a_strangers_text_can_not_steer_the_terminal(text: str, seen: str) -> None:
    assert output.visible(text) == seen


def test_people_get_a_table_without_markup_of_strangers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")
    output.print_rows([{"key": "DYN-10013", "subject": "[red]fire[/red]"}], as_json=False)

    head, line = screen.getvalue().splitlines()
    assert head.split() == ["key", "subject"]
    assert line.split() == ["DYN-10013", "[red]fire[/red]"]


def test_no_rows_print_nothing_into_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    assert output.print_rows([], as_json=False, columns=("key",), nothing="no tickets") == 0
    seen = capsys.readouterr()

    assert (seen.out, seen.err) == ("", "")


def test_days_without_a_zone_are_shown_as_days() -> None:
    assert output.shown(datetime(2026, 11, 20, 8, tzinfo=UTC)) == "2026-11-20 08:00+00:00"
