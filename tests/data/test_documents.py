import io
import zipfile

import docx
import pytest

from firth.data import Limits, document_text
from firth.errors import UnreadableError

from .made import ENCRYPTED, items, pdf, skipped

PLACES = {
    "hant.txt": "會魔法的少年\n第二行",
    "hans.md": "# 会魔法的少年\n\n- 苹果",
    "en.TXT": "A boy who can do magic",
}


@pytest.mark.parametrize("name", PLACES)
def test_plain_files_come_whole(tmp_path, name):
    (tmp_path / name).write_text(PLACES[name], encoding="utf-8")
    (item,) = items(tmp_path / name)
    assert (item.id, item.text, item.kind) == (name, PLACES[name], "text")
    assert item.path == item.source == str(tmp_path / name)


def test_nothing_of_a_long_text_is_cut_off(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("書" * 1_000_000, encoding="utf-8")
    assert len(items(path)[0].text) == 1_000_000


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.docx"])
def test_empty_documents_are_named(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"" if name != "a.docx" else _docx())
    assert skipped(path).startswith(f"{name}: empty")


def test_over_the_limit(tmp_path):
    (tmp_path / "a.txt").write_text("x" * 3_000_000)
    report = skipped(tmp_path / "a.txt", limits=Limits(file_bytes=2**20))
    assert "2.9 MiB is over the limit of 1.0 MiB" in report
    assert "Limits(file_bytes=3000000)" in report


def test_pdf_pages_are_divided_by_a_blank_line(tmp_path):
    path = tmp_path / "書.pdf"
    path.write_bytes(pdf(["會魔法的少年", "A boy", "苹果和橘子"]))
    assert items(path)[0].text == "會魔法的少年\n\nA boy\n\n苹果和橘子"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(["", ""]), "no text in its 2 pages, so probably a scan"),
        (pdf(["a"], trailer=ENCRYPTED), "protected by a password"),
        (b"%PDF-1.4 and no more", "not a PDF that can be read"),
        (b"", "not a PDF that can be read"),
    ],
)
def test_pdfs_that_give_no_text(tmp_path, data, reason):
    (tmp_path / "a.pdf").write_bytes(data)
    report = skipped(tmp_path / "a.pdf")
    assert reason in report
    assert "Next: " in report


def _docx(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_docx_paragraphs_and_tables_in_order(tmp_path):
    document = docx.Document()
    document.add_heading("會魔法的少年", level=1)
    document.add_paragraph("第一段\twith a tab").add_run().add_break()
    table = document.add_table(rows=3, cols=3)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"格{number}" if number != 3 else ""
    table.cell(2, 0).merge(table.cell(2, 1))
    table.cell(0, 0).add_paragraph("two lines")
    document.add_paragraph("最後")
    document.save(tmp_path / "a.docx")
    assert document_text(tmp_path / "a.docx").split("\n") == [
        "會魔法的少年",
        "第一段\twith a tab",
        "",
        "格0",
        "two lines\t格1\t格2",
        "\t格4\t格5",
        "格6",
        "格7\t格8",
        "最後",
    ]


def test_docx_insertions_under_review_and_content_controls_are_text(tmp_path):
    body = (
        "<w:p><w:r><w:t>保留</w:t></w:r><w:ins><w:r><w:t>新增</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>刪除</w:delText></w:r></w:del></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>in a control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(io.BytesIO(_docx("X"))) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = data.replace(b"<w:body>", b"<w:body>" + body.encode())
            new.writestr(name, data)
    assert document_text(path).split("\n") == ["保留新增", "in a control", "X"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0 an old .doc", "not a .docx file"),
        (b"PK\x05\x06" + bytes(18), "a damaged Word document"),
        (_docx("x")[:-500], "not a .docx file"),
    ],
)
def test_docx_files_that_are_none(tmp_path, data, reason):
    (tmp_path / "a.docx").write_bytes(data)
    assert reason in skipped(tmp_path / "a.docx")


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(10_000_000))
    with pytest.raises(UnreadableError, match="unpacks to 10 MiB, over the limit of 4"):
        document_text(path, Limits(file_bytes=2**20))
