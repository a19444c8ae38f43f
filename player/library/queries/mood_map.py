"""Where every analysed track lies on the mood plane, as columns of whole numbers, all at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from player.library.database.reader import reading
from player.library.database.track_sql import PLAYABLE
from player.library.search_text import words

SCALE = 1000
"""Valence and energy are whole numbers of so many to 1."""
# SQLite writes the columns faster than Python takes rows. All of it stands in an index: the rows themselves
# are a hundred times as large.
_POINTS = f"""
    SELECT json_group_array(id), json_group_array(cast(round(v * {SCALE}) AS INTEGER)),
        json_group_array(cast(round(e * {SCALE}) AS INTEGER)), json_group_array(id) FILTER (WHERE corrected)
    FROM (
        SELECT id, coalesce(own_valence, given_valence, valence) AS v,
            coalesce(own_energy, given_energy, energy) AS e, own_valence IS NOT NULL AS corrected
        FROM tracks INDEXED BY tracks_on_map
        WHERE {PLAYABLE} AND v IS NOT NULL AND e IS NOT NULL {{found}} ORDER BY id
    )
"""
_FOUND = f"""
    AND id IN (SELECT id FROM tracks INDEXED BY tracks_by_names
        WHERE names IS NOT NULL AND {PLAYABLE} {{conditions}})
"""


@dataclass(frozen=True, slots=True)
class MoodMap:
    """The points, in columns of the same length in the order of the ids; None if they are as before."""

    version: str
    """Another one if anything is."""
    points: tuple[list[int], list[int], list[int]] | None
    """Ids, valences, energies."""
    corrected: list[int]
    """Ids of those whose mood is the owner's own word."""


def mood_map(db_path: Path, text: str, known: str | None) -> MoodMap:
    """Every playable track that has a mood and all words of `text` in its names.

    `known` is the version that somebody has. Raises LibraryError.
    """
    wanted = words(text)
    with reading(db_path) as reader:
        count = reader.rows("SELECT count FROM track_changes")[0][0]
        version = hashlib.sha256(repr((count, wanted)).encode()).hexdigest()[:16]
        if version == known:
            return MoodMap(version, None, [])
        found = _FOUND.format(conditions="AND instr(names, ?) " * len(wanted)) if wanted else ""
        (row,) = reader.rows(_POINTS.format(found=found), *wanted)
    ids, valences, energies, corrected = map(json.loads, row)
    return MoodMap(version, (ids, valences, energies), corrected)
