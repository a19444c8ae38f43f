"""The moods that the analysis finds in real music."""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from player.library import analyze
from player.library.analysis.feature_extractor import Analysis, Analyzer
from player.library.demo_music import demo_folder
from player.library.models import CLEAR, EMBEDDING_SIZE
from player.library.scan.first_music import first_playable

CLIPS_PER_QUADRANT = 6
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def analyzer() -> Analyzer:
    return Analyzer(lambda _point: {})


@pytest.fixture(scope="module")
def demo(analyzer: Analyzer) -> dict[str, list[Analysis]]:
    """Analyses of the tracks in two of the demo's mood folders."""
    folder = demo_folder()
    if folder is None:
        pytest.skip("the demo music is not installed (extra `demo`)")
    return {
        mood: [analyzer.analyze(path) for path in sorted((folder / mood).iterdir())]
        for mood in ("calm", "energetic")
    }


def test_demo_music_can_be_played_at_once() -> None:
    folder = demo_folder()
    if folder is None:
        pytest.skip("the demo music is not installed (extra `demo`)")

    assert first_playable([folder]) is not None


def test_demo_music_is_ordered_by_energy(demo: dict[str, list[Analysis]]) -> None:
    energy = {mood: mean(found.energy for found in analyses) for mood, analyses in demo.items()}

    assert energy["energetic"] > energy["calm"] + 0.15


def test_demo_music_has_plausible_figures(demo: dict[str, list[Analysis]]) -> None:
    for found in (found for analyses in demo.values() for found in analyses):
        assert -30 < found.loudness_lufs < -5
        assert -12 < found.true_peak_dbtp <= 3
        assert found.tempo_bpm is not None
        assert 40 <= found.tempo_bpm <= 220
        assert 25 < found.duration_s < 120


@pytest.mark.long
def test_labelled_clips_fall_on_their_side(analyzer: Analyzer, shared_data: Path) -> None:
    """The head was trained on these clips: this finds a broken chain, not how good the chain is."""
    by_quadrant: dict[str, list[Path]] = defaultdict(list)
    with (shared_data / "music_4q" / "labels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            by_quadrant[row["quadrant"]].append(shared_data / "music_4q" / row["file"])

    found = {
        quadrant: [analyzer.analyze(path) for path in paths[:CLIPS_PER_QUADRANT]]
        for quadrant, paths in by_quadrant.items()
    }

    right = [analysis.quadrant == quadrant for quadrant, analyses in found.items() for analysis in analyses]
    assert mean(right) > 0.8
    energy = {quadrant: mean(a.energy for a in analyses) for quadrant, analyses in found.items()}
    valence = {quadrant: mean(a.valence for a in analyses) for quadrant, analyses in found.items()}
    assert min(energy["Q1"], energy["Q2"]) > 0.2 > -0.2 > max(energy["Q3"], energy["Q4"])
    assert min(valence["Q1"], valence["Q4"]) > 0.2 > -0.2 > max(valence["Q2"], valence["Q3"])
    sure = [analysis.confidence for analyses in found.values() for analysis in analyses]
    assert mean(sure) > CLEAR


@pytest.mark.long
def test_lively_and_pleasant_music_of_other_genres_is_known(analyzer: Analyzer, shared_data: Path) -> None:
    """The head was trained on these, too: it finds one that knows only how lively rock is."""
    with (shared_data / "music_emotify" / "labels.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["file"].startswith("classical_")]

    def read(axis: str, side: float) -> list[Analysis]:
        chosen = [row["file"] for row in rows if float(row[f"{axis}_proxy"]) / side > 1]
        return [analyzer.analyze(shared_data / "music_emotify" / file) for file in chosen[:4]]

    assert mean(found.energy for found in read("energy", 0.7)) > 0
    assert mean(found.energy for found in read("energy", -0.7)) < -0.5
    assert mean(found.valence for found in read("valence", 0.5)) > 0.2
    assert mean(found.valence for found in read("valence", -0.3)) < 0


def test_the_quadrant_is_where_the_point_lies(demo: dict[str, list[Analysis]]) -> None:
    for found in (found for analyses in demo.values() for found in analyses):
        assert (found.quadrant in {"Q1", "Q4"}) == (found.valence >= 0)
        assert (found.quadrant in {"Q1", "Q2"}) == (found.energy >= 0)


def test_demo_music_has_unit_embeddings(demo: dict[str, list[Analysis]]) -> None:
    for found in (found for analyses in demo.values() for found in analyses):
        assert len(found.embedding) == EMBEDDING_SIZE
        assert np.linalg.norm(found.embedding) == pytest.approx(127, abs=2)


def test_noise_and_silence_have_no_clear_mood() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 10 * RATE_HZ).astype(np.float32)

    for sound in (noise, np.zeros(10 * RATE_HZ, np.float32)):
        found = analyze(sound, RATE_HZ)
        assert not found.clear
        assert 0.2 < found.confidence < CLEAR
