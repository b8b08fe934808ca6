"""What may follow a Korean word and be one word with it: particles, endings, and nouns where it stays what it is.

Words are not parted where a noun follows a noun: 반도체업계 is the trade of semiconductors. But a short word begins
many others that have nothing to do with it: 메타 (Meta) is in 메타버스, 인수 (takeover) in 인수분해 (factorization). So
what follows two syllables has to be known, and after the name of a person, which is no noun, however long it is. Of a
longer word only a single syllable makes another: 반도체조, gymnastics of half a body.
"""

import re

_PARTICLES = (
    "[이가은는을를의에께와과랑도만로나란든며고여야뿐]|에서|에게|에겐|에선|에는|에도|에만|에의|에서는|에서도|에서의|에게서|한테|께서|께서는|이랑|으로|로는"
    "|로도|로서|로써|로의|로부터|으로서|으로써|으로는|으로도|으로의|으로부터|부터|까지|까지도|까지의|보다|보다는|보다도|처럼|같은|같이|마다|조차|마저|라도|이라도"
    "|이나|이든|이란|라는|이라는|라고|이라고|라며|이라며|라면|이라면|다|이다|인|인데|이자|자|이며|이고|였다|이었다|였던|이었던|입니다|이에요|예요"
    "|이야|이여|대로|밖에|커녕|하고|와의|과의|와는|과는|와도|과도|와|만의|만이|만은|만을|도록|이라|라|라서|이라서|측|발|식|용"
)
_OF_PEOPLE = (
    "씨|님|군|양|옹|대표|회장|사장|부회장|부사장|교수|박사|원장|소장|의원|장관|차관|수석|위원|위원장|이사|이사장|전무|상무|팀장"
    "|본부장|센터장|연구원|선수|감독|최고경영자|창업자|공동창업자|대통령|총리|기자"
)
_OF_COMPANIES = (
    "사|표|판|제|산|주|폰|맵|맵스|페이|워치|북|글라스|글래스|스토어|클라우드|뉴스|코리아|재팬|차이나|그룹|본사|지사|직원|임원|출신|대표|회장|사장"
    "|경영진|연구소|연구원|법인|주가|주식|계열|계열사|제품|플랫폼|플랫폼스|플랫폼즈|인텔리전스|슈퍼인텔리전스|초지능연구소|코퍼레이션|전자|모바일|랩스|랩"
)
_OF_THINGS = (
    "론|설|전|자|사|안|주|급|형|화|팀|값|가|률|율|량|비|액|권|법|망|층|계|력|성|상|난|붐|셋|업|세|장|권한|합병|통보|사태|위기|논란|계획|추진|결정|소식|가능성"
    "|업체|기업|회사|시장|산업|업계|경쟁|기술|서비스|모델|제품|개발|투자|규제|소송|관련|연구|연구소|전문가|분야|인력|인재|교육|시대|열풍|협상|제안|대상|대상자"
    "|절차|방안|논의|작업|이후|직후|대금|가격|자금|의향서|후보|붕괴|우려|경고|조짐|요구|기준|바람|한파|칼바람|노동자|직원|근로자|사업|공장|단지|수요|공급"
    "|부족|확보|수출|수입|공개|출시|도입|구축|운영|활용|경제|회담|동맹|협약|의혹|사건|사고|피해|범죄|영상|방지|대책|예고|여부|효과|현상|증상|문제|오류"
)
_VERBS = (
    "[하한할함해했합되된될됨돼됐됩]|(?:하|되|받|당하|시키)[가-힣]{0,3}|(?:한|된|했|됐|받았|당했|시켰)다[가-힣]{0,2}"
    "|받은|당한|시킨"
)

_PARTICLE = f"(?:{_PARTICLES})"


def _followed_by(*words: str) -> re.Pattern[str]:
    """Nothing, the plural, one of `words`, and a particle."""
    return re.compile(f"(?:{'|'.join(words)})?(?:들)?(?:{_PARTICLE})?")


_AFTER_PEOPLE = _followed_by(_OF_PEOPLE)
_AFTER_COMPANIES = _followed_by(_OF_COMPANIES, _OF_PEOPLE)
_AFTER_THINGS = re.compile(f"{_followed_by(_OF_THINGS).pattern}|(?:{_VERBS})")

_MORE = "|[가-힣]{2,}"
"""After a long word any noun may follow; a syllable that is no ending makes another word of it."""

_AFTER_LONG_COMPANIES = re.compile(_AFTER_COMPANIES.pattern + _MORE)
_AFTER_LONG_THINGS = re.compile(f"{_AFTER_THINGS.pattern}|[업차물군칩판족국관학기부인수실채봇앱존촌표제]{_MORE}")

_SHORT = 2
"""Syllables of a word that begins many others."""


def what_may_follow(word: str, *, name: bool, person: bool) -> re.Pattern[str]:
    """What the rest of a written word must be, whole, for `word` to be meant."""
    if person:
        return _AFTER_PEOPLE
    if len(word) > _SHORT:
        return _AFTER_LONG_COMPANIES if name else _AFTER_LONG_THINGS
    return _AFTER_COMPANIES if name else _AFTER_THINGS
