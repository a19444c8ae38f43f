"""How fast the trainings of PyTorch learn, from their first batch to the last."""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def warmed_up(optimizer: Optimizer, batches: int, share: float) -> LambdaLR:
    """Up to the optimizer's rates in the first `share` of the batches, and by a half cosine down to 0."""

    def rate(n: int) -> float:
        return min(n / (share * batches), 1.0) * (1 + math.cos(math.pi * min(n / batches, 1.0))) / 2

    return LambdaLR(optimizer, rate)
