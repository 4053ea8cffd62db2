"""Real servers for the tests: private instances on loopback ports, started by fixtures, never the machine's own.

dovecot.py   IMAP: Dovecot over Maildir             maildir.py   what lies in its folders, read and written as files
sink.py      SMTP: aiosmtpd that keeps every copy and misbehaves on request
postgres.py  a private PostgreSQL cluster           proxy.py     a TCP proxy that cuts, freezes, delays and edits
tls.py       a certificate authority of our own     process.py   how all of them are started and stopped
"""
