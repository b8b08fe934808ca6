"""Names in every script and spelling: what is found, and what a person would mark of it."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.watchlist import Entry
from tests.judging import named

SPELLINGS = [
    # case, accents, width, ligatures
    ("superintelligence", "A SUPERINTELLIGENCE lab", ["SUPERINTELLIGENCE"]),
    ("superinteligencia", "laboratório de superinteligência", ["superinteligência"]),
    ("superinteligência", "SUPERINTELIGENCIA", ["SUPERINTELIGENCIA"]),
    ("superinteligência", "a superintelige\u0302ncia.", ["superintelige\u0302ncia"]),
    ("Zu\u0308rich", "ZURICH, Zürich", ["ZURICH", "Zürich"]),
    ("Nguyễn", "Nguyen NGUYÊ\u0303N", ["Nguyen", "NGUYÊ\u0303N"]),
    ("Øresund", "Oresund", ["Oresund"]),
    ("Łódź", "Lodz", ["Lodz"]),
    ("Ærø", "Aero", ["Aero"]),
    ("office", "the oﬃce", ["oﬃce"]),
    ("OpenAI", "ＯｐｅｎＡＩ and 𝗢𝗽𝗲𝗻𝗔𝗜", ["ＯｐｅｎＡＩ", "𝗢𝗽𝗲𝗻𝗔𝗜"]),
    ("Final Fantasy VII", "Final Fantasy Ⅶ", ["Final Fantasy Ⅶ"]),
    ("CO2", "CO₂ emissions", ["CO₂"]),
    ("OpenAI", "OpenAI¹ ①OpenAI OpenAI™ 🚀OpenAI🚀", ["OpenAI"] * 4),
    ("OpenAI™", "OpenAI OpenAI™", ["OpenAI", "OpenAI"]),
    ("Ｃ＋＋", "C++ Ｃ＋＋ C", ["C++", "Ｃ＋＋"]),
    ("½ price", "½ price", ["½ price"]),
    ("Strasse", "Straße STRASSE STRAẞE", ["Straße", "STRASSE", "STRAẞE"]),
    ("Straße", "strasse", ["strasse"]),
    ("ΣΊΣΥΦΟΣ", "σίσυφος, ΣΙΣΥΦΟΣ", ["σίσυφος", "ΣΙΣΥΦΟΣ"]),
    ("İstanbul", "istanbul ISTANBUL ıstanbul", ["istanbul", "ISTANBUL", "ıstanbul"]),
    ("Müller", "Muller MÜLLER Mueller", ["Muller", "MÜLLER"]),
    ("Потемкин", "Потёмкин", ["Потёмкин"]),
    ("мой", "мои", []),
    ("мои\u0306", "мой", ["мой"]),
    ("محمد", "مُحَمَّد، محـــمد", ["مُحَمَّد", "محـــمد"]),
    ("الأمم", "الامم", ["الامم"]),
    ("شركة", "شرکه", ["شرکه"]),
    ("שלום", "שָׁלוֹם", ["שָׁלוֹם"]),
    ('צה"ל', "צה״ל", ["צה״ל"]),
    ("ज़ुकरबर्ग", "जुकरबर्ग ने", ["जुकरबर्ग"]),
    ("कि", "की", []),
    # what nobody sees
    ("superintelligence", "super\u00adintelli\u200bgence", ["super\u00adintelli\u200bgence"]),
    ("OpenAI", "\u200eOpen\u2060AI\ufeff", ["Open\u2060AI"]),
    ("می‌خواهد", "میخواهد", ["میخواهد"]),
    # words are whole
    ("meta", "metallic bimetal Metaverse", []),
    ("ai", "said rail AI.", ["AI"]),
    ("OpenAI", "@OpenAI #OpenAI (OpenAI) OpenAI/Meta «OpenAI» l'OpenAI OpenAI-led", ["OpenAI"] * 7),
    ("OpenAI", "OpenAI'ın çalışanı", ["OpenAI"]),
    ("OpenAI", "https://openai.com/blog", ["openai"]),
    ("IA", "l’IA, d'IA et IA.", ["IA", "IA", "IA"]),
    ("Intel", "la intel·ligència artificial", []),
    ("intel·ligència", "intel·ligencia", ["intel·ligencia"]),
    ("o3", "o3-mini, O3. o33", ["o3", "O3"]),
    ("GPT", "GPT4o GPT-4o", ["GPT"]),
    # possessives
    ("Meta", "Meta’s Meta's META´s Metaʼs metas", ["Meta", "Meta", "META", "Meta"]),
    ("James", "James' book, James’s book", ["James", "James"]),
    ("Meta lab", "Meta’s lab", ["Meta’s lab"]),
    ("McDonald's", "McDonald’s, McDonalds, McDonald", ["McDonald’s", "McDonalds"]),
    ("Levi’s", "Levi's jeans, Primo Levi", ["Levi's"]),
    ("O'Brien", "O’Brien OBrien", ["O’Brien", "OBrien"]),
    # hyphens and white space
    ("super intelligence", "super-intelligence super‑intelligence", ["super-intelligence", "super‑intelligence"]),
    ("super AI", "super\nAI super\u00a0\u2009AI super_AI", ["super\nAI", "super\u00a0\u2009AI", "super_AI"]),
    ("super-intelligence", "superintelligence super intelligence", ["superintelligence", "super intelligence"]),
    ("superintelligence", "super-intelligence's super intelligence", ["super-intelligence"]),
    ("open-source super-intelligence", "open source superintelligence", ["open source superintelligence"]),
    ("open-source superintelligence", "opensource super-intelligence", ["opensource super-intelligence"]),
    ("chain of thought", "chain-of-thought, chain–of–thought", ["chain-of-thought", "chain–of–thought"]),
    ("chain of thought", "“chain of” thought", ["chain of” thought"]),
    ("OpenAI Meta", "OpenAI, Meta. OpenAI. Meta OpenAI (Meta) OpenAI — Meta", []),
    ("Jason Wei", "Jason\nWei, Jason \t Wei’s; Jason, Wei", ["Jason\nWei", "Jason \t Wei"]),
    ("Fei-Fei Li", "Feifei Li, FEI FEI LI’s, Fei‑Fei Li", ["Feifei Li", "FEI FEI LI", "Fei‑Fei Li"]),
    ("state-of-the-art", "state of the art, stateoftheart", ["state of the art", "stateoftheart"]),
    ("to-and-fro-and-up-and-down", "toandfroandupanddown", ["toandfroandupanddown"]),
    ("a-b c-d e-f g-h", "ab cd ef gh, a b c d e f g h", ["ab cd ef gh", "a b c d e f g h"]),
    # scripts without spaces
    ("安全", "关于AI安全的问题", ["安全"]),
    ("AI", "关于AI安全的问题", ["AI"]),
    ("超级智能", "这是超级\n智能。", ["超级\n智能"]),
    ("OpenAI", "离开OpenAI加入Meta", ["OpenAI"]),
    ("Meta", "离开OpenAI加入Meta", ["Meta"]),
    ("离开OpenAI", "他离开 OpenAI 加入", ["离开 OpenAI"]),
    ("杰森·韦", "杰森・韦 杰森•韦 杰森韦", ["杰森・韦", "杰森•韦", "杰森韦"]),
    ("安全", "完全。安，全", []),
    ("ジェイソン・ウェイ", "ジェイソン＝ウェイはジェイソンウェイ", ["ジェイソン＝ウェイ", "ジェイソンウェイ"]),
    ("ガンダム", "ｶﾞﾝﾀﾞﾑのカ\u3099ンタ\u3099ム", ["ｶﾞﾝﾀﾞﾑ", "カ\u3099ンタ\u3099ム"]),
    ("かき", "がき", []),
    ("オープンAI", "オープンAI社", ["オープンAI"]),
    ("โอเพ่นเอไอ", "บริษัทโอเพ่นเอไอประกาศ", ["โอเพ่นเอไอ"]),
    ("AI", "ใช้AIใน", ["AI"]),
    ("มา", "ม้า", []),
    ("ប្រទេស", "ក្នុងប្រទេសកម្ពុជា", ["ប្រទេស"]),
    ("ဘန်ကောက်", "မြို့ဘန်ကောက်တွင်", ["ဘန်ကောက်"]),
    ("ລາວ", "ປະເທດລາວ", ["ລາວ"]),
    (
        "マーク・ザッカーバーグ",
        "マーク．ザッカーバーグ マーク･ザッカーバーグ",
        ["マーク．ザッカーバーグ", "マーク･ザッカーバーグ"],
    ),
    (
        "马克．扎克伯格",
        "馬克·扎克伯格 马克‧扎克伯格 马克 扎克伯格",
        ["馬克·扎克伯格", "马克‧扎克伯格", "马克 扎克伯格"],
    ),
    ("罗福莉", "羅福莉加入、罗福莉", ["羅福莉", "罗福莉"]),
    ("機器學習", "机器学习 機器學習", ["机器学习", "機器學習"]),
    ("头发", "頭髮與發展", ["頭髮"]),
    ("乾隆", "干隆", []),
    # Korean: particles follow, nothing precedes
    ("삼성전자", "삼성전자는 삼성전자, 신삼성전자", ["삼성전자", "삼성전자"]),
    ("오픈AI", "오픈AI가 발표", ["오픈AI"]),
    ("GPT-4", "GPT-4는 GPT4를", ["GPT-4", "GPT4"]),
    ("OpenAI", "OpenAI의", ["OpenAI"]),
    ("범용 인공지능", "범용인공지능(AGI)은 범용 인공지능을", ["범용인공지능", "범용 인공지능"]),
    ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af은", ["\u1112\u1161\u11ab\u1100\u1173\u11af"]),
    ("가", "각", []),
    # a short word of Korean begins many others, and one of Japanese is in many others
    ("메타", "메타가 메타버스, 메타인지, 메타에서는 메타", ["메타", "메타", "메타"]),
    ("인수", "인수합병을 인수분해 인수위 인수했다 인수전", ["인수", "인수", "인수"]),
    ("AI 거품", "AI 거품론, AI 거품기", ["AI 거품"]),
    ("반도체", "반도체업계 반도체가 반도체조 반도체주", ["반도체"] * 3),
    ("메타*", "메타버스", ["메타버스"]),
    ("メタ", "メタル メタバース、メタは米メタ（メタ）ベータメタ", ["メタ", "メタ", "メタ"]),
    ("=メタ", "メタデータ メタの", ["メタ"]),
    ("テスラ", "テスラジャパン", ["テスラ"]),
    # a gloss in brackets parts no phrase
    ("人工知能半導体", "人工知能（AI）半導体", ["人工知能（AI）半導体"]),
    ("IA generativa", "a IA (inteligência) generativa", ["IA (inteligência) generativa"]),
    ("인공지능 반도체", "인공지능(AI) 반도체가", ["인공지능(AI) 반도체"]),
    ("artificial intelligence", "artificial intelligence (AI)", ["artificial intelligence"]),
    ("AI chips", "AI (which costs more than all the rest of it) chips", []),
    ("AI chips", "AI, as said, chips; AI — chips; (AI) chips", []),
    ("AI chips", "AI () chips, AI (a) (b) chips", []),
    ("AI chips", "AI (a, b) chips of AI [GPT-4] chips", ["AI (a, b) chips", "AI [GPT-4] chips"]),
    ("AI chips", "AI (…) chips, AI (a. AI) Chips (a (b) chips", ["AI (a. AI) Chips"]),
    # other scripts around a name
    ("OpenAI", "والـOpenAI ने OpenAIने", ["OpenAI", "OpenAI"]),
    # signs that belong to a name
    ("C++", "C++ and C, C#; c++11 c+++", ["C++", "c++"]),
    ("C", "C++ and C#. C, Objective-C", ["C", "C"]),
    ("C#", "C# C c#.", ["C#", "c#"]),
    ("F#", "F# F", ["F#"]),
    (".NET", "use .NET. Net ASP.NET example.net", [".NET"]),
    ("A.I.", "The A.I. of A.I.", ["A.I.", "A.I."]),
    ("A.I.", "Plan A. I think, j'ai", []),
    ("AI", "The A.I. lab and A.I-led", ["A.I.", "A.I"]),
    ("US", "U.S. stocks in the U.S.", ["U.S.", "U.S."]),
    ("AT&T", "AT&T’s, at&t; at t, AT-T, AT/T", ["AT&T", "at&t"]),
    ("R&D", "R&D R and D", ["R&D"]),
    ("S&P 500", "the S&P 500’s S & P 500", ["S&P 500", "S & P 500"]),
    ("Johnson & Johnson", "Johnson & Johnson Johnson and Johnson", ["Johnson & Johnson"]),
    ("GPT-4", "GPT-4 GPT4 GPT 4 gpt‑4 GPT-4o GPT-4.5 GPT-40", ["GPT-4", "GPT4", "GPT 4", "gpt‑4"]),
    ("GPT4", "GPT-4 GPT4o", ["GPT-4"]),
    ("GPT-4.5", "GPT-4.5 gpt 4.5 GPT-45", ["GPT-4.5", "gpt 4.5"]),
    ("Node.js", "Node.js node. js", ["Node.js"]),
    ("x.ai", "x.ai X.AI x ai", ["x.ai", "X.AI"]),
    ("@sama", "@sama: foo@sama.com @samantha", ["@sama"]),
    ("$META", "buy $META, META", ["$META"]),
    ("Disney+", "Disney+ Disney", ["Disney+"]),
    ("Disney", "Disney+", ["Disney"]),
    ("Yahoo!", "Yahoo! said Yahoo", ["Yahoo!", "Yahoo"]),
    ("Apple, Inc.", "Apple, Inc. or Apple Inc; Apple (Inc)", ["Apple, Inc.", "Apple Inc"]),
    ("Yahoo! Finance", "Yahoo! Finance, Yahoo Finance; Yahoo, Finance", ["Yahoo! Finance", "Yahoo Finance"]),
    ("St. Louis", "St. Louis, St Louis", ["St. Louis", "St Louis"]),
    ("Product (RED)", "Product (RED) and Product RED", ["Product (RED)", "Product RED"]),
    # initials
    ("J. Wei", "J. Wei, J Wei, J.Wei", ["J. Wei", "J Wei", "J.Wei"]),
    ("J.K. Li", "J.K. Li, J. K. Li, JK Li, J K Li", ["J.K. Li", "J. K. Li", "JK Li", "J K Li"]),
    ("J. Wei", "A.J. Wei, A. J. Wei, B J. Wei", ["J. Wei"]),
    ("A.I.", "the U.A.I.", []),
    ("Hyung W Chung", "Hyung W. Chung", ["Hyung W. Chung"]),
    ("JP Morgan", "J.P. Morgan", ["J.P. Morgan"]),
    # prefixes
    ("superintelligen*", "Superintelligenz superintelligent’s superintel", ["Superintelligenz", "superintelligent"]),
    ("superintelligen*", "super-intelligence", ["super-intelligence"]),
    ("chain of thou*", "Chain-of-Thought", ["Chain-of-Thought"]),
    ("인공*", "인공지능은", ["인공지능은"]),
    ("超*", "超级智能", ["超"]),
    # regular expressions
    ("/gpt-?[0-9]+/", "é GPT-4, 中gpt5", ["GPT-4", "gpt5"]),
]
EXACT = [
    ("Meta", "meta Meta META Meta’s Meta-led", ["Meta", "Meta", "Meta"]),
    ("Meta", "Uma meta ambiciosa", []),
    ("café", "café cafe\u0301 cafe CAFÉ", ["café", "cafe\u0301"]),
    ("Київ", "Киів Київ", ["Київ"]),
    ("MSL", "msl MSLs MSL-2", ["MSL"]),
    ("Meta AI", "Meta\nAI Meta-AI meta AI", ["Meta\nAI"]),
    ("Meta-AI", "Meta‑AI Meta AI", ["Meta‑AI"]),
    ("super-intelligence", "super-intelligence superintelligence", ["super-intelligence"]),
    ("AI", "A.I. ai AI", ["AI"]),
    ("A.I.", "A.I. A.I", ["A.I."]),
    ("C++", "C++ c++ C", ["C++"]),
    ("C", "C++ C c", ["C"]),
    (".NET", ".NET .net ASP.NET", [".NET"]),
    ("McDonald's", "McDonald’s McDonald's mcdonald's", ["McDonald’s", "McDonald's"]),
    ("OpenAI", "Open\u00adAI ＯｐｅｎＡＩ", ["Open\u00adAI"]),
    ("Super*", "Superintelligence superintelligence", ["Superintelligence"]),
    ("E*TRADE", "E*TRADE e*trade", ["E*TRADE"]),
    ("삼성전자", "삼성전자는", ["삼성전자"]),
    ("オープンAI", "オープンAI オープンai", ["オープンAI"]),
    (
        "リサ・スー",
        "リサ·スー リサ．スー リサ スー リサ＝スー りさ・スー",
        ["リサ·スー", "リサ．スー", "リサ スー", "リサ＝スー"],
    ),
    ("罗福莉", "羅福莉 罗福莉", ["罗福莉"]),
    ("/Gpt[0-9]/", "Gpt4 GPT4", ["Gpt4"]),
]


@pytest.mark.parametrize(("name", "text", "surfaces"), SPELLINGS)
def test_a_name_is_found_however_it_is_spelled(name: str, text: str, surfaces: list[str]) -> None:
    assert named(name, text) == surfaces


@pytest.mark.parametrize(("name", "text", "surfaces"), EXACT)
def test_an_exact_name_is_found_as_it_is_written(name: str, text: str, surfaces: list[str]) -> None:
    assert named(Entry(name, exact=True), text) == surfaces


@pytest.mark.parametrize(("name", "text", "surfaces"), [row for row in EXACT if row[0][0] != "/"])
def test_an_equals_sign_makes_a_name_exact(name: str, text: str, surfaces: list[str]) -> None:
    assert named(f"={name}", text) == surfaces


def test_the_aliases_of_an_exact_entry_are_exact() -> None:
    assert named(Entry("Meta", ("FAIR",), exact=True), "a fair meta, FAIR and Meta") == ["FAIR", "Meta"]


def test_names_that_overlap_are_all_found() -> None:
    entries = Entry("New York", ("York Times",))

    assert named(entries, "the New York Times") == ["New York", "York Times"]


def test_of_names_of_one_entry_the_longest_is_marked() -> None:
    assert named(Entry("Meta", ("Meta AI", "AI")), "Meta AI and Meta") == ["Meta AI", "Meta"]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Hyung Won Chung", []),
        ("Hyung Won Chung of OpenAI", ["Hyung Won Chung"]),
        ("정형원이 구글을 떠난다", ["정형원"]),
        ("Hyung Won Chung and Chung", ["Hyung Won Chung"]),
    ],
)
def test_a_namesake_counts_in_its_context_only(text: str, surfaces: list[str]) -> None:
    entry = Entry("Hyung Won Chung", ("정형원",), ("=OpenAI", "구글", "Chung"))

    assert named(entry, text) == surfaces


def test_a_name_is_no_context_of_itself() -> None:
    entry = Entry("Safe Superintelligence", context=("superintelligence",))

    assert named(entry, "Safe Superintelligence raises, Safe Superintelligence says") == []
    assert named(entry, "Safe Superintelligence on superintelligence") == ["Safe Superintelligence"]


def test_a_longer_alias_takes_no_context_from_the_name() -> None:
    short = Entry("Meta", context=("superintelligence",))
    both = Entry("Meta", ("Meta Superintelligence Labs",), ("superintelligence",))
    text = "Meta Superintelligence Labs unveils a model"

    assert named(short, text) == ["Meta"]
    assert named(both, text) == ["Meta Superintelligence Labs"]


def test_a_word_of_context_may_be_exact() -> None:
    entry = Entry("Jack Clark", context=("=AI",))

    assert named(entry, "J'ai vu Jack Clark") == []
    assert named(entry, "Jack Clark on AI") == ["Jack Clark"]


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("Meta-Analyse, Metaanalyse und Meta‑Analysen", []),
        ("Eine Meta-Analyse von Meta", ["Meta"]),
        ("META-ANALYSE: META", ["META"]),
    ],
)
def test_a_name_does_not_count_inside_what_is_excepted(text: str, surfaces: list[str]) -> None:
    assert named(Entry("Meta", excepted=("Meta-Analyse*",)), text) == surfaces


def test_what_is_excepted_rings_nothing() -> None:
    entry = Entry("Amazon", ("AWS",), ("cloud",), excepted=("Amazon rainforest",))

    assert named(entry, "a cloud over the Amazon rainforest") == []
    assert named(entry, "cloud: Amazon, not the Amazon rainforest") == ["Amazon"]


NAMES = st.sampled_from(
    [
        "OpenAI",
        "super-intelligence",
        "Jason Wei",
        "A.I.",
        "AT&T",
        "C++",
        "安全",
        "삼성전자",
        "Müller",
        "GPT-4.5",
        "=Meta",
    ]
)
WRITTEN = st.text(
    st.one_of(st.characters(), st.sampled_from("aAeéßıςΣ'’s -.|·l4一가กัำﾞｶか\u3099\u0301क़ि\u200b\u00adﬁ½①…+#&")),
    max_size=40,
)


@given(NAMES, WRITTEN, WRITTEN)
@example("A.I.", "", ".")
@example("C++", "", "+")
def test_whatever_stands_around_a_name_it_is_found(name: str, before: str, after: str) -> None:
    written = name.removeprefix("=")

    assert written in named(name, f"{before} \n{written}\n {after}")


@given(NAMES, WRITTEN, WRITTEN)
def test_what_is_marked_names_the_same_when_it_stands_alone(name: str, before: str, after: str) -> None:
    for surface in named(name, before + name.removeprefix("=") + after):
        assert named(name, surface) == [surface]


@given(st.lists(st.sampled_from(["Jason", "Wei", "OpenAI", "meta", "安全", "said", ",", "."]), max_size=12))
def test_more_words_around_a_text_take_nothing_away(words: list[str]) -> None:
    text = " ".join(words)
    found = named(Entry("Jason Wei", ("OpenAI", "安全")), text)

    assert named(Entry("Jason Wei", ("OpenAI", "安全")), f"yesterday {text} today") == found


MUTATIONS = st.lists(
    st.sampled_from(
        [
            str.upper,
            str.title,
            lambda name: unicodedata.normalize("NFD", name),
            lambda name: name.replace(" ", "\n"),
            lambda name: name.replace(" ", "-"),
            lambda name: name.replace("i", "i\u00ad"),
            lambda name: name.replace("e", "\u200be"),
            lambda name: name.replace("ss", "ß"),
            lambda name: name.replace("e", "é").replace("a", "å"),
            lambda name: "".join(chr(ord(sign) + 0xFEE0) if "!" < sign < "~" else sign for sign in name),
        ]
    ),
    max_size=4,
)


@given(st.sampled_from(["Jessica Weiss", "superintelligence", "Müller-Lüdenscheidt", "ξένος κόσμος"]), MUTATIONS)
def test_what_people_and_machines_do_to_a_name_does_not_hide_it(
    name: str, mutations: list[Callable[[str], str]]
) -> None:
    written = name
    for mutation in mutations:
        written = mutation(written)

    assert named(name, f"said {written}’s lab") == [written]
