"""The server's copy, once a mail is safe: moved by whatever the server can do, and never another person's mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from helpdesk.adapters.imap import Filing
from helpdesk.errors import MailboxUnavailable
from tests.adapters.imap_support import account, all_of, mail, opened, proxied, without
from tests.servers.dovecot import Dovecot, Kind
from tests.servers.proxy import Cut, FaultProxy, Replace, Rule

TAKEN = "Helpdesk/Taken"


def _delivered(dovecot: Dovecot, count: int, kind: Kind = "usual") -> str:
    user = dovecot.new_user(kind)
    dovecot.maildir(user).deliver_many([mail(number) for number in range(1, count + 1)])
    return user


def _never_plain_expunge(proxy: FaultProxy) -> bool:
    lines = [line.split(b" ", 1)[-1].upper() for line in proxy.seen("client").split(b"\r\n")]
    return not any(line.startswith(b"EXPUNGE") or line == b"CLOSE" for line in lines)


@pytest.mark.parametrize("kind", ["usual", "dotted", "courier"])
def test_mails_move_to_a_folder_made_for_them_whatever_the_servers_delimiter(dovecot: Dovecot, kind: Kind) -> None:
    user = _delivered(dovecot, 3, kind)
    with opened(dovecot, user) as mailbox:
        assert mailbox.file_away([1, 3]) == Filing((1, 3), ())
        assert mailbox.candidates(None) == [2]
    assert dovecot.maildir(user).folders() == [TAKEN]
    assert [one.raw for one in dovecot.maildir(user).mails(TAKEN)] == [mail(1), mail(3)]
    assert not any(one.seen for one in dovecot.maildir(user).mails(TAKEN))


WAYS: dict[str, Callable[[], list[Rule]]] = {
    "move": list,
    "move announced but unknown": lambda: [Rule("client", Replace(b"UID MUVE"), pattern=b"UID MOVE", times=99)],
    "copy and uid expunge": lambda: without("MOVE"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_vanished_uid_is_gone_which_is_success(dovecot: Dovecot, way: str) -> None:
    user = _delivered(dovecot, 2)
    with proxied(dovecot, user, *WAYS[way]()) as (mailbox, _):
        mailbox.open()
        assert mailbox.file_away([1, 7]) == Filing((1,), (7,))
        assert mailbox.file_away([1, 7]) == Filing((), (1, 7))
        assert mailbox.candidates(None) == [2]
    assert [one.raw for one in dovecot.maildir(user).mails(TAKEN)] == [mail(1)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("after_intake", ["move:Helpdesk/Taken", "delete"])
def test_what_other_people_marked_as_deleted_is_not_removed_by_us(
    dovecot: Dovecot, way: str, after_intake: str
) -> None:
    user = _delivered(dovecot, 3)
    phone = dovecot.client(user)
    phone.store("3", "+FLAGS", r"\Deleted")
    with proxied(dovecot, user, *WAYS[way](), after_intake=after_intake) as (mailbox, proxy):
        mailbox.open()
        assert mailbox.file_away([1, 2]) == Filing((1, 2), ())
        mailbox.close()
        assert _never_plain_expunge(proxy)
    assert [one.raw for one in dovecot.maildir(user).mails()] == [mail(3)]
    phone.logout()


@pytest.mark.parametrize("broken_at", [rb"UID STORE \d+ \+FLAGS.SILENT \(\\Deleted", rb"UID EXPUNGE"], ids=str)
def test_a_move_by_copy_that_broke_off_is_finished_without_a_second_copy(dovecot: Dovecot, broken_at: bytes) -> None:
    user = _delivered(dovecot, 2)
    cut = Rule("client", Replace(b""), pattern=rb"\w+ " + broken_at + rb".*")
    with proxied(dovecot, user, *without("MOVE"), cut, command_timeout=0.5) as (mailbox, _):
        mailbox.open()
        with pytest.raises(MailboxUnavailable):
            mailbox.file_away([1])
        assert len(dovecot.maildir(user).mails(TAKEN)) == 1
        mailbox.open()
        assert mailbox.file_away([1, 2]) == Filing((1, 2), ())
    assert sorted(one.raw for one in dovecot.maildir(user).mails(TAKEN)) == [mail(1), mail(2)]
    assert dovecot.maildir(user).mails() == []


def test_without_move_and_uidplus_a_keyword_says_it_and_the_mail_stays(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 2)
    with proxied(dovecot, user, *without("MOVE", "UIDPLUS")) as (mailbox, proxy):
        mailbox.open()
        assert mailbox.file_away([1, 9]) == Filing((1,), (9,))
        assert mailbox.candidates(None) == [1, 2]
        assert _never_plain_expunge(proxy)
    phone = dovecot.client(user)
    assert phone.uid("SEARCH", "KEYWORD", "$HelpdeskTaken")[1] == [b"1"]
    phone.logout()
    assert dovecot.maildir(user).folders() == []


def test_a_server_that_can_do_nothing_at_all_is_an_outcome_not_an_error(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 1)
    hidden = Rule("server", Replace(b""), pattern=rb" \\\*(?=\)\])", times=99)
    with proxied(dovecot, user, *without("MOVE", "UIDPLUS"), hidden) as (mailbox, _):
        mailbox.open()
        filing = mailbox.file_away([1, 9])
    assert (filing.moved, filing.gone) == ((), (9,))
    assert "keyword" in filing.failed


def test_a_full_mailbox_keeps_its_mails_in_place_and_intake_goes_on(dovecot: Dovecot) -> None:
    user = dovecot.new_user("small")
    dovecot.maildir(user).deliver_many([mail(1, 40_000), mail(2)])
    with proxied(dovecot, user, *without("MOVE")) as (mailbox, _):
        mailbox.open()
        for _ in range(3):
            filing = mailbox.file_away([1])
            assert (filing.moved, filing.gone) == ((), ())
            assert "OVERQUOTA" in filing.failed
        assert [one.uid for one in all_of(mailbox)] == [1, 2]
        assert mailbox.file_away([2]) == Filing((2,), ())


def test_a_target_folder_that_somebody_removed_is_made_again(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 2)
    with opened(dovecot, user) as mailbox:
        mailbox.file_away([1])
        phone = dovecot.client(user)
        phone.delete(TAKEN)
        phone.logout()
        assert mailbox.file_away([2]) == Filing((2,), ())
    assert [one.raw for one in dovecot.maildir(user).mails(TAKEN)] == [mail(2)]


def test_a_folder_that_the_server_refuses_to_make_is_an_outcome(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 1)
    refusal = Rule("client", Replace(b'CREATE "Helpdesk/../x"'), pattern=b'CREATE "Helpdesk/Taken"')
    with proxied(dovecot, user, refusal) as (mailbox, _):
        mailbox.open()
        assert mailbox.file_away([1]).failed
        assert mailbox.file_away([1]) == Filing((1,), ())


def test_a_folder_name_with_polish_letters_and_blanks_is_the_one_people_see(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 1)
    with opened(dovecot, user, after_intake="move:Zgłoszenia przyjęte") as mailbox:
        assert mailbox.file_away([1]).moved == (1,)
        assert len(list(mailbox.search_folder("Zgłoszenia przyjęte"))) == 1


def test_more_mails_than_fit_one_command_are_all_moved(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 600)
    with opened(dovecot, user) as mailbox:
        assert mailbox.file_away(range(1, 601)).moved == tuple(range(1, 601))
    assert len(dovecot.maildir(user).mails(TAKEN)) == 600


@pytest.mark.parametrize("after_intake, flags", [("keep", ""), ("seen", "S")])
def test_keep_leaves_the_copy_alone_and_seen_marks_it_read(dovecot: Dovecot, after_intake: str, flags: str) -> None:
    user = _delivered(dovecot, 1)
    with opened(dovecot, user, after_intake=after_intake) as mailbox:
        assert mailbox.file_away([1]).moved == (1,)
        assert len(all_of(mailbox)) == 1
    assert [one.flags for one in dovecot.maildir(user).mails()] == [flags]


def test_delete_without_uidplus_only_marks_the_mail(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 1)
    with proxied(dovecot, user, *without("UIDPLUS"), after_intake="delete") as (mailbox, proxy):
        mailbox.open()
        assert mailbox.file_away([1]).moved == (1,)
        mailbox.close()
        assert _never_plain_expunge(proxy)
    assert [one.flags for one in dovecot.maildir(user).mails()] == ["T"]


def test_nothing_is_moved_once_the_server_has_numbered_the_mails_anew(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 2)
    with opened(dovecot, user) as mailbox:
        dovecot.reset_uidvalidity(user)
        with pytest.raises(MailboxUnavailable):
            mailbox.file_away([1])
    assert len(dovecot.maildir(user).mails()) == 2


def test_coming_back_from_another_folder_to_an_inbox_numbered_anew_is_noticed(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 2)
    with proxied(dovecot, user) as (mailbox, proxy):
        mailbox.open()
        mailbox.file_away([1])
        assert len(list(mailbox.search_folder(TAKEN))) == 1
        proxy.add(Rule("server", Replace(b"[UIDVALIDITY 7]"), pattern=rb"\[UIDVALIDITY \d+\]"))
        with pytest.raises(MailboxUnavailable, match="anew"):
            mailbox.file_away([2])


def test_a_cut_between_move_and_its_answer_shows_as_gone_next_time(dovecot: Dovecot) -> None:
    user = _delivered(dovecot, 1)
    with proxied(dovecot, user) as (mailbox, proxy):
        mailbox.open()
        mailbox.file_away([9])  # makes the folder
        proxy.add(Rule("server", Cut(), pattern=rb"\* OK \[COPYUID"))
        with pytest.raises(MailboxUnavailable):
            mailbox.file_away([1])
        mailbox.open()
        assert mailbox.file_away([1]) == Filing((), (1,))


def test_plain_values_are_all_that_an_account_shows_of_itself(dovecot: Dovecot) -> None:
    shown = repr(account(dovecot, "jan"))
    assert "password" not in shown and "token" not in shown
