"""Names as rules compare them: spelling, lists, guests, numbers of genres."""

import time
import unicodedata

import pytest

from player.library.scan.tag_names import artist_names, folded, genre_names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "ıstanbul"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        (unicodedata.normalize("NFD", "방탄소년단"), "방탄소년단"),
        (unicodedata.normalize("NFD", "Beyoncé"), "BEYONCÉ"),
        ("ＢＴＳ　ｘ", "bts x"),
        ("ﾎﾟｯﾌﾟ", "ポップ"),
        ("Guns N’ Roses", "guns n' roses"),
        ("Guns N` Roses", "guns n' roses"),
        ("“Weird Al” Yankovic", '"weird al" yankovic'),
        ("  Nina \t Simone\u00a0", "nina simone"),
        ("Nina\u200b Simone\ufeff", "Nina Simone"),
        ("Jay–Z", "jay-z"),
    ],
)
def test_what_is_spelt_in_two_ways_is_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("Bjork", "Björk"), ("か", "が"), ("AC/DC", "ACDC")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)


AFTER_AN_ARTIST = (
    "(with B)", "[with B]", "{with B}", "(vs. B)", "(and B)", "(& B)", "(x B)", "feat: B", "feat.: B",
    "(feat: B)", "(featuring: B)", "(feat) B", "starring B", "¦ B", "n' B", "'n' B", "- B", "– B",
    "together with B", "plus B", "피처링 B", "med B", "en B", "<feat. B>", "-feat. B-", "~feat. B~",
    "〜feat. B〜", "【feat. B】", "《with B》", "〈feat. B〉", "「feat. B」", "『B』", "(CV:B)", "（CV：B）",
    "[cv. B]", "(guest B)", "(w/B)", "→ B", "->B", "، B",
)  # fmt: skip
AFTER_A_TITLE = (
    "(con B)", "(avec B)", "(mit B)", "(& B)", "(+ B)", "(and B)", "[und B]", "(y B)", "(x B)", "(vs B)",
    "(vs. B)", "(Duett mit B)", "(dueto con B)", "(featuring: B)", "(feat: B)", "feat: B", "(starring B)",
    "- with B", "(피처링 B)", "(Live) - with B - Remix", "「feat. B」", "〈feat. B〉", "《with B》",
    "〜feat. B〜", "~with B~", "(w/B)", "w/ B", "f/ B", "(w. B)", "(guest B)", "(special guest: B)",
    "(CV: B)",
)  # fmt: skip
RIGHT_BEHIND_A_TITLE = (
    "(f/ B)", "【feat. B】", "<feat. B>", "-feat. B-", "~feat. B~", "/feat. B", "|feat. B",
)  # fmt: skip


@pytest.mark.parametrize(
    ("artist", "title", "named"),
    [
        ("AC/DC", "", {"ac/dc"}),
        ("Earth, Wind & Fire", "", {"earth, wind & fire"}),
        ("Earth, Wind & Fire feat. The Emotions", "", {"earth, wind & fire", "the emotions"}),
        ("AC/DC & Guns N' Roses", "", {"ac/dc", "guns n' roses"}),
        ("A ft. B", "", {"a", "b"}),
        ("A FEATURING B", "", {"a", "b"}),
        ("A (feat. B & C)", "", {"a", "b", "c", "b & c"}),
        ("A [ft B]", "", {"a", "b"}),
        ("아이유(feat.나얼)", "", {"아이유", "나얼"}),
        ("A with B", "", {"a", "b"}),
        ("A vs. B", "", {"a", "b"}),
        ("A x B × C", "", {"a", "b", "c"}),
        ("A/B; C, D", "", {"a", "b", "c", "d"}),
        ("A\0B", "", {"a", "b"}),
        ("Ａ、Ｂ", "", {"a", "b"}),
        (", ".join("abcdefghijklm"), "", set("abcdefghijklm")),
        ("A", "Song (feat. B)", {"a", "b"}),
        ("A", "Song [Featuring B & C] (Live)", {"a", "b", "c"}),
        ("A", "Song ft. B - Radio Edit", {"a", "b"}),
        ("A", "Song (with B)", {"a", "b"}),
        ("A", "Song (Duet with B)", {"a", "b"}),
        ("", "Song (feat. B)", {"b"}),
        ("A • B", "", {"a", "b"}),
        ("A ∕ B", "", {"a", "b"}),
        ("A\r\nB", "", {"a", "b"}),
        ("A mit B", "", {"a", "b"}),
        ("A и B", "", {"a", "b"}),
        *((f"A {said}", "", {"a", "b"}) for said in AFTER_AN_ARTIST),
        *(("A", f"Song {said}", {"a", "b"}) for said in AFTER_A_TITLE),
        *(("A", f"Song{said}", {"a", "b"}) for said in RIGHT_BEHIND_A_TITLE),
        ("A", "Song feat. -M-", {"a", "-m-"}),
        ("-M- & B", "", {"-m-", "b"}),
        ("初音(CV:B)", "", {"初音", "b"}),
        ("", "A_-_Song_(feat._B)", {"b"}),
        ("", "01_Song_ft._B", {"b"}),
        *((f"A{blank}B", "", {"a", "b"}) for blank in "\t\v\f\x1e\x85\u2028\u2029"),
        ("Nina\tSimone", "", {"nina simone"}),
        ("Beatles, The", "", {"the beatles"}),
        ("Beatles, The; Fugees, The", "", {"the beatles", "the fugees"}),
        ("Ärzte, Die & Toten Hosen, Die", "", {"die ärzte", "die toten hosen"}),
        ("Guns n' Roses", "", {"guns n' roses"}),
    ],
)
def test_everyone_on_a_track_is_named(artist: str, title: str, named: set[str]) -> None:
    assert named <= set(artist_names([artist], title))


@pytest.mark.parametrize(
    ("artist", "title", "not_named"),
    [
        ("Malcolm X", "", "malcolm"),
        ("FTISLAND", "", "island"),
        ("Featherstone", "", "herstone"),
        ("A", "With You", "you"),
        ("A", "Dancing with B", "b"),
        ("A", "Song (Love and B)", "b"),
        ("A", "Song (only on example.com B)", "b"),
        ("A", "Song (w/o B)", "b"),
        ("A", "Song w/o B", "b"),
        ("A", "Starring B", "b"),
        ("CVB", "", "b"),
    ],
)
def test_a_word_within_a_name_joins_nobody(artist: str, title: str, not_named: str) -> None:
    assert not_named not in artist_names([artist], title)


@pytest.mark.parametrize(
    "piece", ["(", "(live ", "(x ", " - ", "(feat. b ", "[with b] ", "<", "~", " w/ ", "-feat. "]
)
def test_no_title_holds_the_player_up(piece: str) -> None:
    title = piece * (8000 // len(piece))
    begun = time.process_time()
    assert "a" in artist_names(["a"], title)
    assert time.process_time() - begun < 1, "a long title takes a multiple of a short one, not its square"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (["17"], {"rock"}),
        (["(17)"], {"rock"}),
        (["(4)Eurodisco"], {"disco", "eurodisco"}),
        (["(17)(4)"], {"rock", "disco"}),
        (["RX", "(CR)"], {"remix", "cover"}),
        (["17;4"], {"rock", "disco"}),
        (["Rock/Pop; Jazz"], {"rock/pop", "rock", "pop", "jazz"}),
        (["Folk, World, & Country"], {"folk", "world", "country"}),
        (["Rock\0Metal"], {"rock", "metal"}),
        (["Rock", "Metal"], {"rock", "metal"}),
        (["Rock\nMetal"], {"rock", "metal"}),
        (["Rock • Metal"], {"rock", "metal"}),
        (["Electronic---House|Techno"], {"electronic", "house", "techno"}),
        (["2000"], {"2000"}),
        (["80s"], {"80s"}),
        (["R&B"], {"r&b"}),
        *(
            ([f"Rock{by}Pop"], {"rock", "pop"})
            for by in (" - ", " – ", " + ", ": ", "\t", "\u2028", " ¦ ", " ~ ")
        ),
        (["Soundtrack (Christmas)"], {"soundtrack", "christmas"}),
        (["Hip-Hop"], {"hip-hop"}),
        ([], {""}),
    ],
)
def test_every_genre_is_named(values: list[str], named: set[str]) -> None:
    assert named <= set(genre_names(values))
