"""The visible text of a web page: its title, then its body with block elements as lines."""

from __future__ import annotations

import codecs
import re
from typing import Any

from firth.data.encodings import decode
from firth.errors import UnreadableError

__all__ = ["html_text"]

HIDDEN = frozenset(("head", "script", "style", "noscript", "template", "svg", "iframe", "object", "rt", "rp"))
"""``rt`` and ``rp`` too: the pronunciation over a character would tear its word apart."""

BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
CELLS = frozenset(("td", "th"))

# What the web means by these labels (https://encoding.spec.whatwg.org/#names-and-labels).
WEB_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
}
DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.IGNORECASE)
DECLARED_WITHIN = 4096

WIDE = "\u2e80-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
LINE_BREAK_IN_CHINESE = re.compile(f"(?<=[{WIDE}])[ \t]*\r?\n\\s*(?=[{WIDE}])")
"""Written Chinese has no space between words, so a line break in the source stands for nothing."""


def html_text(data: bytes) -> str:
    r"""What a reader of the page sees.

    Args:
        data: The file. Its byte order mark or ``<meta charset>`` is honoured, and checked.

    Raises:
        UnreadableError: The bytes are not in the declared encoding, nor in one that is plain; or elements are
            nested deeper than the parser goes.

    >>> html_text("<title>書</title><p>會魔法的<b>少年</b><br>A <i>boy</i><script>x()</script>".encode())
    '書\n\n會魔法的少年\nA boy'
    """
    from lxml import etree, html

    # lxml guesses Latin-1 where nothing is declared, so it is given UTF-8 and told so.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(_decode(data).encode(), parser=parser)
    except etree.ParserError:  # its word for a page without any element or text
        return ""
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableError("nested deeper than 2,048 elements. Next: save its text from a browser")
    title = " ".join(page.xpath("string(//head/title)").split())
    body = _tidy("".join(_pieces(page)))
    return body if body.split("\n", 1)[0] == title else f"{title}\n\n{body}".strip()


def _decode(data: bytes) -> str:
    declared = DECLARED.search(data, 0, DECLARED_WITHIN)
    if declared is None or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(data)
    label = declared[1].decode().lower()
    try:
        return data.decode(WEB_ENCODINGS.get(label, label))
    except (UnicodeDecodeError, LookupError) as error:
        try:
            return decode(data)  # pages often lie about it
        except UnreadableError as other:
            raise UnreadableError(f"declared as {label}, but {error}; {other}") from other


def _pieces(page: Any) -> list[str]:
    from lxml import etree

    pieces: list[str] = []
    preformatted = 0
    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        preformatted += (tag == "pre") * (1 if event == "start" else -1)
        if BLOCK.fullmatch(tag):
            _end_line(pieces)
        if event == "start" and _is_hidden(element):
            walk.skip_subtree()
        elif event == "start":
            pieces.append("\n" if tag == "br" else "")
            pieces.append(_collapse(element.text, preformatted > 0))
        else:
            pieces.append("\t" if tag in CELLS else "")
            pieces.append(_collapse(element.tail, preformatted > 0))
    return pieces


def _end_line(pieces: list[str]) -> None:
    while pieces and pieces[-1] in ("", " "):
        pieces.pop()
    if pieces and pieces[-1] != "\n":
        pieces.append("\n")


def _is_hidden(element: Any) -> bool:
    style = element.get("style", "").replace(" ", "").lower()
    return element.tag in HIDDEN or "hidden" in element.attrib or "display:none" in style


def _collapse(text: str | None, preformatted: bool) -> str:
    if not text or preformatted:
        return text or ""
    return re.sub(r"[ \t\r\n\f]+", " ", LINE_BREAK_IN_CHINESE.sub("", text))


def _tidy(text: str) -> str:
    lines = [re.sub(r" ?\t ?", "\t", re.sub(" {2,}", " ", line)).strip() for line in text.splitlines()]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()
