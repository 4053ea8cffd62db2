"""G and T: rules that are broken or hostile, and business time at its edges."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from helpdesk.cli import main
from helpdesk.desk.daysoff import last_year_of
from helpdesk.desk.rules.building import load_rules
from helpdesk.desk.rules.checks import warnings_at
from helpdesk.desk.rules.patterns import as_text, parse_pattern
from helpdesk.errors import RulesError
from helpdesk.store.unit_of_work import Database
from tests.desk.calendars import ALWAYS, CWT, LUNCH, MINUTE, MinuteModel, local
from tests.reloadable import BROKEN, SETTINGS, Site, running
from tests.services.desk_at_work import RULES as GOOD
from tests.services.desk_at_work import DeskAtWork
from tests.services.mails import JAN, write
from tests.services.shipped_desk import START, ShippedDesk
from tests.services.test_promises import moved, opening_earlier

CATASTROPHE = "\nrules:\n  - {{ name: slow, when: {{ subject: 're:{}' }}, then: {{ priority: 1 }} }}\n"
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


def test_G_01_a_broken_edit_leaves_the_old_rules_and_is_named_with_its_line_and_health_is_yellow(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    before = site.premises.desk
    site.edit(BROKEN)
    site.keeper.reload()
    assert site.premises.desk is before, "the old version works on"
    capsys.readouterr()
    assert main(["status", "--config", str(site.config), "--json"]) == 0
    status = capsys.readouterr().out
    assert '"health": "yellow"' in status
    assert (
        f"{site.rules}:{1 + GOOD[: GOOD.index('GOLD')].count(chr(10))}: plans.GOLD.calendar: unknown calendar" in status
    )


def test_G_01_a_first_start_with_broken_rules_ends_with_2_before_any_login(tmp_path: Path) -> None:
    (tmp_path / "helpdesk.toml").write_text(SETTINGS.format(folder=tmp_path))
    (tmp_path / "routing_rules.yaml").write_text(BROKEN)
    argv = [sys.executable, "-m", "helpdesk", "run", "--once", "--config", str(tmp_path / "helpdesk.toml")]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "plans.GOLD.calendar" in ended.stderr and "Connection" not in ended.stderr


@pytest.mark.parametrize("expression", ["(a+)+$", "(a|a)*b", "(.*a){20}", "([a-z]+)*!"])
def test_G_06_a_catastrophic_expression_takes_a_moment_and_the_mail_is_ticketed(
    expression: str, sqlite_database: Database
) -> None:
    desk = DeskAtWork(sqlite_database, CATASTROPHE.format(expression))
    subject = "a" * (1 << 20)
    mail = write(JAN, subject="Faktura").replace(b"Subject: Faktura", b"Subject: " + subject.encode())
    began = time.perf_counter()
    [outcome] = desk.receive(mail)
    took = time.perf_counter() - began
    assert outcome.ticket is not None
    assert took < 5.0, "parsing, folding, rule and letters together"


def test_G_06_one_rule_over_the_longest_subject_takes_less_than_a_tenth_of_a_second() -> None:
    pattern, text = parse_pattern("re:(a+)+$", globs=False), as_text("a" * (1 << 20) + "!")
    began = time.perf_counter()
    assert not pattern.matches(text)
    assert time.perf_counter() - began < 0.1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(BOMB, "aliases counted as often as used", id="bomb"),
        pytest.param("!!python/object/apply:os.system ['touch /tmp/x']\n", "tag", id="python-tag"),
        pytest.param("a: !!python/name:os.system\n", "tag", id="python-name"),
    ],
)
def test_G_06_bombs_and_tags_are_refused_in_a_moment(text: str, sentence: str) -> None:
    began = time.perf_counter()
    with pytest.raises(RulesError, match=sentence):
        load_rules(text)
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("delivered", "hours", "due"),
    [
        ("2026-03-28T20:00", 8, "2026-03-29T05:00"),  # the day has 23 hours
        ("2026-03-29T01:30", 1, "2026-03-29T03:30"),
        ("2026-10-24T20:00", 8, "2026-10-25T03:00"),  # and this one 25
    ],
)
def test_T_02_round_the_clock_hours_that_elapse_are_the_hours_that_were_promised(
    delivered: str, hours: int, due: str
) -> None:
    at = local(delivered)
    assert ALWAYS.add_working_time(at, timedelta(hours=hours)) == local(due)
    assert local(due) - at == timedelta(hours=hours)


@pytest.mark.parametrize("at", ["2026-12-31T16:50", "2026-12-24T10:00", "2024-02-29T16:00", "2027-12-31T16:50"])
@pytest.mark.parametrize("calendar", [CWT, LUNCH], ids=lambda calendar: str(calendar.name))
def test_T_05_deadlines_over_the_turn_of_the_year_agree_with_counting_minutes(at: str, calendar: object) -> None:
    hours = CWT if calendar is CWT else LUNCH
    fixed = ("01-01", "01-06", "05-01", "05-03", "08-15", "11-01", "11-11", "12-25", "12-26")
    years = (2024, 2025, 2026, 2027, 2028)
    holidays = {date.fromisoformat(f"{year}-{day}") for year in years for day in fixed}
    holidays |= {date(year, 12, 24) for year in years if year >= 2025}  # a holiday in Poland since then
    model = MinuteModel(hours, frozenset(holidays))
    for minutes in (5, 30, 8 * 60, 20 * 60):
        assert hours.add_working_time(local(at), MINUTE * minutes) == model.add(local(at), minutes)


def test_T_05_check_warns_from_the_first_of_november_if_the_next_year_is_not_covered(sqlite_database: Database) -> None:
    rules, last = DeskAtWork(sqlite_database).desk.rules, last_year_of("PL")
    assert warnings_at(rules, date(last, 10, 31)) == ()
    [warning] = warnings_at(rules, date(last, 11, 1))
    assert f"holidays of PL ends with {last}" in warning


def test_T_08_hours_edited_while_tickets_are_open_move_nothing_until_a_person_applies_them(database: Database) -> None:
    desk = ShippedDesk(database)
    number = desk.asked(START, time="2026-11-24T15:00")
    promised = desk.ticket(number).react_by
    edited = opening_earlier(desk.desk.rules)
    [shown] = moved(desk, edited)
    assert (shown.old, shown.new) == (promised, local("2026-11-25T14:00")), "the list is shown before"
    desk.under(rules=edited)
    desk.process()
    assert desk.ticket(number).react_by == promised, "the edit alone moves nothing"
    assert moved(desk, edited, recompute=True) == [shown]
    assert desk.ticket(number).react_by == shown.new
