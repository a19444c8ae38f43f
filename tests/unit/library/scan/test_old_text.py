"""Old tags: UTF-8 and CP949 in frames that say Latin-1 become readable, and right ones stay as they are."""

from pathlib import Path

import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TIT2, Encoding

from player.library.scan.old_text import meant
from player.library.scan.reading import read_file
from player.library.scan.tags import read_track
from tests.unit.library import files

RIGHT = (
    "CORAÇÃO", "CANÇÕES", "SÃO PAULO", "AÇÃO E REAÇÃO", "INFORMAÇÃO", "João Gilberto",
    "CAETANO VELOSO - CORAÇÃO VAGABUNDO",
    "ÉTÉ 67", "L´ÉTÉ", "À LA CLAIRE FONTAINE", "ÇA PLANE POUR MOI", "CRÉÉE", "NOËL", "ÉDITH PIAF",
    "«ÉTOILE»", "»É«", "«É»", "BEYONCÉ®",
    "DIE ÄRZTE", "GRÖSSE", "ÜBER ÄNGSTE", "HÄÄT", "JÄÄÄÄR", "JÄÄÄÄRNE", "YÖ", "TYTTÖ", "BJÖRK", "SIGUR RÓS",
    "ÁGÆTIS BYRJUN",
    "BLÅ ØJNE", "KÆRLIGHED", "ÞAÐ ER GAMAN", "ÇÖL ÇÝÇEÐÝ", "GÜLÜMSE", "ÖZGÜR", "¿QUIÉN ERES?", "¿ÉL?",
    "¡ÁNDALE!", "NIÑO", "Óðinn",
    "HÀ NÔI", "VÂNG TRÃNG", "Ça ira", "20°À 30°", "Ännie", "Æther",
)  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_tag_is_never_damaged(text: str) -> None:
    assert meant({"title": text}) == {"title": text}


@pytest.mark.parametrize(
    "text",
    [
        "é",
        "Café",
        "Ünal",
        "Москва",
        "Я",
        "さくら",
        "사랑",
        "똠방각하",
        "Đường xưa",
        "Łódź",
        "Ștefan",
        "voilà",
    ],
)
def test_utf8_is_read_as_that(text: str) -> None:
    assert meant({"title": text.encode().decode("latin-1")}) == {"title": text}


@pytest.mark.parametrize(
    "text", ["똠방각하", "펲시", "쀼의 세계", "R&B 소울", "A형 남자", "봄", "하하하", "“사랑”"]
)
def test_cp949_is_read_as_korean(text: str) -> None:
    assert meant({"title": text.encode("cp949").decode("latin-1")}) == {"title": text}


@pytest.mark.parametrize(
    "texts",
    [
        {"title": "Подмосковные вечера", "artist": "Владимир Трошин", "album": "Лучшее"},
        {"title": "Кино", "artist": "КИНО"},
        {"title": "Группа крови", "artist": "Kino"},
        {"title": "ПЕСНЯ О ДРУГЕ (1966)", "artist": "В. Высоцкий"},
        {"title": "ТРАССА Е-95", "artist": "АЛИСА"},
        {"title": "ТРАССА", "artist": "АЛИСА"},
        {"title": "ИСКАЛА", "artist": "ЗЕМФИРА"},
        {"title": "ДО СКОРОЙ ВСТРЕЧИ", "artist": "ЗВЕРИ"},
        {"title": "ЕЛКА", "artist": "ЁЛКА", "album": "ТОЧКИ РАССТАВЛЕНЫ"},
        {"title": "Обійми мене", "artist": "Океан Ельзи"},
        {"title": "ОБІЙМИ МЕНЕ", "artist": "ОКЕАН ЕЛЬЗИ"},
        {"title": "Моє серце", "artist": "Скрябін", "album": "Їжак"},
        {"title": "Ђурђевдан", "artist": "Бијело Дугме"},
    ],
)
def test_a_file_whose_words_are_all_cyrillic_is_read_as_cp1251(texts: dict[str, str]) -> None:
    assert meant({name: text.encode("cp1251").decode("latin-1") for name, text in texts.items()}) == texts


@pytest.mark.parametrize(
    ("title", "artist"), [("한일", "이한이"), ("이하 (Live)", "한이한"), ("하이", "이하이")]
)
def test_korean_whose_bytes_are_all_cyrillic_letters_stays_korean(title: str, artist: str) -> None:
    texts = {"title": title, "artist": artist}
    assert meant({name: text.encode("cp949").decode("latin-1") for name, text in texts.items()}) == texts


@pytest.mark.parametrize("title", ["上を向いて歩こう", "さくら", "ケツメイシ"])
def test_a_file_with_kana_is_read_as_shift_jis(title: str) -> None:
    texts = {"title": title, "artist": "坂本九", "album": "Best"}
    assert meant({name: text.encode("cp932").decode("latin-1") for name, text in texts.items()}) == texts


@pytest.mark.parametrize(
    ("title", "artist"),
    [
        ("群青日和", "椎名林檎"), ("群青日和", "東京事変"), ("桜", "久石譲"), ("打上花火", "米津玄師"),
        ("夜想曲", "Chopin"), ("春", "24時間"), ("紅蓮華 (Live)", "LiSA"), ("雪、月・花", "中島美嘉"),
        ("雪の華", "A"), ("紅", "X JAPAN"), ("「花」", "ORANGE RANGE"),
    ],
)  # fmt: skip
def test_a_file_in_kanji_alone_is_read_as_shift_jis(title: str, artist: str) -> None:
    texts = {"title": title, "artist": artist}
    assert meant({name: text.encode("cp932").decode("latin-1") for name, text in texts.items()}) == texts


@pytest.mark.parametrize(
    ("old", "text"),
    [
        ("Don\x92t you can\x92t", "Don’t you can’t"), ("\x93Q\x94 \x96 R", "“Q” – R"), ("ääää", "ääää"),
        ("\x91Round \x91bout", "‘Round ‘bout"), ("garçon êtes", "garçon êtes"),
    ],
)  # fmt: skip
def test_windows_signs_and_small_letters_with_marks_are_no_kanji(old: str, text: str) -> None:
    assert meant({"title": old}) == {"title": text}


@pytest.mark.parametrize("text", ["ÁÉÍÓÚ ÁÉÍÓÚ", "ÄÖÜ ÄÖÜ ÄÖÜ", "ÀÈÌÒÙ ÉÊË", "ÄÄÄÄÄÄÄÄÄ", "ÖÖÖÖÄÄÄÄ"])
def test_a_row_of_vowels_with_marks_is_not_cyrillic(text: str) -> None:
    assert meant({"title": text}) == {"title": text}


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_cut_end_is_forgiven(encoding: str) -> None:
    whole = "a사랑했지만 그대를 사랑했지만 그저 이렇게 멀리서"
    read = meant({"title": whole.encode(encoding)[:30].decode("latin-1")})["title"]
    assert whole.startswith(read)
    assert len(read) >= 10


def test_the_fields_of_a_file_are_judged_together() -> None:
    fields = {"artist": "이승환", "title": "하", "album": "Ännie"}
    old = {name: text.encode("cp949").decode("latin-1") for name, text in fields.items() if name != "album"}
    assert meant(old | {"album": "Ännie"}) == fields
    assert meant({"title": old["title"]}) == {"title": old["title"]}, "two capitals are not enough"


MOSTLY_SIGNS = (
    "「달」", "『별』", "“사랑”", "★", "♥♥♥", "Ⅱ", "１２３", "ㅋㅋㅋ", "ㅠㅠ", "“Love”",
    "Love ★", "★☆ 달", "사랑♥",
)  # fmt: skip


@pytest.mark.parametrize(
    ("title", "data"),
    [
        ("Love 愛", "Love 愛".encode("cp949")),
        ("中國", "中國".encode("cp949")),
        ("李白 (Live)", "李白 (Live)".encode("cp949")),
        ("사랑 愛", "사랑 愛".encode("cp949")),
        ("사랑 (Live)", "사랑".encode("cp949") + b"\xb0 (Live)"),
        ("그대여(Live)", "그대여".encode("cp949") + b"\xb0(Live)"),
        ("Café del Mar", "Café del Mar".encode("latin-1")),
        ("CORAÇÃO", "CORAÇÃO".encode("latin-1")),
        ("TÓÐ", "TÓÐ".encode("latin-1")),
        *((title, title.encode("cp949")) for title in MOSTLY_SIGNS),
        *((title, title.encode("latin-1")) for title in ("¡Él!", "¡¡Hola!!", "¡Ándale!", "£100", "¡É, Ça!")),
    ],
)
def test_in_a_korean_file_hanja_and_cut_syllables_are_read_and_western_words_stay(
    title: str, data: bytes
) -> None:
    artist = "이문세"
    old = {"artist": artist.encode("cp949").decode("latin-1"), "title": data.decode("latin-1")}
    assert meant(old) == {"artist": artist, "title": title}


@pytest.mark.parametrize("encoding", [Encoding.LATIN1, Encoding.UTF16, Encoding.UTF8])
@pytest.mark.parametrize("title", ["사랑 이야기", "CORAÇÃO", "Été", "Beyoncé"])
def test_what_was_read_wrongly_and_written_again_is_judged_in_any_encoding(
    encoding: Encoding, title: str, tmp_path: Path
) -> None:
    old = title.encode("cp949").decode("latin-1") if title[0] >= "가" else title
    id3 = ID3()
    id3.add(TIT2(encoding, old))
    id3.save(files.mp3(tmp_path / "a.mp3"))
    flac = FLAC(files.flac(tmp_path / "a.flac"))
    flac["title"] = old
    flac.save()
    assert read_track(tmp_path / "a.mp3").title == read_track(tmp_path / "a.flac").title == title


def test_signs_of_windows() -> None:
    assert meant({"title": "Don\x92t"}) == {"title": "Don’t"}


def test_id3v1_alone_and_apev2(tmp_path: Path) -> None:
    title, artist = "사랑했지만 그대를 사랑했지만 그저".encode("cp949"), "똠".encode("cp949")
    v1 = b"TAG" + title[:29].ljust(30, b"\0") + artist.ljust(30, b"\0") + bytes(64) + b"\xff"
    path = files.mp3(tmp_path / "old.mp3")
    music = path.read_bytes()
    path.write_bytes(music + v1)
    assert (
        read_track(path).title
        == "사랑했지만 그대를 사랑했지만 그저"[: len(title[:28].decode("cp949", "ignore"))]
    )

    path.write_bytes(music)
    ape = APEv2()
    ape["Title"], ape["Artist"], ape["Track"] = "노래", "가수", "3/9"
    ape["REPLAYGAIN_TRACK_GAIN"] = "-2 dB"
    ape.save(path)
    read = read_track(path)
    assert (read.title, read.artist, read.track_no, read.loudness_lufs) == ("노래", "가수", 3, -16.0)
    path.write_bytes(path.read_bytes() + v1)
    assert read_track(path).title == "노래", "it is not cut as ID3v1 is"

    id3 = ID3()
    id3.add(TIT2(Encoding.UTF8, "of ID3v2"))
    id3.save(path)
    read = read_track(path)
    assert (read.title, read.artist) == ("of ID3v2", "가수")


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_the_info_of_a_wav_is_korean_whatever_wrote_it(encoding: str, tmp_path: Path) -> None:
    title, artist = "사랑했지만 그대를", "김광석"
    path = files.with_info(tmp_path / "a.wav", INAM=title.encode(encoding), IART=artist.encode(encoding))
    read = read_file(path)
    assert (read.title, read.artist) == (title, artist)
