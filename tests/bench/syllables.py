"""Texts that look like those of Vietnamese offices: syllables, words of two, a skew as in life."""

from __future__ import annotations

import itertools
import random
import unicodedata

_COMMON = """
và của các có trong được cho không theo với là người về này tại để khi hoặc từ đến việc phải công
chức nhân dân ủy ban phường xã huyện tỉnh thành phố quy trình thủ tục hành chính hồ sơ tiếp nhận
giải quyết kết quả trả hẹn ngày làm thời hạn biểu mẫu đăng ký khai sinh tử hôn thường trú tạm hộ
tịch tư pháp chứng thực bản sao chính chữ ký hợp đồng đất đai xây dựng giấy phép kinh doanh đầu
môi trường kiểm tra đánh giá nội bộ khắc phục phòng ngừa rủi ro mục tiêu chất lượng chính sách
trách nhiệm quyền lãnh đạo trưởng phó phòng ban văn thư lưu trữ tài liệu mật nhà nước nghị định
thông quyết bộ luật điều khoản điểm căn cứ ban hành sửa đổi bổ thay thế hiệu lực trách phối hợp
báo cáo tổng hợp thống kê
"""
_ONSETS = """
b c ch d đ g gh gi h k kh l m n ng ngh nh ph qu r s t th tr v x
"""
_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e em en eng
eo ep et ê êch êm ên ênh êp êt êu i ia iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac
oai oan oang oat oc oi om on ong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uât uc ui
um un ung up ut uy uyên uyêt ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươt ưu
"""
_TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
_FRONT = tuple("eêi")
_VOWELS = "aăâeêioôơuưy"


def _toned(rime: str, tone: str) -> str:
    """Put a tone on the vowel that carries it."""
    marked = [at for at, letter in enumerate(rime) if letter in "ăâêôơư"]
    vowels = [at for at, letter in enumerate(rime) if letter in _VOWELS]
    if marked:
        at = marked[-1]
    elif len(vowels) > 1 and vowels[-1] == len(rime) - 1:
        at = vowels[-2]
    else:
        at = vowels[-1]
    return unicodedata.normalize("NFC", rime[: at + 1] + tone + rime[at + 1 :])


def _fits(onset: str, rime: str) -> bool:
    if onset in ("gh", "ngh", "k"):
        return rime.startswith(_FRONT)
    if onset in ("g", "ng", "c"):
        return not rime.startswith(_FRONT)
    return not (onset in ("qu", "gi") and rime.startswith(("o", "u", "ư", "i")))


def syllables() -> list[str]:
    """Give some five thousand syllables, the most frequent first."""
    made = []
    for onset, rime, tone in itertools.product(_ONSETS.split(), _RIMES.split(), _TONES):
        stopped = rime.endswith(("c", "ch", "p", "t"))
        if _fits(onset, rime) and (not stopped or tone in ("\u0301", "\u0323")):
            made.append(onset + _toned(rime, tone))
    chance = random.Random(11)
    chance.shuffle(made)
    return list(dict.fromkeys([*_COMMON.split(), *made[:5000]]))


class Writer:
    """Writes texts whose words, of one or two syllables, are as uneven as in real ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        listed = syllables()
        near = [1 / (rank + 12) ** 0.9 for rank in range(len(listed))]
        firsts = self.chance.choices(listed, near, k=9000)
        seconds = self.chance.choices(listed, near, k=9000)
        pairs = [f"{one} {two}" for one, two in zip(firsts, seconds, strict=True)]
        self.words = [word for both in zip(listed, pairs, strict=False) for word in both]
        self.words += pairs[len(listed) :]
        weights = (1 / (rank + 3) for rank in range(len(self.words)))
        self.weights = list(itertools.accumulate(weights))

    def sentence(self, words: int) -> str:
        """Write so many words."""
        return " ".join(self.chance.choices(self.words, cum_weights=self.weights, k=words))

    def paragraph(self, letters: int) -> str:
        """Write sentences up to a length."""
        found = ""
        while len(found) < letters:
            text = self.sentence(self.chance.randint(8, 20))
            found += f"{text[:1].upper()}{text[1:]}. "
        return found.strip()
