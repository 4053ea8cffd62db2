"""An email-driven helpdesk: a pure core answers questions about mail and tickets; a thin shell asks them, in
order, and writes the answers down.

    IMAP mailbox ─ intake ─▶ journal (raw, durable) ─ process ─▶ tickets + outbox (one transaction) ─ delivery ─▶ SMTP
                                                       │
           parse ▶ classify ▶ identify sender ▶ thread ▶ route ▶ receipt ▶ lifecycle ▶ notify ▶ compose

A room imports only from lower floors (held by import-linter, see pyproject.toml):

    FLOOR 6 · faces        cli/        one file a command group, found through registry.py
                           daemon/     the composition root: event loop, signals, mailboxes, scheduler
                           sandbox/    the embedded mail server and the story of `helpdesk demo`
                           wiring.py · premises.py    settings into adapters; settings, database and desk together
    FLOOR 5 · adapters     adapters/   imap*.py (imapclient) · smtp*.py (aiosmtplib) · templates.py (jinja2) · oauth.py
    FLOOR 4 · services     services/   intake ▶ process ▶ line ▶ delivery: a mail's way, each file a station of it
                           course.py   the one place that changes tickets · letters.py the one door to the outbox
                           actions.py  what people do · timers.py what the clock does
    FLOOR 3 · store        store/      tables, the one commit (unit_of_work.py), questions asked in SQL, migrations/
    FLOOR 2 · desk         desk/       what a helpdesk is, pure: keys, lifecycle, sender, thread, hours, receipt, plans,
                                       route, notify, gate, ledger, letter · desk/rules/ reads routing_rules.yaml
    FLOOR 1 · mail         mail/       what Internet mail is, pure: parse, classify, fold quotes, reports, compose
    FLOOR 0 · ground       config/ · logs.py · supervision.py · lock.py · errors.py

The words are those of the README; what each file is for stands in its first line.
"""

__version__ = "0.1.0"
