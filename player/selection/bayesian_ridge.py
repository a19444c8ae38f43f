"""Bayesian ridge regression: weights, how sure they are, and how well they explain what was seen.

Evidence maximisation after MacKay (1992), with Tipping's (2001) vague gamma priors over both precisions. With
the eigenvalues of the weighted Gram matrix at hand, a step costs one product of a matrix and a vector.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

VAGUE = 1e-6
"""Shape and rate of the gamma priors: next to nothing is known beforehand of noise and weights."""
MAX_STEPS = 100
CONVERGED = 1e-3
"""Steps end when the weights together have moved by less than this."""


@dataclass(frozen=True, eq=False)
class Regression:
    """What was found for p columns."""

    mean: Doubles
    """(p,): what a unit of each column adds."""
    covariance: Doubles
    """(p, p): of the posterior of `mean`."""
    intercept: float
    log_evidence: float
    """Nats: log of the marginal likelihood, priors included. Higher explains the same targets better."""


def fit(columns: Doubles, targets: Doubles, sample_weights: Doubles) -> Regression:
    """Regress `targets` (n,) on `columns` (n, p); a row of weight 2 counts as two of weight 1.

    The weights (n,) are positive; noise and spread are found from the rows themselves.
    """
    column_means = np.average(columns, axis=0, weights=sample_weights)
    target_mean = float(np.average(targets, weights=sample_weights))
    root = np.sqrt(sample_weights)
    rows, values = root[:, None] * (columns - column_means), root * (targets - target_mean)
    # The part of a row's space that holds nothing is left out: p may be larger than n.
    eigenvalues, vectors = np.linalg.eigh(rows.T @ rows)
    eigenvalues = np.maximum(eigenvalues, 0.0)
    projected = vectors.T @ (rows.T @ values)
    count, energy = float(sample_weights.sum()), float(values @ values)
    noise, ridge = (
        1.0 / (float(np.average((targets - target_mean) ** 2, weights=sample_weights)) + 1e-12),
        1.0,
    )
    before = np.zeros(len(eigenvalues))
    for step in range(MAX_STEPS):
        weights = noise * projected / (ridge + noise * eigenvalues)
        determined = float((noise * eigenvalues / (ridge + noise * eigenvalues)).sum())
        error = _squared_error(energy, projected, eigenvalues, weights)
        ridge = (determined + 2 * VAGUE) / (float(weights @ weights) + 2 * VAGUE)
        noise = (count - determined + 2 * VAGUE) / (error + 2 * VAGUE)
        if step and float(np.abs(vectors @ (weights - before)).sum()) < CONVERGED:
            break
        before = weights
    weights = noise * projected / (ridge + noise * eigenvalues)
    error = _squared_error(energy, projected, eigenvalues, weights)
    mean = vectors @ weights
    return Regression(
        mean=mean,
        covariance=(vectors / (ridge + noise * eigenvalues)) @ vectors.T,
        intercept=target_mean - float(column_means @ mean),
        log_evidence=_log_evidence(count, noise, ridge, eigenvalues, error, float(weights @ weights)),
    )


def _squared_error(energy: float, projected: Doubles, eigenvalues: Doubles, weights: Doubles) -> float:
    """Sum of the squared residuals, from the eigenvectors' point of view."""
    return max(0.0, energy - 2 * float(weights @ projected) + float((eigenvalues * weights**2).sum()))


def _log_evidence(
    count: float, noise: float, ridge: float, eigenvalues: Doubles, error: float, size: float
) -> float:
    """MacKay (1992), eq. 4.9, and the logs of both priors; `size` is the squared length of the weights."""
    priors = VAGUE * (np.log(ridge) - ridge + np.log(noise) - noise)
    fit_and_size = (
        len(eigenvalues) * np.log(ridge)
        + count * np.log(noise)
        - noise * error
        - ridge * size
        - float(np.log(ridge + noise * eigenvalues).sum())
        - count * np.log(2 * np.pi)
    )
    return float(priors + 0.5 * fit_and_size)
