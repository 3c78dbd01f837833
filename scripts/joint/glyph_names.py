"""What letters, digits and signs are called, in the languages that have keywords too. Tables only."""

from __future__ import annotations

import string

ASCII_LETTERS = string.ascii_letters
MORE_LETTERS = "ÄÖÜäöüßñÑéèàçÉåøæ"

LETTER = {
    "en": ["the letter {}", "letter {}"],
    "zh-Hant": ["字母 {}", "英文字母 {}"],
    "zh-Hans": ["字母 {}", "英文字母 {}"],
    "de": ["der Buchstabe {}"],
    "ja": ["アルファベットの {}", "{}の文字"],
    "fr": ["la lettre {}"],
    "es": ["la letra {}"],
    "ko": ["글자 {}"],
    "ru": ["буква {}"],
}
NOT_ENGLISH = {"英文字母 {}"}
"""Said of ASCII letters only."""

DIAERESIS, TILDE = "\u0308", "\u0303"
MARKED_LETTER = {  # combining mark -> language -> how the letter under it is called
    DIAERESIS: {
        "en": "the letter {} with an umlaut",
        "zh-Hant": "字母 {} 上面有兩點",
        "zh-Hans": "字母 {} 上面有两点",
    },
    TILDE: {"en": "the letter {} with a tilde", "es": "la eñe"},
}

DIGITS = {
    "en": "zero one two three four five six seven eight nine",
    "zh-Hant": "零 一 二 三 四 五 六 七 八 九",
    "zh-Hans": "零 一 二 三 四 五 六 七 八 九",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "ja": "ゼロ いち に さん よん ご ろく なな はち きゅう",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
}
NUMBER = {
    "en": "the number {}",
    "zh-Hant": "數字 {}",
    "zh-Hans": "数字 {}",
    "de": "die Zahl {}",
    "ja": "数字の {}",
    "fr": "le chiffre {}",
    "es": "el número {}",
}

SIGN_LANGUAGES = ["en", "zh-Hant", "zh-Hans", "de", "ja"]
SIGNS = {  # signs, apart by spaces -> names in SIGN_LANGUAGES
    "♔ ♚": ("chess king", "西洋棋的國王", "国际象棋的王", "König im Schach", "チェスのキング"),
    "♕ ♛": ("chess queen", "西洋棋的皇后", "国际象棋的后", "Dame im Schach", "チェスのクイーン"),
    "♗ ♝": ("chess bishop", "西洋棋的主教", "国际象棋的象", "Läufer im Schach", "チェスのビショップ"),
    "♘ ♞": ("chess knight", "西洋棋的騎士", "国际象棋的马", "Springer im Schach", "チェスのナイト"),
    "♖ ♜": ("chess rook", "西洋棋的城堡", "国际象棋的车", "Turm im Schach", "チェスのルーク"),
    "♙ ♟": ("chess pawn", "西洋棋的士兵", "国际象棋的兵", "Bauer im Schach", "チェスのポーン"),
    "\U0001d11e": ("treble clef", "高音譜號", "高音谱号", "Violinschlüssel", "ト音記号"),
    "\U0001d122": ("bass clef", "低音譜號", "低音谱号", "Bassschlüssel", "ヘ音記号"),
    "\U0001d15d": ("whole note", "全音符", "全音符", "ganze Note", "全音符"),
    "\U0001d157\U0001d165": ("half note", "二分音符", "二分音符", "halbe Note", "二分音符"),
    "\U0001d158\U0001d165": ("quarter note", "四分音符", "四分音符", "Viertelnote", "四分音符"),
    "\U0001d13d": ("quarter rest", "四分休止符", "四分休止符", "Viertelpause", "四分休符"),
    "♪": ("eighth note", "八分音符", "八分音符", "Achtelnote", "八分音符"),
    "♭": ("flat", "降記號", "降号", "Be (Musik)", "フラット"),
    "♯": ("sharp", "升記號", "升号", "Kreuz (Musik)", "シャープ"),
    "♮": ("natural", "還原記號", "还原号", "Auflösungszeichen", "ナチュラル"),
}
