"""What decides whether a challenger may replace the model in use, in numbers and words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gate:
    """Whether the challenger may replace the champion: its log-loss on later claims, both ways.

    Weighted by the full inverse inclusion probability, so that the claims nobody suspected
    speak for their like; ``difference`` is challenger minus champion, with its standard error.
    ``random_*``: the same on the random stratum alone, unweighted, NaN where it has too few:
    there no model's own choice of whom to audit can flatter it.
    """

    passed: bool
    difference: float
    error: float
    n_later: int
    random_difference: float = float("nan")
    random_error: float = float("nan")
    n_random: int = 0

    @property
    def words(self) -> str:
        """One sentence, Chinese / English."""
        figures = f"{self.difference:+.4f} ± {self.error:.4f}, n = {self.n_later}; "
        random = f" {self.random_difference:+.4f} ± {self.random_error:.4f}"
        if not np.isfinite(self.random_difference):
            random = ""
        zh, en = (
            ("通过", "passed")
            if self.passed
            else ("未通过，仍用原模型", "failed, the old one stays")
        )
        zh_random, en_random = (
            f"随机层{random or '太少'}",
            f"random stratum{random or ' too small'}",
        )
        n = f", n = {self.n_random}"
        return (
            f"上线检验{zh}（{figures}{zh_random}{n}） / "
            f"promotion gate {en} ({figures}{en_random}{n})"
        )


def mean_and_error(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The weighted mean of ``values`` (n,) and its standard error."""
    share = weight / weight.sum()
    mean = float(values @ share)
    return mean, float(np.sqrt((share**2 * (values - mean) ** 2).sum()))
