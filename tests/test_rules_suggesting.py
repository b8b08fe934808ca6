"""What is offered for a watchlist, from items in many languages: true forms first, and no common word or other name."""

import pytest

from rules import cooccurrence, suggesting
from rules.offers import Suggestion
from rules.records import Item
from rules.suggesting import suggest
from rules.watchlist import Entry, Kind, Watchlist
from tests.builders import an_item

KEYWORDS = Watchlist("keywords", Kind.TOPIC, (Entry("superintelligence"), Entry("artificial general intelligence")))
PEOPLE = Watchlist(
    "people",
    Kind.PERSON,
    tuple(map(Entry, ("Hyung Won Chung", "Ilya Sutskever", "Andrej Karpathy", "Jason Wei", "Kaiming He"))),
)
LABS = Watchlist(
    "labs", Kind.ORGANIZATION, (Entry("OpenAI"), Entry("Anthropic"), Entry("Meta", exact=True), Entry("DeepMind"))
)
LISTS = (KEYWORDS, PEOPLE, LABS)

NEWS = (
    ("es", "La superinteligencia llegará antes de lo previsto, según Ilia Sutskéver"),
    ("es", "Meta abre un laboratorio de superinteligencia en París, cerca del supermercado"),
    ("pt", "A superinteligência preocupa os reguladores; a inteligência humana também"),
    ("fr", "La superintelligence artificielle et le supermarché du futur"),
    ("fr", "Des machines superintelligentes d'ici 2030 ?"),
    ("de", "Die Superintelligenz kommt: Was die Superintelligenzforschung sagt"),
    ("it", "La superintelligenza spaventa gli investitori, non il sovrintendente"),
    ("nl", "Superintelligentie is dichterbij dan gedacht"),
    ("sv", "Meta satsar på superintelligens och en ny superdator"),
    ("pl", "Zespół superinteligencji Mety rośnie, mówi Andriej Karpathy"),
    ("hu", "A szuperintelligencia veszélyei"),
    ("ru", "Илья Суцкевер говорит, что суперинтеллект близко"),
    ("ru", "Компанию покинул Илья Суцкевер, в Карпатах выпал снег"),
    ("ru", "Хён Вон Чон и Андрей Карпати уходят из OpenAI"),
    ("uk", "Ілля Суцкевер та Андрій Карпати про суперінтелект"),
    ("el", "Ο Ίλια Σούτσκεβερ και ο Αντρέι Καρπάθι μιλούν στην Αθήνα"),
    ("ko", "정형원은 오픈AI를 떠나 메타로 간다"),
    ("ko", "제이슨 웨이와 일리야 수츠케버가 만났다"),
    ("ko", "앤트로픽은 슈퍼인텔리전스를 경고했다"),
    ("ko", "슈퍼마켓에서 침공 과정에 대한 사진"),
    ("ja", "イリヤ・サツケバー氏がスーパーインテリジェンスについて語る"),
    ("ja", "チョン・ヒョンウォン氏とジェイソン・ウェイ氏、オープンAIを退社"),
    ("ja", "アンソロピックが新モデル、スーパーコンピューターで学習"),
    ("zh", "据报道，伊利亚·苏茨克维创办新公司"),
    ("zh", "安德烈·卡帕西说超级智能还很远，何恺明加入麻省理工"),
    ("ar", "إيليا سوتسكيفر وأندريه كارباثي يتحدثان"),
    ("ar", "أندريه كارباثي يغادر"),
    ("hi", "इल्या सुत्स्केवर और एंथ्रोपिक की नई घोषणा"),
    ("en", "School superintendent opens a supermarket; intelligence agencies watch"),
    ("en", "Superintendents and supermarkets: a history of human intelligence"),
    ("en", "The Carpathian mountains, Jason Wu and Andrew Carpenter"),
    ("en", "Anthropology and anthropic reasoning; the open air cinema opens"),
)


def news(*more: Item) -> list[Item]:
    return [*(an_item(title, language=language) for language, title in NEWS), *more]


@pytest.fixture(scope="module")
def offered() -> list[Suggestion]:
    return suggest(LISTS, news())


def forms(offered: list[Suggestion], entry: str) -> set[str]:
    return {one.form for one in offered if one.entry == entry}


def test_a_topic_is_offered_as_other_languages_write_it_and_nothing_else(offered: list[Suggestion]) -> None:
    assert forms(offered, "superintelligence") == {
        "superinteligencia", "superinteligência", "superintelligentes", "Superintelligenz", "Superintelligenzforschung",
        "superintelligenza", "Superintelligentie", "superintelligens", "superinteligencji", "szuperintelligencia",
        "суперинтеллект", "суперінтелект", "슈퍼인텔리전스", "スーパーインテリジェンス",
    } - {"superinteligência"}  # fmt: skip


def test_people_are_offered_as_other_scripts_write_them_and_nobody_else(offered: list[Suggestion]) -> None:
    assert forms(offered, "Ilya Sutskever") == {
        "Ilia Sutskéver", "Илья Суцкевер", "Ілля Суцкевер", "Ίλια Σούτσκεβερ", "일리야 수츠케버", "イリヤ・サツケバー",
        "伊利亚·苏茨克维", "إيليا سوتسكيفر", "इल्या सुत्स्केवर",
    }  # fmt: skip
    assert forms(offered, "Andrej Karpathy") == {
        "Andriej Karpathy", "Андрей Карпати", "Андрій Карпати", "Αντρέι Καρπάθι", "安德烈·卡帕西", "أندريه كارباثي",
    }  # fmt: skip
    assert forms(offered, "Hyung Won Chung") == {"Хён Вон Чон", "정형원", "チョン・ヒョンウォン"}
    assert forms(offered, "Jason Wei") == {"제이슨 웨이", "ジェイソン・ウェイ"}
    assert forms(offered, "Kaiming He") == {"何恺明"}


def test_organizations_are_offered_as_other_scripts_write_them(offered: list[Suggestion]) -> None:
    assert forms(offered, "OpenAI") == {"오픈AI", "オープンAI"}
    assert forms(offered, "Anthropic") == {"앤트로픽", "アンソロピック", "एंथ्रोपिक"}
    assert not forms(offered, "Meta")


def test_the_surest_and_most_frequent_comes_first(offered: list[Suggestion]) -> None:
    of_topic = [one for one in offered if one.entry == "superintelligence"]

    assert (of_topic[0].form, of_topic[0].count, of_topic[0].languages) == ("superinteligencia", 3, ("es", "pt"))
    assert [one.entry for one in offered] == sorted(
        (one.entry for one in offered), key=[entry.name for one in LISTS for entry in one.entries].index
    )


def test_a_sample_marks_the_word(offered: list[Suggestion]) -> None:
    for one in offered:
        for sample in one.samples:
            assert sample.text[sample.start : sample.end].casefold().startswith(one.form[:3].casefold())
            assert "\n" not in sample.text


def test_no_sample_says_what_another_says() -> None:
    copies = [an_item(f"Report {number}", summary="Die Superintelligenz kommt") for number in range(3)]

    (one,) = suggest([KEYWORDS], copies)

    assert (one.count, len(one.samples)) == (3, 1)


def test_nothing_is_offered_that_the_list_finds_already(offered: list[Suggestion]) -> None:
    grown = [
        Watchlist(
            one.name,
            one.kind,
            tuple(
                Entry(entry.name, tuple(new.form for new in offered if new.entry == entry.name), exact=entry.exact)
                for entry in one.entries
            ),
        )
        for one in LISTS
    ]

    again = suggest(grown, news())

    assert {one.form for one in again} & {one.form for one in offered} == set()


def test_an_id_names_what_is_suggested_and_not_when(offered: list[Suggestion]) -> None:
    more = an_item("Superintelligenz und Superintelligenz", language="de")

    again = {(one.entry, one.form): one.id for one in suggest(LISTS, news(more))}

    assert len({one.id for one in offered}) == len(offered)
    assert {(one.entry, one.form): one.id for one in offered}.items() <= again.items()


def test_a_copy_of_an_item_counts_once() -> None:
    copies = [an_item("Die Superintelligenz kommt", guid=str(number)) for number in range(5)]

    (one,) = suggest([KEYWORDS], copies)

    assert one.count == 1


@pytest.mark.parametrize(
    ("entry", "text", "form"),
    [
        ("Liz Truss", "Премьер Лиз Трасс ушла", "Лиз Трасс"),
        ("Liz Truss", "莉兹·特拉斯辞职", "莉兹·特拉斯"),
        ("Лиз Трасс", "Liz Truss resigns", "Liz Truss"),
        ("Geoffrey Hinton", "Джеффри Хинтон предупреждает", "Джеффри Хинтон"),
        ("Sam Altman", "サム・アルトマン氏が来日", "サム・アルトマン"),
        ("Sam Altman", "샘 올트먼은 말했다", "샘 올트먼"),
        ("Xi Jinping", "시진핑이 말했다", "시진핑"),
        ("Joe Biden", "조 바이든은 말했다", "조 바이든"),
        ("Vladimir Putin", "弗拉基米尔·普京表示", "弗拉基米尔·普京"),
        ("Vladimir Putin", "Vladimir Poutine à Paris", "Vladimir Poutine"),
        ("Volodymyr Zelensky", "Prezydent Wołodymyr Zełenski", "Wołodymyr Zełenski"),
        ("Angela Merkel", "أنجيلا ميركل تتحدث", "أنجيلا ميركل"),
        ("Emmanuel Macron", "इमैनुएल मैक्रों भारत में", "इमैनुएल मैक्रों"),
    ],
)
def test_a_name_is_recognised_in_another_script(entry: str, text: str, form: str) -> None:
    people = Watchlist("people", Kind.PERSON, (Entry(entry),))

    assert [one.form for one in suggest([people], [an_item(text)])] == [form]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("Jason Wei", "Jason Wu, Jason Weiss and Jonas Wey"),
        ("Jason Wei", "Чон Вэй и Ясон"),
        ("Andrej Karpathy", "Андрей Карпов и Карпаты"),
        ("Karpathy", "Снег в Карпаты пришёл, Carpathian bears, w Karpatach"),
        ("Ilya Sutskever", "Илья Стогов, Ilya Prigogine"),
        ("Joe Biden", "기술을 바탕으로"),
        ("Hyung Won Chung", "이재명 정부, 중앙위원회, 침공 과정에서, 영장"),
        ("OpenAI", "Афины, Апина, オーブン, open air"),
        ("Anthropic", "Антропология, anthropology, anthropoid"),
        ("Sam Altman", "Саша Альтов, 삼성 알루미늄"),
    ],
)
def test_near_neighbours_are_not_offered(entry: str, text: str) -> None:
    assert suggest([Watchlist("list", Kind.PERSON, (Entry(entry),))], [an_item(text)]) == []
    assert entry == "Karpathy" or not suggest([Watchlist("list", Kind.ORGANIZATION, (Entry(entry),))], [an_item(text)])


@pytest.mark.parametrize(
    ("term", "forms"),
    [
        ("artificial general intelligence", ["inteligencia artificial general", "intelligence artificielle générale"]),
        ("reasoning model", ["reasoning models"]),
        ("robot", ["robots", "roboty"]),
        ("acquisition", ["acquisizione", "aquisição", "Akquisition"]),
        ("inference", ["inferencia", "Inferenz"]),
    ],
)
def test_the_cognates_of_a_topic_are_recognised(term: str, forms: list[str]) -> None:
    items = [an_item(f"Sobre {form} hoy") for form in forms]

    assert {one.form for one in suggest([Watchlist("topics", entries=(Entry(term),))], items)} == set(forms)


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("superintelligence", "superintendent superintensive superinteraction intelligence"),
        ("reasoning", "a reasonable reason"),
        ("inference", "interference and infection"),
        ("transformer", "transformations"),
        ("robot", "robust and rowboats"),
        ("=AGI", "agility"),
        ("/gpt-[0-9]/", "gpt-4"),
    ],
)
def test_a_word_of_another_root_is_no_cognate(term: str, text: str) -> None:
    assert suggest([Watchlist("topics", entries=(Entry(term),))], [an_item(text)]) == []


def test_a_common_word_is_not_offered() -> None:
    items = [an_item(f"La inteligencia {number}") for number in range(200)]

    assert suggest([Watchlist("topics", entries=(Entry("intelligence"),))], items) == []


def company(number: int) -> Item:
    """One of fifteen items about OpenAI; twelve of them name a firm and nine of them its head."""
    beside = "Thinking Machines" if number < 12 else "a rival"
    head = "Mira Murati said" if number < 9 else "it was said"
    title = f"Talks {number} between OpenAI and {beside} go on, {head} on Tuesday in Paris"
    return an_item(title, language="en", feed_url=f"https://{number % 3}.example/")


OTHERS = [
    an_item(f"Report {number} from Paris: on Tuesday the Green Party met Anna Schmidt", feed_url="https://o.example/")
    for number in range(60)
]


def new(offered: list[Suggestion]) -> list[tuple[str, str, str]]:
    return [(one.watchlist, one.form, one.kind) for one in offered if not one.entry]


def test_new_names_beside_an_entry_go_to_the_list_of_their_kind() -> None:
    offered = suggest(LISTS, [*map(company, range(15)), *OTHERS])

    assert new(offered) == [("people", "Mira Murati", "person"), ("labs", "Thinking Machines", "organization")]
    (found,) = [one for one in offered if one.form == "Thinking Machines"]
    assert found.why == "in 12 of 15 items with OpenAI, 0 of 60 others"
    assert (found.count, found.languages, len(found.samples)) == (12, ("en",), 3)


def test_new_names_go_to_a_list_of_topics_where_there_is_none_of_their_kind() -> None:
    keywords = Watchlist("keywords", entries=(Entry("OpenAI"),))

    assert new(suggest([keywords], [*map(company, range(15)), *OTHERS])) == [
        ("keywords", "Thinking Machines", "organization"),
        ("keywords", "Mira Murati", "person"),
    ]


def test_a_name_that_is_on_a_list_is_not_new() -> None:
    known = Watchlist("known", Kind.PERSON, (Entry("Murati"), Entry("Thinking Machines")))

    assert new(suggest([LABS, known], [*map(company, range(15)), *OTHERS])) == []


def test_the_line_of_one_feed_is_no_name_beside_an_entry() -> None:
    def item(number: int) -> Item:
        foot = "This appeared in Evening Gazette." if number % 2 else ""
        return an_item(f"OpenAI announces number {number}", summary=foot, feed_url=f"https://{number % 2}.example/")

    assert new(suggest(LISTS, [*map(item, range(30)), *OTHERS])) == []


def beside(word: str, number: int) -> Item:
    """An item of one of two feeds that names OpenAI and a single word."""
    title = f"On day {number} of the talks OpenAI and {word} went on"
    return an_item(title, feed_url=f"https://{number % 2}.example/")


def test_a_single_word_is_new_where_most_of_its_items_are_beside_the_entry() -> None:
    near = [beside("Nebularis", number) for number in range(6)]
    apart = [an_item(f"In week {number} it rained on Nebularis", feed_url="https://o.example/") for number in range(6)]

    assert new(suggest(LISTS, [*near, *OTHERS])) == [("labs", "Nebularis", "organization")]
    assert new(suggest(LISTS, [*near, *apart, *OTHERS])) == []


def test_a_single_word_that_is_written_small_as_well_is_not_new() -> None:
    small = [an_item(f"Plain report {number} of verified facts", feed_url="https://o.example/") for number in range(3)]

    assert new(suggest(LISTS, [*(beside("Verified", number) for number in range(6)), *small, *OTHERS])) == []


def test_what_a_feed_has_in_many_of_its_items_is_not_new() -> None:
    def quiet(feed: int) -> list[Item]:
        return [an_item(f"Report {feed}.{n} of a day", feed_url=f"https://{feed}.example/") for n in range(40)]

    section = [beside("Insightful", number) for number in range(30)]

    assert new(suggest(LISTS, [*section, *quiet(0), *quiet(1), *OTHERS])) == []
    assert new(suggest(LISTS, [*section[:12], *quiet(0), *quiet(1), *OTHERS])) == [
        ("labs", "Insightful", "organization")
    ]


def test_names_are_found_in_other_scripts() -> None:
    def item(number: int) -> Item:
        return an_item(f"{number}: Мира Мурати ушла из OpenAI, ミラ・ムラティ氏", feed_url=f"https://{number}.example/")

    assert new(suggest(LISTS, [*map(item, range(8)), *OTHERS])) == [
        ("people", "Мира Мурати", "person"),
        ("people", "ミラ・ムラティ", "person"),
    ]


def test_a_name_that_is_mostly_a_word_is_not_offered() -> None:
    winds = [an_item(f"Сильный мистраль дует, день {number}") for number in range(3)]
    labs = Watchlist("labs", Kind.ORGANIZATION, (Entry("Mistral"),))

    assert [one.form for one in suggest([labs], [an_item("Компания Мистраль растёт")])] == ["Мистраль"]
    assert suggest([labs], [an_item("Компания Мистраль растёт"), *winds]) == []


def test_a_capitalised_topic_that_is_never_written_small_is_a_name() -> None:
    topics = Watchlist("topics", entries=(Entry("Anthropic"),))
    items = [an_item("Anthropic grows"), an_item("Der anthropische Lesekreis")]

    assert suggest([topics], items) == []
    assert [one.form for one in suggest([topics], [*items, an_item("an anthropic view")])] == ["anthropische"]


def test_a_part_of_a_listed_name_is_not_new() -> None:
    def item(number: int) -> Item:
        return an_item(
            f"Andrej Karpathy speaks, and {number} listen as Karpathy goes on", feed_url=f"https://{number}/"
        )

    assert new(suggest(LISTS, [*map(item, range(9)), *OTHERS])) == []


def test_people_have_no_place_where_only_organizations_are_watched() -> None:
    assert new(suggest([LABS], [*map(company, range(15)), *OTHERS])) == [("labs", "Thinking Machines", "organization")]


def test_of_a_long_article_the_beginning_is_read() -> None:
    padding = "Palabras y más palabras. " * 200

    assert suggest([KEYWORDS], [an_item("Un informe", text=f"{padding} superinteligencia")]) == []
    assert len(suggest([KEYWORDS], [an_item("Un informe", text=f"superinteligencia {padding}")])) == 1


def test_memory_is_bounded_and_what_is_frequent_is_still_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOST_WORDS", "MOST_COPIES", "MOST_FORMS", "MOST_SPELLINGS"):
        monkeypatch.setattr(suggesting, name, 40)
    for name in ("MOST_NAMES", "MOST_PAIRS", "MOST_EVIDENCE"):
        monkeypatch.setattr(cooccurrence, name, 8)
    noise = [an_item(f"Zeile{number} von Person{number} und Ort{number} bei OpenAI") for number in range(50)]

    offered = suggest(LISTS, [*noise, *news(), *map(company, range(15)), *noise, *OTHERS])

    assert "superinteligencia" in forms(offered, "superintelligence")
    assert ("labs", "Thinking Machines", "organization") in new(offered)
    assert len([one for one in offered if one.entry]) <= 40
