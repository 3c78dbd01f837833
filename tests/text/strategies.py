"""Texts for property tests: any characters, and those that make folding, cutting and measuring hard."""

from hypothesis import strategies as st

TRICKY = [
    *"蘋苹裏里着著麼么乾干A ａＺß İıﬁﬀǅé̈́ά日本かカｶがﾞ゙한글가ᄀ々〇㍿①½™",
    *"。！？；…，、,.:;!?'’-_+#@「」『』“”()（） \n\r\t\u3000\u00a0\u200b\u200d\ufe0f\u00ad\u202e\x1b",
    *["👍🏽", "👨‍👩‍👧", "🇹🇼", "1️⃣", "❤️", "e\u0301", "か\u3099", "ㄱㅏ", "क्‍ष", "\U00020bb7", "\u0345"],
    *[
        "Mr. ",
        "U.S.",
        "3.14",
        "3,000",
        "C++",
        "don't",
        "e-mail",
        "\n\n",
        "苹果",
        "蘋果",
        "apples ",
        "running ",
    ],
]

texts = st.lists(st.one_of(st.sampled_from(TRICKY), st.text(max_size=4)), max_size=40).map("".join)
