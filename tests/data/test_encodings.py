import codecs

import pytest

from firth.data.encodings import decode, detect_file, why_not_storable
from firth.errors import UnreadableError

HANT = "會魔法的少年在倫敦的書店裡找到一本書，裡面寫著：「龍是存在的。」"
HANS = "会魔法的少年在伦敦的书店里找到一本书，里面写着：“龙是存在的。”"
KOREAN = "위키백과는 모두가 함께 만들어 가며 누구나 자유롭게 쓸 수 있는 다언어판 인터넷 백과사전이다."


@pytest.mark.parametrize("text", [HANT, HANS, "A boy who can do magic – café", "", "emoji 🍎 和 𠮷"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_comes_back(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_utf16_of_either_order():
    assert decode(codecs.BOM_UTF16_BE + HANT.encode("utf-16-be")) == HANT


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (HANT, "big5"),
        (HANT, "cp950"),
        (HANS, "gb2312"),
        (HANS, "gb18030"),
        ("蘋果是紅色的", "big5"),
        ("苹果是红色的", "gb18030"),
        ("Harry Potter 哈利波特與神秘的魔法石, by J.K. Rowling", "big5"),
        ("香港嘅天氣好好，佢哋喺度食飯，我唔知道係咪落雨", "big5hkscs"),
    ],
)
def test_legacy_chinese_is_told_apart(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("data", "byte"),
    [
        ("Müller, naïve café".encode("latin-1"), "byte 1 (0xfc)"),
        (HANT.encode()[:30] + b"\xff" + HANT.encode()[30:], "byte 30 (0xff)"),
        (KOREAN.encode("euc-kr"), "byte 0 (0xc0)"),
        (bytes(range(128, 256)) * 4, "byte 0 (0x80)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "byte 0 (0x89)"),
    ],
)
def test_what_is_no_plain_text_is_refused_at_its_byte(data, byte):
    with pytest.raises(UnreadableError, match="Next: save it as UTF-8") as error:
        decode(data)
    assert byte in str(error.value)


def test_utf16_without_a_mark_is_refused():
    with pytest.raises(UnreadableError, match="zero byte at character 1"):
        decode("apple".encode("utf-16-le"))


def test_a_broken_utf16_file_is_refused():
    with pytest.raises(UnreadableError, match="utf-16"):
        decode(codecs.BOM_UTF16_LE + "書".encode("utf-16-le") + b"\x00")


def test_a_character_may_lie_across_two_blocks(tmp_path):
    path = tmp_path / "long.txt"
    path.write_bytes(b"a" + "書".encode() * 700_000)  # over 2 MiB, and no block ends with a character
    assert detect_file(path) == "utf-8"
    path.write_bytes(b"a" + HANT.encode("big5") * 20_000)
    assert detect_file(path) == "cp950"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("書", None),
        ("a\x00", "a zero byte"),
        (b"a\xffb".decode("utf-8", "surrogateescape"), "a byte that is not UTF-8 (0xff)"),
        ("\ud83d", "half a surrogate pair"),
    ],
)
def test_why_not_storable(text, reason):
    assert why_not_storable(text) == reason
