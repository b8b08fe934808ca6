"""Characters arrive as they were meant, whatever a server and a document say of them."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.formats.encoding import decode

SAMPLES = {
    "windows-1251": "Мета нанимает Джейсона Вея",
    "koi8-r": "Мета нанимает Джейсона Вея",
    "gb18030": "元宇宙公司聘请韦杰森",
    "gb2312": "公司聘请",
    "shift_jis": "メタがジェイソン・ウェイを採用",
    "euc-jp": "メタが採用",
    "iso-2022-jp": "メタが採用",
    "euc-kr": "정형원 메타 합류",
    "big5": "公司聘請",
    "iso-8859-1": "Café naïve à la coque",
    "iso-8859-7": "Ελληνικά νέα",
    "iso-8859-9": "Yapay zekâ araştırmacısı",
    "windows-1252": "“Smart” quotes – and €",
    "windows-1256": "خبر عاجل",
    "utf-8": "Ação “já” 정형원",
}


def xml(text: str, encoding: str = "") -> str:
    declaration = f"<?xml version='1.0' encoding='{encoding}'?>" if encoding else ""
    return f"{declaration}<rss><title>{text}</title></rss>"


def decoded(body: bytes, charset: str = "") -> str:
    headers = {"content-type": f"text/xml; charset={charset}" if charset else "text/xml"}
    return decode(body, headers).partition("<title>")[2].partition("</title>")[0]


@pytest.mark.parametrize("encoding", SAMPLES)
@pytest.mark.parametrize("where", ["declaration", "header", "both"])
def test_characters_arrive_intact_in(encoding: str, where: str) -> None:
    body = xml(SAMPLES[encoding], encoding if where != "header" else "").encode(encoding)

    assert decoded(body, encoding if where != "declaration" else "") == SAMPLES[encoding]


@pytest.mark.parametrize("label", ["Shift-JIS", "x-sjis", "SJIS", "ms_kanji"])
def test_a_label_may_be_spelt_in_several_ways(label: str) -> None:
    assert decoded(xml(SAMPLES["shift_jis"], label).encode("shift_jis")) == SAMPLES["shift_jis"]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "utf-32-le"),
        (b"", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-16", "utf-8"])
def test_the_first_bytes_decide(mark: bytes, encoding: str, declared: str) -> None:
    assert decoded(mark + xml("정형원 é", declared).encode(encoding), "iso-8859-1") == "정형원 é"


@pytest.mark.parametrize(
    ("header", "declared", "actual"),
    [
        ("iso-8859-1", "utf-8", "utf-8"),
        ("iso-8859-1", "", "utf-8"),
        ("us-ascii", "", "utf-8"),
        ("iso-8859-1", "windows-1251", "windows-1251"),
        ("windows-1251", "utf-8", "utf-8"),
        ("utf-8", "windows-1251", "windows-1251"),
        ("windows-1251", "", "windows-1251"),
        ("no-such-charset", "utf-8", "utf-8"),
        ("utf-16", "utf-8", "utf-8"),
        ("hex", "utf-8", "utf-8"),
        ("", "iso-8859-1", "utf-8"),
        # Sites that moved to UTF-8 and left the label behind.
        ("gb2312", "", "utf-8"),
        ("", "gbk", "utf-8"),
        ("shift_jis", "", "utf-8"),
    ],
)
def test_a_wrong_charset_does_no_harm(header: str, declared: str, actual: str) -> None:
    assert decoded(xml("Джейсон Вей", declared).encode(actual), header) == "Джейсон Вей"


@pytest.mark.parametrize(
    "label", ["idna", "punycode", "undefined", "unicode_escape", "utf-7", "rot13", "base64", "\xff"]
)
def test_what_is_no_encoding_of_documents_is_not_believed(label: str) -> None:
    assert decoded(xml("정형원 \\u0041 +AGE-", label).encode("utf-8"), label) == "정형원 \\u0041 +AGE-"


@pytest.mark.parametrize(("header", "declared"), [("", "utf-8"), ("utf-8", ""), ("iso-8859-1", "utf-8"), ("", "")])
def test_a_few_bad_bytes_cost_themselves_only(header: str, declared: str) -> None:
    good = "정형원 joins Meta " * 40
    body = xml(f"{good}@", declared).encode().replace(b"@", b"caf\xe9 \xe2\x80 end")

    assert decoded(body, header) == f"{good}café \ufffd end"


def test_a_bad_byte_in_another_encoding_costs_itself_only() -> None:
    body = xml("公司聘请@公司聘请", "gb2312").encode("gbk").replace(b"@", b"\xff")

    assert decoded(body, "iso-8859-1") == "公司聘请\ufffd公司聘请"


@pytest.mark.parametrize("declared", ["utf-8", ""])
def test_a_latin_1_feed_that_says_something_else_is_readable(declared: str) -> None:
    # The last three letters of « doué\xa0» are a Chinese one in UTF-8.
    text = "« Doué\xa0», dit-elle à la crèmerie “Été”"

    assert decoded(xml(text, declared).encode("cp1252")) == text


def test_an_emoji_in_the_utf_8_of_java_is_one() -> None:
    body = xml("Ação 🔥Meta", "utf-8").encode().replace("🔥".encode(), "\ud83d\udd25".encode("utf-8", "surrogatepass"))

    assert decoded(body) == "Ação 🔥Meta"


@given(st.binary(), st.sampled_from(["", "text/xml; charset=utf-8", "text/xml; charset=shift_jis", "x; charset=\xff"]))
def test_decoding_never_fails(body: bytes, content_type: str) -> None:
    assert isinstance(decode(body, {"content-type": content_type}), str)


@given(st.text(st.characters(exclude_characters="<", codec="utf-8")), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_what_is_written_in_unicode_is_read(text: str, encoding: str) -> None:
    assert decoded(xml(text, encoding).encode(encoding)) == text
