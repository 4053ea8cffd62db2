"""The desk of `helpdesk demo`: a mail server, a cast, a story, a screen. Nothing of it is needed to run a real desk.

    stage.py       sets all up, plays the story, stays, and leaves nothing behind
    mailserver.py  real IMAP (pymap, in the process of imapd.py) and real SMTP (aiosmtpd) over one set of Maildirs
    cast.py        the people of the story and the addresses they have
    post.py        what they write
    client.py      the mail program they all use
    folder.py      helpdesk.toml and its neighbours, as an operator would have them
    story.py       what happens, act by act, each claim checked (terminal.py: the commands that are typed in it)
    screen.py      how it is told

pymap, pysasl and aiosmtpd (the extra `demo`) are imported here and nowhere else.
"""
