"""Words by which a picture can be found: of its file's and folders' names, and of what is written inside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from firth.data.encodings import decode
from firth.data.options import LIMITS, Limits
from firth.data.pictures import opened_picture
from firth.errors import UnreadableError
from firth.types import PictureSource

if TYPE_CHECKING:
    import PIL.Image
    import PIL.ImageFile

__all__ = ["name_words", "picture_words"]

CAMERA_NAME = re.compile(
    r"(_?(img|image|dscn|dscf|dsc|mg|mvimg|pxl|imgp|cimg|sam|gopr|dji|wp|vid|mvi|photo|p))?([_\- ]?\d{3,})+"
    r"([_\-. ]?(mp|hdr|pano|burst|cover|edited))*|[0-9a-f]{16,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)
CAMERA_FOLDER = re.compile(r"dcim|\d{3}[a-z_]{5}", re.IGNORECASE)
CAMERA_TEXTS = frozenset(("olympus digital camera", "sony dsc", "samsung camera pictures", "digital camera"))
WORD_BORDER = re.compile(
    r"[_\-.\s]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])"
)

PNG_TEXTS = ("title", "description", "keywords")
EXIF_TEXTS = (0x010E,)  # ImageDescription
EXIF_WIDE_TEXTS = (0x9C9B, 0x9C9E, 0x9C9F)  # XPTitle, XPKeywords, XPSubject, in UTF-16
IPTC_TEXTS = ((2, 5), (2, 25), (2, 120))  # title, keywords, caption
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
XMP_TEXTS = tuple(DUBLIN_CORE + name for name in ("title", "subject", "description"))


def name_words(name: PurePath | str) -> str:
    """The words of a path, without its ending; names that a camera gave say nothing and are left out.

    >>> name_words("photos/BlackCat_02.jpg"), name_words("台灣/IMG_1234.JPG")
    ('photos Black Cat 02', '台灣')
    """
    path = PurePath(name)
    folders = [part for part in path.parts[:-1] if not CAMERA_FOLDER.fullmatch(part)]
    parts = [part for part in (*folders, path.stem) if not CAMERA_NAME.fullmatch(part)]
    words = (word for part in parts for word in WORD_BORDER.split(unicodedata.normalize("NFC", part)))
    return " ".join(word for word in words if word.strip("/\\"))


def picture_words(source: PictureSource, limits: Limits = LIMITS, *, name: str = "") -> str | None:
    """The words of a picture's name, and the title, description and keywords that its file holds.

    They are looked for in PNG text, EXIF, IPTC and XMP. The header alone is read, no pixel is decoded.

    Args:
        source: The picture.
        limits: Over these it is refused.
        name: The path of which words are taken too.

    Raises:
        UnreadableError: No picture, or over a limit.
    """
    with opened_picture(source, limits) as image:
        written = [" ".join(text.split()) for text in _written(image)]
    texts = [name_words(name), *(text for text in written if text.lower() not in CAMERA_TEXTS)]
    return " ".join(dict.fromkeys(filter(None, texts))) or None


def _written(image: PIL.Image.Image) -> Iterator[str]:
    for read in (_png_texts, _exif_texts, _iptc_texts, _xmp_texts):
        try:
            yield from [text.replace("\x00", " ") for text in read(image)]
        except Exception:  # noqa: S112  damaged notes are no reason to refuse the picture, and raise anything
            continue


def _png_texts(image: PIL.Image.Image) -> Iterator[str]:
    for key, value in image.info.items():
        if isinstance(key, str) and key.lower() in PNG_TEXTS and isinstance(value, str):
            yield _from_latin(value)


def _exif_texts(image: PIL.Image.Image) -> Iterator[str]:
    if image.format == "PNG" and "exif" not in image.info:
        return  # Pillow would decode the whole picture to look for it behind the pixels
    exif = image.getexif()
    for tag in EXIF_TEXTS:
        if isinstance(value := exif.get(tag), str):
            yield _from_latin(value)
    for tag in EXIF_WIDE_TEXTS:
        if value := exif.get(tag):
            yield bytes(value).decode("utf-16-le").replace("\x00", "").replace(";", " ")


def _iptc_texts(image: PIL.Image.Image) -> Iterator[str]:
    from PIL import IptcImagePlugin

    notes: dict[Any, Any] = IptcImagePlugin.getiptcinfo(cast("PIL.ImageFile.ImageFile", image)) or {}
    for tag in IPTC_TEXTS:
        values = notes.get(tag, [])
        yield from _decoded(values if isinstance(values, list) else [values])


def _xmp_texts(image: PIL.Image.Image) -> Iterator[str]:
    from lxml import etree

    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if not packet:
        return
    data = packet.encode() if isinstance(packet, str) else packet.strip(b"\x00")
    tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    for tag in XMP_TEXTS:
        for element in tree.iter(tag):
            yield " ".join(element.itertext())


def _decoded(values: Iterable[bytes]) -> Iterator[str]:
    for value in values:
        try:
            yield decode(value)
        except UnreadableError:
            yield value.decode("latin-1")


def _from_latin(text: str) -> str:
    """What Pillow decoded as Latin-1 because the format says so; programs write UTF-8 or Big5 there."""
    try:
        return next(_decoded([text.encode("latin-1")]))
    except UnicodeEncodeError:
        return text
