"""The whole text of a document: plain text, Markdown, HTML, PDF, Word."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from firth.data.encodings import decode
from firth.data.html_text import html_text
from firth.data.options import LIMITS, MIB, Limits
from firth.errors import UnreadableError

__all__ = ["DOCUMENTS", "document_text"]

UNPACKED = 4
"""A .docx may unpack to this many times `Limits.file_bytes`."""

PDF_PASSWORD_ERROR = 4
PDFIUM = threading.Lock()  # PDFium may be called by one thread at a time

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TEXT, PARAGRAPH, CELL, TABLE_ROW = WORD + "t", WORD + "p", WORD + "tc", WORD + "tr"
LEFT_OUT = frozenset(
    (
        *(WORD + tag for tag in ("pPr", "rPr", "del", "moveFrom")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # a text box's second copy
    )
)
WRITTEN_AS = {WORD + "tab": "\t", WORD + "br": "\n", WORD + "cr": "\n", WORD + "noBreakHyphen": "-"}


def document_text(path: Path, limits: Limits = LIMITS) -> str:
    """All the text of a file of one of the endings in `DOCUMENTS`; nothing is cut off.

    Raises:
        UnreadableError: Too large, damaged, protected by a password, in an unknown encoding, or without any
            text.
        OSError: The file cannot be opened.
    """
    limits.check_bytes(path.stat().st_size)
    text = DOCUMENTS[path.suffix.lower()](path.read_bytes(), limits)
    if not text.strip():
        raise UnreadableError("empty: there is no text in it")
    return text


def _plain(data: bytes, _limits: Limits) -> str:
    return decode(data).replace("\r\n", "\n")


def _html(data: bytes, _limits: Limits) -> str:
    return html_text(data)


def _pdf(data: bytes, _limits: Limits) -> str:
    """Pages joined by a blank line."""
    import pypdfium2

    try:
        with PDFIUM, pypdfium2.PdfDocument(data) as pdf:
            pages = [_pdf_page(pdf, number) for number in range(len(pdf))]
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == PDF_PASSWORD_ERROR:
            raise UnreadableError("protected by a password. Next: save a copy without it") from error
        reason = str(error).rstrip(".")
        raise UnreadableError(
            f"not a PDF that can be read: {reason}. Next: open and save it again"
        ) from error
    text = "\n\n".join(page for page in pages if page)
    if not text:
        raise UnreadableError(
            f"no text in its {len(pages)} pages, so probably a scan. Next: recognise the text, for example with "
            "ocrmypdf, or add the pages as pictures"
        )
    return text


def _pdf_page(pdf: Any, number: int) -> str:
    page = pdf[number]
    try:
        text: str = page.get_textpage().get_text_range()
    finally:
        page.close()
    # PDFium writes U+FFFE for a hyphen that only divides a word at the end of a line.
    return text.replace("\ufffe", "").replace("\x00", "").replace("\r\n", "\n").strip()


def _docx(data: bytes, limits: Limits) -> str:
    """Paragraphs as lines, cells separated by tabs; notes at the end; no headers and footers."""
    import docx
    from lxml import etree

    _check_unpacked(data, limits)
    try:
        document = docx.Document(BytesIO(data))
        notes = [
            etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            for relation in document.part.rels.values()
            if relation.reltype.endswith(("/footnotes", "/endnotes"))
        ]
    except (KeyError, ValueError, OSError, etree.XMLSyntaxError, zipfile.BadZipFile) as error:
        raise UnreadableError(f"a damaged Word document: {error}. Next: open and save it again") from error
    return "\n".join(_word_text(part) for part in (document.element.body, *notes)).strip()


def _check_unpacked(data: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise UnreadableError(
            "not a .docx file (a ZIP archive): an older .doc, damaged, or protected by a password. "
            "Next: save it as .docx without a password"
        ) from error
    if size > UNPACKED * limits.file_bytes:
        raise UnreadableError(
            f"unpacks to {size / MIB:,.0f} MiB, over the limit of {UNPACKED * limits.file_bytes / MIB:,.0f}. "
            f"Next: split it, or allow it with Limits(file_bytes={size // UNPACKED + 1})"
        )


def _word_text(root: Any) -> str:
    """The text of an element, in order.

    python-docx's own ``iter_inner_content`` passes over text in content controls, text boxes and insertions
    under review, so the tree is walked here.
    """
    from lxml import etree

    pieces: list[str] = []
    opened: list[int] = []  # where the cells and rows begin that are not closed yet
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if element.tag in LEFT_OUT:
            if event == "start":
                walk.skip_subtree()
        elif event == "start":
            pieces.append(element.text or "" if element.tag == TEXT else WRITTEN_AS.get(element.tag, ""))
            if element.tag in (CELL, TABLE_ROW):
                opened.append(len(pieces))
        elif element.tag == PARAGRAPH:
            pieces.append("\n")
        elif element.tag in (CELL, TABLE_ROW):
            content = "".join(pieces[(start := opened.pop()) :]).rstrip("\n\t")
            pieces[start:] = [content, "\t" if element.tag == CELL else "\n"]
    return "".join(pieces).strip()


DOCUMENTS: dict[str, Callable[[bytes, Limits], str]] = {
    ".txt": _plain,
    ".md": _plain,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}
"""How the text comes out, by the file's ending."""
