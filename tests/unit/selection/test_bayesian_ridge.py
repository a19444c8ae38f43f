"""Against scikit-learn's BayesianRidge, which the player does not carry: 195 MB for one small learner."""

import numpy as np
import pytest

from player.selection.bayesian_ridge import fit


def problem(
    rows: int, columns: int, noise: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    table = random.standard_normal((rows, columns)) + 0.5
    effect = random.standard_normal(columns) * (random.random(columns) < 0.3)
    targets = table @ effect + noise * random.standard_normal(rows) + 2.0
    weights = random.uniform(0.2, 3.0, rows)
    return table, targets, weights / weights.mean()


@pytest.mark.parametrize(
    ("rows", "columns", "noise"), [(300, 5, 0.5), (60, 40, 0.1), (40, 90, 1.0), (30, 8, 9.0)]
)
def test_it_finds_what_scikit_learn_finds(rows: int, columns: int, noise: float) -> None:
    from sklearn.linear_model import BayesianRidge  # noqa: PLC0415 - seconds, in every worker that collects

    table, targets, weights = problem(rows, columns, noise)
    theirs = BayesianRidge(max_iter=100, compute_score=True).fit(table, targets, sample_weight=weights)
    ours = fit(table, targets, weights)
    assert ours.mean == pytest.approx(theirs.coef_, abs=2e-3)
    assert ours.intercept == pytest.approx(theirs.intercept_, abs=2e-3)
    assert ours.covariance == pytest.approx(theirs.sigma_, rel=0.02, abs=1e-4)
    assert ours.log_evidence == pytest.approx(theirs.scores_[-1], abs=0.05)


def test_columns_without_anything_in_them_explain_nothing() -> None:
    table, targets, weights = problem(50, 8, 1.0)
    nothing = fit(np.zeros((50, 1)), targets, weights)
    assert nothing.mean == pytest.approx([0.0])
    assert nothing.intercept == pytest.approx(np.average(targets, weights=weights))
    assert fit(table, targets, weights).log_evidence > nothing.log_evidence + 5


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    table, targets, _ = problem(40, 4, 0.5)
    weights = np.where(np.arange(40) < 10, 2.0, 1.0)
    doubled = fit(table, targets, weights)
    repeated = fit(np.vstack([table, table[:10]]), np.append(targets, targets[:10]), np.ones(50))
    assert doubled.mean == pytest.approx(repeated.mean, abs=1e-6)
    assert doubled.intercept == pytest.approx(repeated.intercept, abs=1e-6)


def test_targets_that_are_all_alike_are_no_trouble() -> None:
    table, *_ = problem(20, 3, 1.0)
    found = fit(table, np.ones(20), np.ones(20))
    assert found.mean == pytest.approx([0.0] * 3, abs=1e-6)
    assert np.isfinite(found.log_evidence)
