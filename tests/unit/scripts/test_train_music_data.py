"""The figures that the mood scripts print."""

from pathlib import Path

import numpy as np
import pytest

from scripts.train.music_data import (
    agreement,
    labelled,
    neighbours_agree,
    other_half_is_nearest,
    reliability,
    scores,
)


def test_both_kinds_of_labels_are_read(tmp_path: Path) -> None:
    for name, header, row in (
        ("quadrants", "file\tquadrant", "a.opus\tQ3"),
        ("ratings", "file\tvalence_proxy\tenergy_proxy", "rock_1.opus\t0.25\t-0.5"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.tsv").write_text(f"{header}\n{row}\n", encoding="utf-8")

    paths, labels = labelled([tmp_path / "quadrants", tmp_path / "ratings"])

    assert [path.name for path in paths] == ["a.opus", "rock_1.opus"]
    assert labels.quadrant.tolist() == [2, -1]
    assert labels.rated.tolist() == [False, True]
    assert labels.rating[1].tolist() == [0.25, -0.5]
    assert labels.kind.tolist() == ["Q3", "rock"]


def test_scores_count_the_sides_of_the_axes() -> None:
    truth = np.array([0, 1, 2, 3])
    right = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 2

    assert scores(truth, right) == {"macro_f1": 1, "valence_accuracy": 1, "energy_accuracy": 1}
    assert scores(truth, right * [1, -1])["valence_accuracy"] == 1
    assert scores(truth, right * [1, -1])["energy_accuracy"] == 0
    assert scores(truth, right * [1, -1])["macro_f1"] == 0


def test_ranks_agree_by_genre() -> None:
    rating = np.array([[0.0, 1.0], [1.0, 2.0], [5.0, 3.0], [0.0, 1.0], [1.0, 2.0], [5.0, 3.0]])
    points = rating**3 * np.array([[1], [1], [1], [-1], [-1], [-1]])

    found = agreement(rating, points, np.array(["rock"] * 3 + ["pop"] * 3))

    assert found["rock"] == pytest.approx({"valence": 1, "energy": 1})
    assert found["pop"] == pytest.approx({"valence": -1, "energy": -1})
    assert abs(found["all"]["valence"]) < 1


def test_a_true_confidence_has_no_error() -> None:
    confidence = np.array([0.75] * 4 + [0.25] * 4)
    right = np.array([True, True, True, False, True, False, False, False])

    error, table = reliability(confidence, right)

    assert error == 0
    assert "0.7 to 0.8  0.750  0.750      4" in table


def test_boasting_is_an_error() -> None:
    error, _ = reliability(np.array([1.0, 1.0]), np.array([True, False]))

    assert error == pytest.approx(0.5)


def test_halves_find_each_other() -> None:
    axes = np.eye(4)
    together = np.stack([axes[[0, 0]], axes[[1, 1]]])
    apart = np.stack([axes[[0, 1]], axes[[1, 0]]])

    assert other_half_is_nearest(together) == 1
    assert other_half_is_nearest(apart) == 0


def test_neighbours_are_others() -> None:
    embeddings = np.eye(2)[[0, 0, 1, 1]]

    assert neighbours_agree(embeddings, np.array([0, 0, 1, 1]), count=1) == 1
    assert neighbours_agree(embeddings, np.array([0, 1, 0, 1]), count=1) == 0
