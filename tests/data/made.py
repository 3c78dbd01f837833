"""Small files made on the spot, and short ways to read them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

from firth.data import read
from firth.types import Item, Skipped


def both(source, **options) -> tuple[list[Item], list[Skipped]]:
    found = list(read(source, **options))
    return [x for x in found if isinstance(x, Item)], [x for x in found if isinstance(x, Skipped)]


def items(source, **options) -> list[Item]:
    """The items of a source of which nothing is skipped."""
    good, bad = both(source, **options)
    assert not bad, [str(x) for x in bad]
    return good


def skipped(source, **options) -> str:
    """The one report of a source that gives no item."""
    good, bad = both(source, **options)
    assert not good
    assert len(bad) == 1, [str(x) for x in bad]
    return str(bad[0])


def pdf(pages: Iterable[str], *, trailer: str = "") -> bytes:
    """A PDF with one line of text a page, in a Chinese font that is named and not embedded."""
    pages = list(pages)
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
    font = (
        "/Type /Font /Subtype /Type0 /BaseFont /MSung-Light /Encoding /UniCNS-UCS2-H /DescendantFonts [4 0 R]"
    )
    cid = (
        "/Type /Font /Subtype /CIDFontType0 /BaseFont /MSung-Light /FontDescriptor 5 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (CNS1) /Supplement 0 >>"
    )
    descriptor = (
        "/Type /FontDescriptor /FontName /MSung-Light /Flags 6 /ItalicAngle 0 /Ascent 880 /Descent -120 "
        "/CapHeight 880 /StemV 93 /FontBBox [-160 -249 1015 888]"
    )
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        *(f"<< {body} >>" for body in (font, cid, descriptor)),
    ]
    for n, text in enumerate(pages):
        shown = f"BT /F1 24 Tf 50 700 Td <{text.encode('utf-16-be').hex()}> Tj ET" if text else ""
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        bodies.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    file, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n"
    return file + f"{end}startxref\n{len(file)}\n%%EOF\n".encode()


ENCRYPTED = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00> <00>]"
)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(4096))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, data) for kind, data in chunks)
