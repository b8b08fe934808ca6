"""How many items have a word, as far as a small table and its letters tell: rules are anchored at their rarest words.

The table was counted in pages of 2.6 kB from four hundred feeds in a dozen languages, as a stream that is English
for the most part. A wrong number costs time and never a match.
"""

from collections.abc import Callable

from rules.finding import Needle

Frequency = Callable[[Needle], float]
"""The share of items, from 0 to 1, that have the words of a needle."""

_SHARES = {
    0.3: """
        the to and in of for on is with that it this as from be an are but by at can have not or you we all if
        more one what about has so
    """,
    0.15: """
        how when which was they new time some up like there will out your into no just first also do my their
        use other our only its now get here than these been them most two way would re where using work make
        over even then any while me after want see don need us because well ve data should who much had
    """,
    0.075: """
        people could very were same through many still those used right know both different good each few last
        between let find world being without something why before every post since things years ll set code de
        del el en la los que anos avec bij che com da dans dat des di die du een em est et feira foi het il le
        les mais met na nog om ook op par para per pour qui sa se te um un une van voor zijn а в все и на не по
        у цитата что это open der und go year such really example mit von think back con una della take does auf
        das ein im end look al por another better based ist погибли результате человек 以 克 国 國 在 尼 年 得 总 斯
        的
        around may small start ha las own system come non key next eine might imagem point aan als dia dos er je
        meer naar niet uma wat вот для еще к как с так este his made part bei den zu large ans au ce france
        janvier son sur nicht sich best he long alla ci essere ma lot making su 事 任 和 大 夫 尔 後 德 法 特 生 第 蘭
        里 case
        support down working es content create instead type model piu sono actually too dem did read great off
        entre han said change day show public simple thing sie full found add means three always real top ao
        deze dit esta gaan gaat geen heb heeft kan kunnen maar manha morre morreu nao os sua tot veel wedstrijd
        wel worden его может но о от после при то только ты чтобы этом я doesn makes problem run cosa gli help
        state 一 中 亚 人 兰 利 发 多 布 席 成 拉 新 普 會 獲 理 總 造 選 process lo going auch fur across already
        available apra
        aux ca fait interview notamment nouveau ou paris pays premier ses vida never left say once web einem
        como fare po questo si class try development karnataka today aus hat wie little bit easy text deixa
    """,
    0.04: """
        built high keep models name place software big single users second hard called source за 主 亡 击 前 受 基 導
        少
        巴 弗 擊 死 為 烏 獎 發 等 米 统 羅 美 至 議 部 首 important often build free again having running dei ed loro
        features
        einer kann wir wird zum ai done information week self tools acidente alle ano anunciou apos bairro
        bijvoorbeeld casa club daar dan depois desta dezembro dois dr eerste euro fc general hier hij homem ja
        massa moment mr news online pelo regiao semana sobre tarde tem tweede vanaf various werd wordt ze zo бы
        вообще да если есть из или когда которые меня него ну она работает там тут через blog looking security
        call everything https number building less works following old specific user got image enough learn
        project side sure function including language performance team reading pretty page though true oder
        against value abbiamo ad anche delle due nella nostro quando senza tutto app level probably control line
        power times give isn experience home issues added whether aber check design possible research style via
        write needs several yet default given alors annee apres beau bre cette coup couturier dernier deux dont
        eleito ete etre faut film francais grands histoire india jean jeu laurent letter man metier ministro
        morte nacional ne pessoas plus pra present primeiro prix resulta salles scene semaine sous stars tom uae
        vence впервые получила 亞 京 伊 会 俄 傷 其 冠 出 動 卡 合 员 地 宣 州 政 本 模 次 正 比 民 統 西 贏 马 above
        group started version
        file link list dass einen haben noch wenn didn during tras else far however server able changes current
        future step put order speed ways articolo dal dobbiamo dove hanno mi noi oggi prima questa queste roma
        sembra sia solo sul tempo tutte continue least results under away return writing am mehr nur sind vor
        werden course doing ever form others rather similar systems update segun ya access id getting life must
        note together google reason service size idea live question result until ihr nach sein approach kind
        share become local main space fact files mobile video aantal afgelopen ainda ajuda alles andere anders
        bezit bezoeken bezoekers boletim cava chega children deste diz doen door dus elftal ervoor estado estava
        executive fim galgenwaard goede governo greca grote hebben hoe hoorn jaar jose jovem kun kunt laatste
        madrugada manier meio mes militar moet morto nas negatieve nesta net noite norte paar pais
    """,
}
_SHARE_OF = {word: share for share, words in _SHARES.items() for word in words.split()}

_NEXT = 0.2
"""Of the items that have a word, about so many have it before a given other one, where that is no rarer."""

_RAREST = 1e-5


def frequency(needle: Needle) -> float:
    """The share of items that have the words of `needle`."""
    share = min(map(_share, needle.words)) * _NEXT ** (len(needle.words) - 1)
    return max(_RAREST, min(1.0, 2 * share if needle.open else share))


def _share(word: str) -> float:
    share = _SHARE_OF.get(word)
    if share is None:
        # A Chinese character is a word of its own; of other words, the longer are the rarer.
        share = 0.02 if len(word) == 1 and not word.isascii() else 0.05 * 0.7 ** len(word)
    return share
