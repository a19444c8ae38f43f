"""Write player/mood/words.txt: words that people type, and the English reader's vocabulary has in pieces.

    python -m scripts.train.mood_words

They come from our own sentences (scripts/data/mood_sentences.tsv), the names of moods (player/emotions.toml)
and the words below. By player/mood/known_words.py a wish in which no word is known is refused.
"""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer

import player
from player.models import MODELS_DIR
from player.mood.known_words import LIST, SAY_NOTHING, KnownWords
from player.mood.onnx_reader import TOKENIZER

SENTENCES = Path(__file__).parents[1] / "data" / "mood_sentences.tsv"
EMOTIONS = Path(player.__file__).with_name("emotions.toml")
TYPED = """
    cosy cosier comfy comfier hygge hyggelig koselig gezellig vibey vibin chillax chillaxed chilly zen
    zenlike groovy funky grooving jazzy bluesy folksy boppy bouncy peppy poppy dancey dancy clubby
    danceable singalong sultry sassy swanky snazzy classy swish posh boho retro vintagey kitschy trippy
    spacey spacy woozy hazy breezy balmy misty muggy drizzly drizzling sleety slushy frosty wintry wintery
    summery autumnal springlike sunlit moonlit starlit candlelit dimly lowkey low-key loungey laidback
    laid-back unwind unwinding wistful wistfully melancholic melancholia moody broody gloomy dreary bleak
    eerie spooky creepy ominous uplifting upbeat euphoric elated blissful blissed giddy perky bubbly
    festive xmas christmassy yuletide halloween valentines hanami lofi lo-fi hifi hi-fi synthwave
    retrowave vaporwave chillwave chillhop chillout triphop trip-hop downtempo shoegaze dreampop post-rock
    krautrock britpop kpop k-pop jpop j-pop citypop bossa bossanova samba tropicalia afrobeat amapiano
    reggaeton dancehall dub dubstep dnb edm idm ebm rnb r&b neosoul motown doowop bebop hardbop ragtime
    dixieland bluegrass honkytonk rockabilly psychedelia electropop electroswing eurodance hyperpop grunge
    emo goth gothy metalcore deathcore djent hardcore punky indie lounge ballad balladry crooner unplugged
    yay woohoo meh ugh vibes vibing chillin feelgood acoustic acappella acapella dj djs mc tv bbq b&b 60s
    70s 80s 90s 00s 2000s
"""
"""Words as one types them into `pin`, of weather, rooms and music."""


def words() -> Iterator[str]:
    """All of them as they are written."""
    with SENTENCES.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield from row["caption"].split()
    yield from _names(tomllib.loads(EMOTIONS.read_text(encoding="utf-8")))


def _names(entry: object) -> Iterator[str]:
    """Keys and `also` of the moods, at whatever depth."""
    if isinstance(entry, dict):
        for key, value in entry.items():
            yield from key.replace("_", " ").split()
            yield from _names(value)
    elif isinstance(entry, list):
        yield from (word for text in entry if isinstance(text, str) for word in text.split())


def main() -> None:
    tokenizer = Tokenizer.from_file(str(MODELS_DIR / TOKENIZER))
    known = KnownWords(tokenizer, Path(os.devnull))
    normal = tokenizer.normalizer.normalize_str
    candidates = {"".join(filter(str.isalnum, normal(word))) for word in TYPED.split()}
    for word in words():
        candidates.update(part for part in normal(word).split("-") if part.isalpha() and len(part) >= 3)
    listed = sorted(word for word in candidates - SAY_NOTHING if word.isascii() and not known.is_word(word))
    LIST.write_text("\n".join(listed) + "\n", encoding="utf-8")
    print(f"{len(listed)} of {len(candidates)} words in {LIST}")


if __name__ == "__main__":
    main()
