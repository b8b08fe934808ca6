"""Words that stand in nearly every text of their language: a rule that asks for one of them alone rings all day."""

from rules.text import fold

_BY_LANGUAGE = {
    "en": "the a an and of to in is it for on that with as at by this from be are was were has have had not or but "
    "its will would can could more about after all also been he she his her they their we you i said says new "
    "who what how when which than up out over into if one two no so do year years people time first",
    "pt": "o a os as um uma de do da dos das e em no na nos nas por para com que se ao aos mais como mas foi ser sua "
    "seu ele ela nao ou ja tambem ate isso entre quando muito sobre apos ano anos",
    "es": "el la los las un una de del y en por para con que se al lo su sus mas como pero fue ser no ya muy sobre "
    "entre cuando desde hasta este esta ano anos o es son ha",
    "de": "der die das den dem des ein eine einen einem einer und in im ist zu von mit auf fur an als auch nicht sich "
    "es sie er wir ich bei aus nach wie dass oder hat haben war sind wird werden noch nur uber um jahr jahre",
    "fr": "le la les un une des du de et en est a au aux pour par sur dans que qui se ce cette il elle ils nous vous "
    "pas plus ne son sa ses avec comme mais ou ete sont ont an ans",
    "it": "il lo la i gli le un una uno di del della dei delle e in nel nella per con su che si da dal al non piu "
    "come ma anche e sono ha hanno suo sua questo questa dopo anno anni o",
    "nl": "de het een en van in is op te dat die voor met zijn aan er niet ook als bij of om uit naar maar door over "
    "tot heeft hebben was werd worden nog meer jaar hij zij we ik",
    "ru": "и в на с по не что это как из за к от о для у же а но он она они мы вы я его ее их был была было быть при "
    "до или также после год года лет",
    "ko": "이 그 저 것 수 등 및 또 더 한 할 하는 있다 했다 대한 위해 통해",
    "ja": "の は が を に で と も た て し い な れ る す か ら こ さ そ あ 人 日 年 月",
    "zh": "的 一 是 在 了 不 有 人 他 这 个 上 中 大 为 和 到 地 出 就 时 年 月 日 也 对 能 会 说 以",
}

LANGUAGES_OF: dict[str, tuple[str, ...]] = {}
"""By the folded word: the languages in which it is so common."""

for _language, _words in _BY_LANGUAGE.items():
    for _word in dict.fromkeys(fold(_each) for _each in _words.split()):
        LANGUAGES_OF[_word] = (*LANGUAGES_OF.get(_word, ()), _language)
