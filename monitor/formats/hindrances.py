"""Why a page that was fetched is not the article that its link promised: a login, a consent wall, a paywall."""

import re
from typing import Any
from urllib.parse import urlsplit

from monitor.formats.markup import Element
from monitor.formats.structured import ARTICLES, nodes, types

SHORT = 1_500
"""Letters; a text that is longer is an article, whatever stands beside it."""

LONG = 2_500
"""Letters of an article that its page calls paid for: some show it all the same, for some readers or a while."""

DENSE = 400
"""Letters of a page about cookies in which one of its words comes."""

_OF_THE_MATTER = "//body//text()[not({})]".format(
    " or ".join(f"ancestor::{name}" for name in ("header", "nav", "footer", "aside", "script", "style"))
)
"""What is written on a page but for its frame, which offers a subscription on every page."""

_LOGIN = re.compile(
    r"(?:^|/)(?:log-?in|sign-?in|sign-?on|sso|auth|oauth2?|anmelden|connexion|acceso|entrar|accedi|inloggen)"
    r"(?:[.?][^/]*)?(?:$|/)",
    re.IGNORECASE,
)
_CONSENT_PLACE = re.compile(r"(?:^|[/.])(?:consent|cmp|guce|cookie-?wall|privacy-?gate|tcf)(?:$|[/.])", re.IGNORECASE)

_CONSENT = re.compile(
    r"cookies?\b|\bconsent|privacy (?:policy|settings|choices)|\bGDPR\b|accept all|reject all|legitimate interest"
    r"|zustimm|einwillig|datenschutz|alle akzeptieren|consentement|tout accepter|vie privée|confidentialité"
    r"|consentimiento|aceptar todo|privacidad|consentimento|aceitar tudo|privacidade|consenso|accetta tutt"
    r"|toestemming|alles accepteren|samtyck|godkänn alla|samtykke|zgod[aęy]\b|ciasteczk|prywatnoś|souhlas"
    r"|クッキー|同意|プライバシー|쿠키|개인정보|隐私|隱私|согласи|файлы cookie",
    re.IGNORECASE,
)

_ADDRESSED = re.compile(
    r"your (?:privacy|consent|choices|device|data)|our (?:\d+ )?partners|(?:accept|reject|allow) all|we use cookies"
    r"|ihre (?:privatsphäre|einwilligung|zustimmung|daten)|unsere \d* ?partner|alle (?:akzeptieren|ablehnen)"
    r"|votre (?:vie privée|consentement|accord)|nos \d* ?partenaires|tout (?:accepter|refuser)"
    r"|(?:tu|su) (?:privacidad|consentimiento)|nuestros (?:\d+ )?socios|(?:aceptar|rechazar) todo"
    r"|sua (?:privacidade|escolha)|(?:nossos|os nossos) (?:\d+ )?parceiros|(?:aceitar|rejeitar) tudo"
    r"|tua (?:privacy|scelta)|nostri (?:\d+ )?partner|(?:accetta|rifiuta) tutt|(?:jouw|uw|je) (?:privacy|toestemming)"
    r"|onze (?:\d+ )?partners|alles (?:accepteren|weigeren)|twoj\w+ (?:prywatnoś|zgod)\w*|nasz\w+ (?:\d+ )?partner\w*"
    r"|din(?:a)? (?:integritet|samtycke|uppgifter)|godkänn alla|принять все|ваш\w+ (?:согласи|конфиденциальност)\w*"
    r"|すべて(?:に)?同意|同意する|お客様|모두 동의|귀하|全部接受|同意并继续|您的(?:隐私|设备|同意)|您的(?:隱私|裝置)",
    re.IGNORECASE,
)
"""How such a page speaks to its reader, as a report on consent does not."""

_PAYWALL = re.compile(
    r"subscribe (?:now )?to (?:continue|read|keep reading|unlock)|already (?:a )?subscrib|to continue reading"
    r"|continue reading (?:this|with|for)|(?:for|to) (?:our )?(?:paying |paid )?(?:subscribers|members) only"
    r"|subscriber[- ]exclusive|register (?:for free )?to (?:continue|read)"
    r"|create (?:a|your) free account to (?:continue|read)"
    r"|unlock this article|mit .{0,40}\babo\b|bereits abonnent|jetzt (?:weiterlesen|abonnieren)|im abo lesen"
    r"|nur für abonnent|réservée? (?:à nos |aux )abonné|abonnez-vous pour|il vous reste .{0,20}à lire"
    r"|suscr[ií]bete para|(?:solo|exclusivo) para suscriptores|assine para|exclusivo para assinantes"
    r"|conteúdo exclusivo para|abbonati per|riservat\w+ agli abbonati|alleen voor abonnees|lees verder met"
    r"|endast för prenumeranter|för att läsa vidare|kun for abonnenter|tylko dla (?:prenumerator|subskrybent)\w+"
    r"|только для подписчиков|оформите подписку|会員限定|有料会員|この記事は有料|구독자 전용|유료 (?:회원|구독)"
    r"|订阅后(?:可|继续|阅读)|付费(?:阅读|后)|訂閱(?:後|以繼續)|會員(?:專享|限定)",
    re.IGNORECASE,
)


def misled(link: str, url: str) -> str:
    """Why `url`, where redirects from `link` have led, cannot be the article; '' where it can."""
    asked, reached = _parts(link), _parts(url)
    if asked == reached:
        return ""
    if _CONSENT_PLACE.search("/".join(reached)) and not _CONSENT_PLACE.search("/".join(asked)):
        return "its link leads to a consent page"
    if _LOGIN.search("/".join(reached)) and not _LOGIN.search("/".join(asked)):
        return "its link leads to a login"
    if not reached[1].strip("/") and not reached[2] and asked[1].strip("/"):
        return "its link leads to a front page"
    return ""


def _parts(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.path, parts.query


def walled(page: Element, text: str) -> str:
    """Why `text`, which was found on the page, is not its article; '' where it is."""
    if _is_consent(text):
        return "a consent page stands before the article"
    if _is_sold(page) and len(text) < LONG:
        return "the article is behind a paywall"
    if len(text) >= SHORT:
        return ""
    whole = " ".join(page.xpath(_OF_THE_MATTER))[:200_000]
    if _PAYWALL.search(whole):
        return "the article is behind a paywall"
    if any(one.get("type", "").lower() == "password" for one in page.iter("input")) and len(text) < SHORT // 3:
        return "a login stands before the article"
    if len(text) < SHORT // 10 and _is_consent(whole):
        return "a consent page stands before the article"
    return ""


def _is_consent(text: str) -> bool:
    if len(text) >= 4 * SHORT:
        return False
    found = len(_CONSENT.findall(text))
    addressed = len({said.lower() for said in _ADDRESSED.findall(text)})
    return found >= 3 and found * DENSE >= len(text) and addressed >= (1 if len(text) < SHORT // 2 else 2)


def _is_sold(page: Element) -> bool:
    """Whether the page says of its article that it is not free."""
    for meta in page.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").endswith("content_tier"):
            return (meta.get("content") or "").lower() in ("locked", "metered")
    return any(_is_paid(node) for node in nodes(page) if not types(node).isdisjoint(ARTICLES))


def _is_paid(node: dict[str, Any]) -> bool:
    free = node.get("isAccessibleForFree")
    return free is False or (isinstance(free, str) and free.lower().rpartition("/")[2] == "false")
