"""Log lines: one form for everything that speaks, and nothing in them that does not belong there."""

import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from helpdesk import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)


def test_a_line_is_one_json_object_when_nobody_sits_there(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.get_logger("intake", mailbox="erp").info("message.journalled", entry=7, name="Żółw")
    line = json.loads(capsys.readouterr().err)

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "message.journalled",
        "level": "info",
        "logger": "intake",
        "mailbox": "erp",
        "entry": 7,
        "name": "Żółw",
    }


def test_libraries_speak_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    logging.getLogger("some.library").warning("disk is %s", "slow")
    line = json.loads(capsys.readouterr().err)

    assert (line["event"], line["level"], line["logger"]) == ("disk is slow", "warning", "some.library")


def test_warnings_land_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old thing", stacklevel=1)

    assert "old thing" in json.loads(capsys.readouterr().err)["event"]


def test_a_turn_that_the_scheduler_leaves_out_is_no_news_and_a_job_that_failed_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(json=True)
    scheduler = logging.getLogger("apscheduler.scheduler")
    scheduler.warning('Execution of job "%s" skipped: maximum number of running instances reached (1)', "poll erp")
    logging.getLogger("apscheduler.executors.default").error("Job raised an exception")

    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["Job raised an exception"]


@pytest.mark.parametrize("library", ["imapclient", "aiosmtplib", "sqlalchemy.engine"])
def test_what_goes_over_the_wire_is_not_logged_at_any_level(capsys: pytest.CaptureFixture[str], library: str) -> None:
    logs.configure(json=True, level="debug")
    logging.getLogger(library).info("a line of somebody's mail")

    assert capsys.readouterr().err == ""


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True, level="warning")
    logs.get_logger().info("message.processed")
    logs.get_logger().warning("mailbox.failed")

    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["mailbox.failed"]


def test_configuring_again_does_not_double_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    logs.configure(json=True)
    logs.get_logger().info("once")

    assert capsys.readouterr().err.count("once") == 1


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_shows_the_code_but_no_variables(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    logs.configure(json=as_json)
    try:
        _fail("-".join(["seen", "by", "nobody"]))
    except ZeroDivisionError:
        logs.get_logger().exception("work.failed")
    shown = capsys.readouterr().err

    assert "ZeroDivisionError" in shown
    assert "seen-by-nobody" not in shown


def _fail(password: str) -> float:
    return len(password) / 0


def test_a_value_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=False)
    logs.get_logger().info("message.journalled", message_id="\x1b]0;owned\x07\nforged line")
    shown = capsys.readouterr().err

    assert "\x1b]0;" not in shown
    assert "\nforged" not in shown
    assert r"\x1b]0;owned" in shown
