import io

import pytest
from PIL import Image, PngImagePlugin

from firth.data.picture_words import name_words, picture_words
from firth.errors import UnreadableError

from .made import png_bomb


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cat.jpg", "cat"),
        ("photos/cats/black_cat-02.jpg", "photos cats black cat 02"),
        ("BlackCat.png", "Black Cat"),
        ("HTMLPage2.png", "HTML Page 2"),
        ("台灣/紅蘋果2號.png", "台灣 紅蘋果 2 號"),
        ("苹果 和 橘子.png", "苹果 和 橘子"),
        ("cafe\u0301.png", "café"),
        ("photos/IMG_1234.JPG", "photos"),
        ("DSC00012.jpg", ""),
        ("IMG_20240131_120000.jpg", ""),
        ("PXL_20240131_120000123.MP.jpg", ""),
        ("DCIM/100CANON/_MG_0001.jpg", ""),
        ("20240131_120000.jpg", ""),
        ("3f2504e04f8911d39a0c0305e82c3301.png", ""),
        ("3f2504e0-4f89-11d3-9a0c-0305e82c3301.png", ""),
        ("image of a cat.png", "image of a cat"),
        ("P1000123.jpg", ""),
        ("animals__birds__blackbird.png", "animals birds blackbird"),
    ],
)
def test_names(name, words):
    assert name_words(name) == words


def saved(form, **options):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, form, **options)
    return file.getvalue()


def test_png_text():
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("Title", "紅蘋果")
    notes.add_text("Description", b"a red apple".decode("latin-1"))
    notes.add_text("Keywords", "水果, 苹果".encode().decode("latin-1"))
    notes.add_text("Software", "left out")
    assert picture_words(saved("PNG", pnginfo=notes), name="a/b.png") == "a b 紅蘋果 a red apple 水果, 苹果"


@pytest.mark.parametrize("form", ["JPEG", "TIFF", "WEBP", "PNG"])
def test_exif(form):
    exif = Image.Exif()
    exif[0x010E] = "台北 101 的夜景".encode()
    exif[0x9C9B] = "夜景\x00".encode("utf-16-le")
    exif[0x9C9E] = "台北;night\x00".encode("utf-16-le")
    assert picture_words(saved(form, exif=exif)) == "台北 101 的夜景 夜景 台北 night"


def test_names_of_cameras_are_left_out():
    exif = Image.Exif()
    exif[0x010E] = "OLYMPUS DIGITAL CAMERA         "
    assert picture_words(saved("JPEG", exif=exif)) is None


XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">陽明山</rdf:li></rdf:Alt>
</dc:title><dc:subject><rdf:Bag><rdf:li>火山</rdf:li><rdf:li>volcano</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_xmp(form):
    assert picture_words(saved(form, xmp=XMP.encode())) == "陽明山 火山 volcano"


def test_iptc():
    def record(number, value):
        return b"\x1c\x02" + bytes([number]) + len(value).to_bytes(2, "big") + value

    records = record(5, b"Night market") + record(25, "夜市".encode()) + record(25, b"Taipei")
    records += record(120, "士林夜市的小吃，好吃的是蚵仔煎和大餅".encode("big5"))
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + len(records).to_bytes(4, "big") + records
    block += b"\x00" * (len(records) % 2)
    jpeg = saved("JPEG")
    data = jpeg[:2] + b"\xff\xed" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]
    assert picture_words(data) == "Night market 夜市 Taipei 士林夜市的小吃，好吃的是蚵仔煎和大餅"


def test_damaged_notes_cost_only_themselves():
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<broken")
    notes.add_itxt("Title", "紅蘋果")
    assert picture_words(saved("PNG", pnginfo=notes, exif=b"Exif\x00\x00broken")) == "紅蘋果"


def test_no_words():
    assert picture_words(Image.new("RGB", (4, 4))) is None


def test_the_header_is_checked_and_no_pixel_decoded(tmp_path):
    with pytest.raises(UnreadableError, match="over the limit"):
        picture_words(png_bomb(50_000, 50_000))
    (tmp_path / "cut.png").write_bytes(saved("PNG")[:60])
    assert picture_words(tmp_path / "cut.png", name="cut.png") == "cut"
