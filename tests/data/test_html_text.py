import pytest

from firth.data.html_text import html_text
from firth.errors import UnreadableError

PAGE = """<!DOCTYPE html><html><head><title> 會魔法的
 少年 </title><style>p {{color: red}}</style><meta charset="{charset}"></head>
<body><!-- comment --><script>var hidden = 1</script>
<h1>第一章</h1><p>在倫敦的
   書店裡，<b>少年</b>找到 <i>an old
   book</i>。</p><div hidden>secret</div><p style="display: none">secret</p>
<ul><li>蘋果</li><li>橘子</li></ul><table><tr><td>a</td> <td>b</td></tr><tr><td>c</td><td>d</td></tr></table>
行一<br>行二<pre>  白日依山盡
  黃河入海流</pre><ruby>魔<rt>ㄇㄛˊ</rt>法<rt>ㄈㄚˇ</rt></ruby><noscript>secret</noscript></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "big5"])
def test_what_a_reader_sees(charset):
    text = html_text(PAGE.format(charset=charset).encode(charset))
    assert text.splitlines() == [
        "會魔法的 少年",
        "",
        "第一章",
        "在倫敦的書店裡，少年找到 an old book。",
        "蘋果",
        "橘子",
        "a\tb",
        "c\td",
        "行一",
        "行二",
        "白日依山盡",
        "黃河入海流",
        "魔法",
    ]


def test_simplified_page_that_declares_gb2312_but_holds_more():
    data = '<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><p>朱镕基说：你好</p>'.encode(
        "gbk"
    )
    assert html_text(data) == "朱镕基说：你好"


def test_a_wrong_declaration_is_seen_through():
    assert html_text('<meta charset="big5"><p>会魔法的少年 🍎</p>'.encode()) == "会魔法的少年 🍎"


def test_no_declaration_means_utf8():
    assert html_text("<p>café 書</p>".encode()) == "café 書"


def test_western_pages_follow_their_declaration():
    assert html_text('<meta charset="iso-8859-1"><p>“café”</p>'.encode("cp1252")) == "“café”"


def test_bytes_in_no_encoding_are_refused():
    with pytest.raises(UnreadableError, match="declared as utf-8"):
        html_text(b'<meta charset="utf-8"><p>\xff\xfe\xfd</p>')


@pytest.mark.parametrize("data", [b"", b"   ", b"<!-- nothing -->", b"<script>x</script>"])
def test_a_page_without_text(data):
    assert html_text(data) == ""


def test_a_title_that_is_the_heading_stands_once():
    assert html_text(b"<title>Books</title><h1>Books</h1><p>One</p>") == "Books\nOne"


def test_deep_nesting_is_read_or_refused_but_never_cut():
    assert html_text(b"<div>" * 2000 + "底".encode() + b"</div>" * 2000) == "底"
    with pytest.raises(UnreadableError, match="nested deeper"):
        html_text(b"<div>" * 5000 + "底".encode() + b"</div>" * 5000)
