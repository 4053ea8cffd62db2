"""`make bench`: the desk beside a bare script that does the least such a program must.

Not part of the test suite. Real Dovecot, real SMTP sink, the same generated mails for both, runs taken in turns.

__main__     the plan of a run, and the table it ends in (docs/performance.md)
mails        the generator: a seed makes the same mails again
floor        the bare script
runs         one measured run of either, in a process of its own
stopwatch    what such a process took: wall, CPU, memory
archive      a database that has seen twenty thousand tickets
report       figures into a table
"""
