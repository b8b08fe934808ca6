"""What tells family names and given names apart: the commonest family names of East Asia and Hungary, particles, and
the words that stand before a surname and are no given name.

The family names are those of the national counts (China: Ministry of Public Security, 2021; Korea: census of 2015;
Vietnam: Lê Trung Hoa, 2005; Hungary: Ministry of the Interior, 2020), with the romanisations of Hong Kong, Taiwan and
Singapore, and the commonest hundred of Japan. All are folded: no accents, small letters.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _words(
    """
    van von vom zu zum zur der den de del della dello delle degli dei di da das do dos du des d la las le les lo los
    el al ul ad bin ibn ben bint abu aal af av ter ten te op in 't y e san santa saint st ap mac
    """
)
"""Before a surname, and of it."""

_CHINESE = """
    wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang han
    feng deng cao peng zeng xiao tian dong yuan pan cai jiang yu du ye cheng wei su lu lyu ding ren yao shen zhong
    cui tan fan liao shi jin jia xia fu fang zou xiong bai meng qin qiu hou yin xue yan lei duan long tao hao gu mao
    gong shao wan qian dai mo kong xiang chang wen pang nie yi ge bi bo xing ji ning lan mu zhai ouyang situ sima
    zhuge shangguan wong chan cheung leung lam ng ho lau tsai hsu hsieh chou kuo yeh tseng chiang kwok kwong shum ip
    yip tse tsang chow chu choy chin fung yuen yeung tam hui poon mok kwan lok lai siu so tsui loh goh teo tay koh
    ong chua ang toh sim seah yeo foo soh quek chia lee low xi rong ruan lang pu nan ao bao bu fei gan geng gui hua
    huo ju kang ke leng lian lou luan man mei mi miao mou niu ou pei ping qi qiao qu quan rao ru sha shan shang
    sheng shu si tai tong tu weng wo xian ying you yue yun zang zhan zhen zhuo zhuang zu zuo teng zong bian che
    chong di dian ku lv mai mang
"""
_KOREAN = """
    kim lee park choi jung jeong chung kang cho jo yoon yun jang lim im han oh seo suh shin sin kwon gwon hwang ahn
    an song yoo ryu hong jeon jun chun ko koh go moon mun yang bae pae baek paik son sohn heo huh nam noh roh ha joo
    ju cha woo koo ku sung seong min na byun eom um bang pyo rhee yi kwak gwak shim sim myung chey
"""
_VIETNAMESE = (
    "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh trinh doan mai truong luong luu"
)
_JAPANESE = """
    sato suzuki takahashi tanaka ito watanabe yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi
    matsumoto inoue kimura hayashi shimizu saito yamazaki mori abe ikeda hashimoto yamashita ishikawa nakajima maeda
    fujita ogawa goto okada hasegawa murakami kondo ishii sakamoto endo aoki fujii nishimura fukuda ota miura
    fujiwara okamoto matsuda nakagawa nakano harada ono tamura takeuchi kaneko wada nakayama ishida ueda morita hara
    shibata sakai kudo yokoyama miyazaki miyamoto uchida takagi ando taniguchi ohno maruyama imai takada fujimoto
    takeda murata ueno sugiyama masuda sugawara hirano kojima otsuka chiba kubo matsui iwasaki sakurai kinoshita
    noguchi matsuo nomura kikuchi sano onishi sugimoto arai son kishida koike nishikawa amari osaka
"""
_HUNGARIAN = """
    nagy kovacs toth szabo horvath varga kiss molnar nemeth farkas balogh papp takacs juhasz meszaros simon olah
    racz szilagyi fekete torok feher balazs gal kis szucs kocsis orsos pinter fodor szalai magyar lukacs gulyas biro
    kiraly katona laszlo jakab bogdan balog sandor boros fazekas kelemen antal somogyi varadi fulop orosz vincze
    veres hegedus deak pal vass bognar lengyel orban kariko polgar rubik szijjarto gyurcsany bajnai
"""

ASIAN = _words(_CHINESE + _KOREAN + _VIETNAMESE)
"""Chinese, Korean and Vietnamese family names."""

JAPANESE = _words(_JAPANESE)
HUNGARIAN = _words(_HUNGARIAN)

JAPANESE_SHAPED = re.compile(
    "(?:(?:[kgsztdnhbpmyrwjf]|sh|ch|ts|[kgnhbpmr]y|kk|ss|tt|tch|pp)?[aeiou](?:n(?![aeiou]))?){2,}"
)
"""Hepburn: syllables that end in a vowel or n."""

JAPANESE_ENDING = re.compile(
    r"\w{2,}(?:moto|mura|yama|[kg]awa|[sj]hima|jima|[zs]aki|[hb]ara|guchi|[zs]awa|uchi|[hb]ashi|matsu|tani|oka|naga|mori"
    r"|ishi|mizu|shita|bayashi|miya|gami|kami|take|zuka|nishi|[kg]uro|nabe|kubo|saka|waki|hira)"
)
"""Of family names: what Takahashi, Yamamoto and Fukushima end in."""

SYLLABLE = (
    "(?:zh|ch|sh|ts|hs|kk|tt|pp|ss|jj|[bpmnkghr]y|[bcdfghjklmnpqrstwxyz])?"
    "(?:yeo|yae|iao|uai|ia|ie|iu|io|ya|ye|yo|yu|wae|wa|wo|we|wi|ua|ue|ui|uo|uy|oa|eo|eu|ae|oe|oo|ee|ou|ai|ao|au|ei|oi|ay|[aeiou])"
    "(?:ng|nh|ch|[nmktplhc])?"
)
"""Of a Chinese, Korean or Vietnamese name, in any romanisation."""

HUNGARIAN_GIVEN = _words(
    """
    laszlo istvan jozsef janos zoltan sandor ferenc gabor attila peter tamas zsolt tibor andras csaba imre lajos
    gyorgy balazs gyula mihaly robert akos norbert adam mate daniel david kristof viktor denes erno antal bela geza
    pal karoly maria erzsebet katalin ilona eva anna zsuzsanna margit judit agnes andrea ildiko julia erika
    krisztina klara dora edit monika reka kinga timea beata gabriella judith marta aniko szilvia
    """
)

WESTERN_GIVEN = _words(
    """
    jason jensen robin lisa simon sam ben dan tony june sara sarah anna hanna hannah ana ina nina tina gina rina
    dina lina mina dana diana juan jean jane joan julian leon gordon jordan wilson nelson aaron hugo nathan ethan
    jonathan ron don ken tom tim jim kim max leo theo joe jon john sean ian alan allan allen dean dylan colin kevin
    keith kelly ella emma amy may sue lee ray roy ralph paul peter mike nick nicole luke lucas luca mark
    marco mario maria marina martin matt megan mia milo noah noel oliver omar oscar otto pam pat phil pia rita rosa
    ross ruth sasha sofia sonia sophie stan stella steven susan ted tanya tara thomas toni ulla una vera victor
    vivian wendy will william yana yoel zoe adam alec alex alexander alexandr alice alina andrea andrew andy anita
    anton april ari barbara bella bill bob brian bruce carl carla carol cathy charles chloe chris cindy claire dario
    david debbie denis denise diego dominic eddie edith eli elena eliot elon eric erika ernest esther eugene eva
    fabian felix fiona frank fred gary gene geo george gloria grace greg hank harry heather helen henry ida irene
    iris isaac ivan jack jacob james jamie janet jay jenny jerry jesse jessica jill jimmy jo joanna joel joey jose
    joseph josh joshua joy judy julia julie justin karen kate kathy katie kenneth kent kurt lance larry laura lea
    leah lena leonard lewis liam linda lionel lou louis louise lucy lynn mandy manuel maya melissa michael michelle
    miles milton miriam moses nadia natasha neil nelly nora norman olga patricia pauline penny philip pony
    rachel raymond rebecca regina rene rex richard rick robert rod roger roland roman ronald rose samantha samuel
    scott selena serena shannon sharon sheila sid silvia stanley stephen steve stuart tamara terry tiffany timothy
    titus todd tracy valerie vanessa vincent viola virginia walter warren wayne winnie winston
    """
)
"""Of those who have a family name of East Asia and are not called by it first: Jason Wei is hardly Wei Jason."""

WORDS = _words(
    """
    a after ai al all am an and any ao as at att aus be before bei best black but by can ce che chi con da dann das
    dat day de dei del dem den der des det di die dit do drew du e early een ein eine elle em en er es est et for
    from get gli go good got grand green ha had han has he her here het hij him his ho hon how ich if ihr ik il ils
    im in into is it its ja jag je la le les let little lo long los ma mais man march may me men met mi mit mo must
    my na nas ne nein nel new niet no non nos not now o och off oh old on one or os ou our out over pas per poor por
    que rich sa say se see sei ses seu shall sharp she short si sie sin small so som son strong su sua sul sus than
    that the their then there these this those to too two um uma un una und under une up us van var via von voor vor
    was we week weeks wer when where white who why wie will wir wise with wo you young ze zij zu
    """
)
"""Surnames that are words with which sentences begin, in one of the languages (He, Su, Long)."""

BEFORE_SURNAMES = _words(
    """
    mr mrs ms miss mx dr prof professor doctor sir dame lord lady sen senator rep judge justice president chairman
    chair chairwoman chief ceo cto cfo coo boss founder cofounder researcher scientist engineer director minister
    secretary billionaire investor entrepreneur author economist mathematician physicist analyst general captain
    king saint herr frau doktor professorin chef chefin forscher forscherin entwickler ingenieur grunder grunderin
    mitgrunder mitgrunderin unternehmer milliardar experte expertin wissenschaftler wissenschaftlerin prasident
    direktor leiter manager vorstand informatiker physiker nobelpreistrager kanzler m mme mlle monsieur madame
    docteur professeur directeur chercheur fondateur cofondateur patron ministre sr sra srta senor senora dona
    profesor presidente investigador fundador cofundador jefe dott dottor ing signor signora professore ricercatore
    fondatore cofondatore capo ministro doutor pesquisador cientista executivo chefe diretor dhr mevr meneer mevrouw
    onderzoeker oprichter topman baas hoogleraar г-н господин госпожа профессор доктор основатель глава директор
    исследователь учёный ученый предприниматель миллиардер инвестор разработчик президент министр
    when where while why how what who as if but and or nor yet so for after before since until unless although
    though because with without from by to of in on at about against between into through during like than then now
    here there that this these those the a an is was would can could did does do has had said says say asked
    told according meanwhile however also even only just still both either not no yes yesterday today tomorrow later
    earlier once instead wenn wann wo warum wie wer als ob aber und oder denn nach vor seit bis obwohl weil mit ohne
    von zu aus im am auf uber gegen zwischen durch fur laut dass der die das den dem ein eine ist war wird kann hat
    sagte sagt auch nur noch doch dann heute gestern damit dabei dort hier bei wegen trotz statt einst nun jetzt
    quand ou pourquoi comment que qui comme si mais et car apres avant depuis avec sans par de du des en sur contre
    entre selon pour le la les un une est etait dit aujourd'hui ainsi alors aussi chez pendant puis cuando donde
    como quien pero y o ni porque despues antes desde hasta con sin por para segun sobre contra el los las es fue ha
    dijo hoy ayer ahora tambien entonces asi aunque mientras tras quando onde quem se mas e nem depois ate com
    sem segundo os um uma foi disse hoje ontem agora tambem entao assim embora enquanto apos dove chi ma perche dopo
    prima fino senza secondo tra fra su il lo gli i oggi ieri ora anche allora cosi mentre wanneer waar waarom hoe
    wat maar want na voor sinds tot omdat met zonder volgens tussen over tegen door het een ook nog toen nu vandaag
    gisteren zo dus nar var hvad hvem men och eller efter med utan uden enligt ifolge til till fran av af pa da
    когда где как что кто но и или после до с без от по для о об в на у за же если хотя также сегодня вчера
    """
)
"""Titles, posts and the words that begin sentences, which are no given names."""

AFTER_SURNAMES = _words(
    """
    group inc corp corporation company co ltd llc plc gmbh ag sa labs lab foundation university college institute
    school holdings capital ventures partners street avenue road airport center centre hospital museum stadium bank
    industries technologies technology systems electronics foods motors chemical steel county city river island
    valley
    """
)
"""What makes a company or a place of a surname."""

WITH_S = _words(
    """
    adam william robert peter edward john roger steven brook wood hick field bank mark paul daniel michael jacob
    jack evan owen gibb hill well myer mayer meyer sander parson simmon hopkin jenkin watkin perkin dawkin roberts
    richard stephen philip phillip simon harri morri davi jone lewi hughe barne hayne dani river water summer winter
    power flower rich gate bowie collin cumming dickson griffith maxwell nichol reynold saunder tompkin walter
    matthew andrew abraham isaac abram alexander edmond edmund hasting hawk higgin hodge holme humphrie key lucas
    mathew moor mull newman nick norri pierce robbin rodger sam stanley stev tate thoma tom vick web week wilkin
    wolf yate kasper jansen wouter martin hendrick diederik reynder claes brown
    """
)
"""Names that are others' with an s: Tim Brooks is not Tim Brook's."""
