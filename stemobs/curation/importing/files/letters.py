"""Which letters stand beside those with accents in the languages of Europe, and common words.

The table was counted in the names of countries, languages, currencies, units and times of CLDR, and
in the translations of Django: for each letter those before it, and after “/” those behind it.
"""

from collections.abc import Mapping

EDGE = "·"  # of a word

COMMON_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "ca": "i de la el els les per amb una del dels que",
        "cs": "a v na z do pro se ve je od ze nebo projekt",
        "da": "og i af for til en med der det fra skole",
        "de": "und der die das für von mit im in des zur schule",
        "es": "de la el los las y para en con por del una",
        "et": "ja on ning kool eesti aasta",
        "fi": "ja on sekä koulu vuosi suomi ei",
        "fr": "de la le les et des pour en du une dans au",
        "ga": "agus an na ar le do scoil",
        "hr": "i u na za od s je škola iz projekt",
        "hu": "és a az egy is nem iskola magyar",
        "is": "og í að fyrir um skóli er",
        "it": "di e il la per le gli dei con del una scuola",
        "lt": "ir su yra mokykla per iki metai",
        "lv": "un ir par skola no ar gadi",
        "nb": "og i av for til en med det fra skole ikke",
        "nl": "de het een van en voor met op in school",
        "pl": "i w na z do dla oraz od przez szkoła rok lub",
        "pt": "de a o e os as para em com do da uma",
        "ro": "de la cu din pentru un o este anul",
        "sk": "a v na z do pre sa vo je zo alebo projekt",
        "sl": "in v na za od s je iz šola leto",
        "sq": "dhe e në për me nga shkolla një",
        "sv": "och i av till en med det skola inte ett",
        "tr": "ve bir ile okul bu olan",
    }.items()
}

WRITTEN = {
    "ca": (
        "à·bcdegijlmnoprstuvz/·bcfglmnrstuv çaemnopr/·aou è·bcdgilmnrstuvx/·clnrstx "
        "é·bhlmprtuxy/·almnqrs í·acdhklmnoprstuvx/·abfglmnopqrstvx ïaeiu/·fnstu "
        "òbcdefgilmnprstvwx/·clmnpqrstv óilmpst/·n ú·abcdgjklmnprstxyz/·bilmnrs "
        "ü·abegijnpr/·eklmrsí"
    ),
    "cs": (
        "á·bdeghijklmnprstuvzčšž/·bcdghjklmnprstvzčřš č·aeilmoruyáíú/·aeiknotuváí ďauá/·a "
        "édfhklmnprtvz/·dhlmnrstuvzš ěbdmnptv/·cjklmnrstvzřšž "
        "í·cdhijlmnprstvzčřšž/·abcdhjklmnprstvčšž ň·aeiop/·adostů ócghiklnrzš/·dnorstwzš "
        "ř·abdehioptváě/·aeinoíů š·abdefghijklmnoprtuvwyzáéíýěž/·aeiklnopstuváíť ťuš/·o "
        "ú·abcdeghjklrsty/·dmnprstuvzčž ůcdghklmnprtzř/·lmvž ýdklmnrtv/·cdkmrstš "
        "ž·adeilnoruyíěů/·adeiknsáíš"
    ),
    "da": (
        "å·bfglmnprstå/·bdegklnrså æ·fghjklmnprsv/fiklnprstv ø·defhklnprst/·begjlnrsv "
        "é·ghklmprv/·almnrux"
    ),
    "de": (
        "ä·defghlmnprstw/cghilmnrstu ö·hjklmnrstwz/cefgilnrstß ü·fghjklmnrstz/bcdfghklmnprst "
        "ßaeiouäö/·eikr"
    ),
    "es": (
        "á·bcdghiklmnprstuvwyñ/·bcdfgilmnprstux é·bcdhiklmnprstuvw/·abcilmnrstuvx "
        "í·abcdfklmnprstuvñ/·abdfgmnoqrstxz ñaeilou/aeioáí ó·cdgilmnprstz/·dlmnprstu "
        "ú·abcdghilmnprst/·abglmnrs ü·bgprz/eikmrsí"
    ),
    "et": (
        "äfjklmnprtvä/dehilmnprstä õ·adghjklmnpstvõ/·beghiklmnprtuvzõ ö·afklprstvö/·bdlnprtvö "
        "ü·abhjklmnprstü/·abdhklmnprstü š·aituš/aeikotuvš ž·dlo/abeikopu"
    ),
    "fi": ("ädefhijklmnprstvyäö/·adfhijklmnprstvyä öiklrtyö/·hijkmnpstyäö åhm/bl"),
    "fr": (
        "à·cj/·cds âahnpr/ghnqty çain/ao é·abcdfghijklmnprstuvwxyzé/·abcdefgiklmnopqrstuvwzé "
        "èdhilmprstuv/cdglmnqrst ê·imntu/mt ëa/l î·ahmrt/·ln ïaeou/·abcdegklmnqrtw "
        "ôcdhrt/·lnt œn/u ùo/· ûgos/·lrt æ/"
    ),
    "ga": (
        "á·bcdefghilmnprstuvzú/·bcdgilmnrstvzíú é·bcdfghlmnprstv/·aimn "
        "í·abcdfhlmnoprstuvá/·bcdglmnorstv ó·bcdfghilmnprstv/·cdgilmnrstv "
        "ú·bcdghilmnprstá/·bcdgilmnprstvá"
    ),
    "hr": (
        "č·aeijmnopru/·aeijklnouv ć·aeiouš/·aeinu đ·aeinoru/aeiou "
        "š·aeijklmnoru/·aeiklnoprtuvć ž·adeiloru/·adeilnou"
    ),
    "hu": (
        "á·bdefghijklmnprstuvyz/·abcdfghjklmnprstvz é·bcdfghjklmnprstvyzé/·bcdghjklmnprstuvzé "
        "í·cdegklmnprstvyz/·bklmnprtvz ó·abdfghiklmnrstvz/·abcdefgijklmnprstvz "
        "ö·bdfghjklrstz/begklmnrstvz ő·bdflnrstvz/·bdehijklnprstvz "
        "ú·acghjlmprstyz/·adgjlmnprstz ü·fhjklmrstz/gklrstvz ű·mnrtvyz/·jklnrstv"
    ),
    "is": (
        "á·bfghjlmnprstz/·abdefgklnrstíðþ ðaefioruyáæíóöý/·abefghiklmrsuv "
        "é·hlmnprstþ/·agklmnrstuíð í·abdefghjklmnprstvxáúþ/·abdegklmnprstuvðó "
        "ó·abdefghijklmnprství/·abdghklmnprstvðþ ú·abdefghjklmnprst/·abdegijklmnprstvxí "
        "ýdklnsþ/afgjlnprstðó þ·aeglrtáíó/·aeijorvyáæéíöúý æ·bdfhlnprstv/·gjmnrstð "
        "ö·bfghjklmprstv/·fgklmnprstð"
    ),
    "it": ("àirt/· è·ht/· éhlmnpr/·almrt ìds/· òu/· ùir/·"),
    "lt": (
        "ądgijkmnstš/·jrs č·aeimnrsuyš/aeiouų ębdgjmntz/·s ėbcdgjklmnprstvzž/·bcdgjklmnst "
        "į·dejklnprstš/·dgjlprstvž š·aeikmnoruy/·aeiklmnostuvyąčų ų·bcdfghijklmnprstvzčš/·js "
        "ūbcdgijkmprt/dknrstz ž·adelmru/·adeikmnostuyė"
    ),
    "lv": (
        "ā·bcdefghijklmnprstuvzļšž/·abcdfgijklmnprstvzļņž č·aeimnu/aeiouīū "
        "ē·abcdfghjklmnprtuvzņš/·bcdgjklmnprstzģļņš ģ·eēļž/eiuī "
        "ī·bcdgklmnprstvzčķšž/·bcdgjklmnprstvzņš ķ·aeiorēņš/·aeituī ļaegikotuāē/·aikrsuāģū "
        "ņ·adeiouzāēīš/aeijopuēšū š·aegikmnoruēīņū/·adeiklorstuvāēīķņ "
        "ūbgijlmnprstčļņž/dfklmnrstvš ž·adelnā/abiouāīū"
    ),
    "nb": (
        "å·fglmnprst/·dgklnprst æefglmnrtv/lrs ø·adefhijklnprstux/·dgklmnrsvy é·hlmpr/·ailmnru ò/"
    ),
    "nl": ("ëaei/·lmnr é·hlmpré/·almnrué ïaeou/aenrst ökort/belr ü·benprz/kmprs èp/r"),
    "pl": (
        "ąbijklnstwzłż/·cdgpstzż ć·aeiryęś/·kw ębijklnprtwzłż/·cdgkptzćś "
        "ł·abdegikopstuwyzó/·acdegkmnotuyóąę ńaeiouy/·cs óbcdgijkmnprstł/blprtwł "
        "ś·aejoyę/·clnrwć źaduó/·adn ż·adeiouyą/·adeiknsuyąę"
    ),
    "pt": (
        "á·bcdhilmnprstuv/·bdfglprstuvz âbcdglmrstuz/mn ãdghilmnprstç/·o à·/·s "
        "çaceinopruí/aoãõ é·bdghlmnprstv/·clmnrst êcdilmnrtuv/·mns "
        "í·acdghlmnrstuvx/·abcdfglmnopqrstvç óbcdegilmnrstv/·bdfglnpqrstv ôcdlmnrt/mn "
        "õhilrsxzç/e ú·bcehilmnprt/bcdlmnrst"
    ),
    "ro": (
        "ăbcdghlmnprstuvzşţ/·mnprstuţ âcfgkmprstv/·imnrtz î·mt/·nr ş·aceinoruă/·aegikmotuă "
        "ţabceilnopruyă/aeikă"
    ),
    "sk": (
        "á·bdeghijklmnprstuvzž/·bcdghjklmnprstvzčš ämpv/tčť "
        "č·abdeghijklmnoprtuvwyzáéú/·aeiknotuí ď·aotu/·atu ébdfghklmnprtvz/·cdhlmnrtuzčš "
        "í·cdfilmnprstvzčšž/·bcdjklmnprstvzľ ĺdt/pž ľ·abdehkouáí/·abjknostuúš ň·adeiop/·ao "
        "ódgiklnprtz/bdnprtz ôdmnptv/cjlpstvž ŕ/ š·adeilnoruvyzáéľšž/·aeiklmnopstuvíšť "
        "ťaeirsyzäúš/·aor ú·cdjklmnstvľ/·bclmnprstvzčť ýdhknrstv/·bcmrsž "
        "ž·adeilnouyôý/·adeiknstuáíš"
    ),
    "sl": ("č·adeimnopruš/·aeijklnoru š·abdefgijklmnoprtuv/·aeiklnoprtuvč ž·adeiloru/·aeilnu"),
    "sq": ("ë·bcdfghjklmnpqrstvz/·dfhjklmnprstvz ç·aeimnuy/·aeiou"),
    "sv": (
        "å·bfghlmnprstv/·dgklnrst ä·dfghjklmnrstv/fgklmnprstv ö·abdefghklmnrstu/·adgjklmnrstv "
        "éadhklmpry/·ailmnrsux"
    ),
    "tr": (
        "ç·abehikmnopstuçüş/·abeilmoruyçüı ğaeiouöı/·aeiloruı "
        "ı·bcdfghklmnprstyzçğş/·cdfklmnprstvyzğş ö·bdgksty/·lnrszğ ş·aeinoruüı/·aeiklmotuçı "
        "ü·bcdgklmnrstyzç/·bcdklmnprstvyzçş ât/l"
    ),
}


def read_letters(written: str) -> dict[str, tuple[str, str]]:
    """Return for each letter those that stand before it, and those behind it."""
    letters = {}
    for item in written.split(" "):
        before, _slash, behind = item[1:].partition("/")
        letters[item[0]] = (before, behind)
    return letters


LETTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    language: read_letters(written) for language, written in WRITTEN.items()
}
