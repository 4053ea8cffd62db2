"""How much of a mail is read; past a bound it is kept whole, read as far as allowed, and marked.

Used by the readers of this floor. The figures follow what real mail needs with room to spare; a
mail beyond them is a mistake or an attack, and costs linear time like any other.
"""

from __future__ import annotations

MAX_LEVELS = 100  # MIME nesting
MAX_PARTS = 2_000
MAX_FIELDS = 2_000  # header fields kept; the ones a helpdesk needs are found beyond that too
MAX_HEADER_LINES = 10_000  # beyond: marked
MAX_FIELD_BYTES = 32 * 1024  # of one header field
MAX_ENVELOPE_CHARS = 8 * 1024  # of one field as mail-parser gets it: its address scanner costs most per letter
MAX_ADDRESSES = 500  # in one field
MAX_REFERENCES = 100  # the root and the nearest are kept
MAX_ID_CHARS = 998  # RFC 5322 §2.1.1: nothing longer than a line can be an id
MAX_PARAMETERS = 200
MAX_TEXT_CHARS = 1_000_000  # of the text as people read it
MAX_HTML_BYTES = 2 * 1024 * 1024  # of one HTML part
MAX_HTML_DEPTH = 500  # of nested elements
MAX_DECODED_BYTES = 100 * 1024 * 1024  # of all parts together
MAX_NAME_BYTES = 200  # of an attachment's name: file systems take 255
MAX_SUBJECT_CHARS = 2_000
