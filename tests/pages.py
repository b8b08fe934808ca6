"""Pages as publishers write them, by hand: articles in several languages, and what stands in front of some."""

ADA = {
    "en": "Late on Monday it was Ada Lovelace who signed the papers for the new laboratory, two people said.",
    "de": "Am späten Montag war es Ada Lovelace, die die Verträge für das neue Labor unterschrieb, hieß es.",
    "fr": "Lundi soir, c'est Ada Lovelace qui a signé les papiers du nouveau laboratoire, selon deux personnes.",
    "pt": "Na noite de segunda-feira foi Ada Lovelace quem assinou os papéis do novo laboratório, disseram.",
    "ru": "Поздно вечером в понедельник Ada Lovelace подписала бумаги новой лаборатории, сообщили двое.",
    "ja": "月曜日の夜遅く、新しい研究所の書類に署名したのは Ada Lovelace だったと、二人の関係者が語った。",
}
"""A sentence that names her, in the middle of an article."""

FILLING = {
    "en": "The building stands by the river, and it has been empty since the mill was closed ten years ago.",
    "de": "Das Gebäude steht am Fluss und ist leer, seit die Mühle vor zehn Jahren geschlossen wurde, größtenteils.",
    "fr": "Le bâtiment se trouve près de la rivière, et il est vide depuis la fermeture du moulin il y a dix ans.",
    "pt": "O edifício fica junto ao rio, e está vazio desde que o moinho fechou há dez anos, segundo a câmara.",
    "ru": "Здание стоит у реки и пустует с тех пор, как десять лет назад закрыли мельницу, говорят соседи.",
    "ja": "建物は川沿いにあり、十年前に製粉所が閉鎖されて以来ずっと空のままになっていると市は説明している。",
}


def page(body: str, *, head: str = "", lang: str = "en") -> bytes:
    """A page with a menu, a footer and headlines of other articles around `body`."""
    return (
        f"<!doctype html><html lang={lang}><head><title>The Wire</title>{head}</head><body>"
        "<header><nav><a href=/>Home</a> <a href=/world>World</a> <a href=/login>Log in</a></nav></header>"
        f"<main>{body}</main>"
        "<aside><h2>Most read</h2><ul><li><a href=/other>Grace Hopper wins a prize of the academy</a></li></ul></aside>"
        "<footer>We use cookies. <a href=/privacy>Privacy policy</a></footer></body></html>"
    ).encode()


def article(*sentences: str, lang: str = "en", head: str = "") -> bytes:
    """A page with an article of these sentences, and of what fills newspapers between them."""
    filling = FILLING[lang]
    paragraphs = "".join(f"<p>{filling}</p><p>{one}</p><p>{filling}</p>" for one in (*sentences, filling, filling))
    return page(f"<article><h1>A house by the river</h1>{paragraphs}</article>", lang=lang, head=head)


TEASER = "<p>Late on Monday it was Ada Lovelace who signed the papers for the new laboratory.</p>"

SOLD = page(
    f"<article><h1>A house by the river</h1>{TEASER}"
    "<div class=wall><p>Subscribe to continue reading. Already a subscriber? Log in.</p></div></article>"
)

SOLD_BY_ITS_DATA = page(
    f"<article><h1>A house by the river</h1>{TEASER}<p>{FILLING['en']}</p><p>{FILLING['en']}</p></article>",
    head='<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
    ' "headline": "A house", "isAccessibleForFree": "False"}</script>',
)

SHOWN_THOUGH_SOLD = article(
    *(f"{ADA['en']} It was the {number}th of them." for number in range(20)),
    head='<script type="application/ld+json">[{"@type": ["NewsArticle"], "isAccessibleForFree": false}]</script>',
)

CONSENT = (
    b"<!doctype html><html lang=en><body><h1>We value your privacy</h1>"
    b"<p>We and our 812 partners, of which Ada Lovelace Media is one, store cookies on your device.</p>"
    b"<p>With your consent we process personal data such as unique identifiers, as our privacy policy explains. You can"
    b" accept or refuse our legitimate interest at any time in your privacy settings, and change your cookies.</p>"
    b"<button>Accept all</button><button>Reject all</button></body></html>"
)

LOGIN = (
    b"<!doctype html><html><body><form action=/login method=post><h1>Welcome back, friend of Ada Lovelace</h1>"
    b"<input name=user><input type=password name=password><button>Log in</button></form></body></html>"
)

NOTHING = b"<!doctype html><html><body><div id=app></div><script src=/app.js></script></body></html>"
