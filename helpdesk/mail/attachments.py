"""Names and types of attachments that are safe to store, show and save (RFC 2183 §2.3).

Called by `mail.parse` for every part that is not the text. Nothing is ever unpacked.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata

from helpdesk.mail.bounds import MAX_NAME_BYTES

# Without files: the system's own tables differ from machine to machine.
TYPES = mimetypes.MimeTypes(filenames=())
EXTENSIONS = {
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/html": ".html",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "application/pdf": ".pdf",
    "text/calendar": ".ics",
    "application/ics": ".ics",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "application/zip": ".zip",
    "text/csv": ".csv",
    "text/x-vcard": ".vcf",
    "text/vcard": ".vcf",
    "application/xml": ".xml",
    "message/delivery-status": ".txt",
    "text/rfc822-headers": ".txt",
    "application/octet-stream": ".bin",
}
MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
)
VAGUE = frozenset(
    {
        "",
        "application/octet-stream",
        "application/x-unknown",
        "application/unknown",
        "application/binary",
        "application/x-download",
        "application/force-download",
    }
)
DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "clock$", *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³")}
)
FORBIDDEN = re.compile(r'[<>:"|?*]')
SPACES = re.compile(r"\s+")


def safe_name(name: str, taken: set[str], *, kind: str, number: int) -> str:
    """Return a name without path, control, direction or reserved names, at most MAX_NAME_BYTES long and not `taken`.

    A part without a name gets one of its number and type.
    """
    name = _plain(name)
    if not name.strip(". _"):
        name = f"part-{number}{EXTENSIONS.get(kind) or TYPES.guess_extension(kind) or '.bin'}"
    if name.split(".")[0].strip().lower() in DEVICES:
        name = f"_{name}"
    name = _shorten(name)
    stem, dot, extension = name.rpartition(".")
    candidate, count = name, 1
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{stem} ({count}).{extension}" if dot and stem else f"{name} ({count})"
    taken.add(candidate.casefold())
    return candidate


def _plain(name: str) -> str:
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rstrip("/").rpartition("/")[2])
    name = "".join(
        c if (category := unicodedata.category(c)) == "Zs" or category[0] not in "CZ" or c == "\u200d" else ""
        for c in name
    )
    name = SPACES.sub(" ", FORBIDDEN.sub("_", name)).strip()
    return name.rstrip(". ") if name.strip(".") else ""


def _shorten(name: str) -> str:
    """Cut in the middle of the stem, so that the extension stays; never inside a letter."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    room = MAX_NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip() + dot + extension


def name_by_id(content_id: str, kind: str) -> str:
    """Return a name made of a Content-ID ("image001.png@01D2…"), with the type's extension where it has none; or ""."""
    name = content_id.partition("@")[0]
    known = TYPES.guess_type(name)[0]
    return name and name + ("" if known else EXTENSIONS.get(kind, ""))


def settle_type(stated: str, name: str, content: bytes) -> str:
    """Return the type by what the sender says, the name and the first bytes; the bytes win over a vague word."""
    if stated not in VAGUE:
        return stated
    sniffed = next((kind for magic, kind in MAGIC if content.startswith(magic)), "")
    guessed = TYPES.guess_type(name)[0] or ""
    return guessed or sniffed or stated or "application/octet-stream"
