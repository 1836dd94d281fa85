"""Three years of claims for the audit benchmark: fast, made up, and answering the auditors.

Amounts are heavy-tailed, improper claims are of five kinds, each with its own signature in
the scored features, and a tenth of the honest claims look like one of them. The fifth kind
is unknown to the expert weights and, in worlds that drift, first appears in month 19.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Floats = np.ndarray

MONTHS = 36
KINDS, LATE = 5, 4  # the last kind is the late one
NOISE = 2
BATCH = KINDS + NOISE  # column of "resembles other claims of the same month"
WIDTH = KINDS + NOISE + 2  # signatures, noise, batch similarity, size of the claim
FIRST_LATE = 18
SEVERITY = 0.75  # mean improper share of an improper claim


@dataclass(frozen=True)
class Kind:
    """What sort of world: the name of a row in the report."""

    name: str
    per_month: int = 1_000
    yearly_audits: int = 1_200
    late: bool = True  # the fifth kind appears midway, known kinds drift
    in_batches: bool = False  # the late kind is made in batches, and resembles itself
    adaptive: bool = False  # fraud moves to what is found less, and hides below last year's line
    useless: bool = False  # the scores know nothing
    tail: float = 1.0  # sd of log amounts
    rate: float = 0.08  # improper claims
    keeps: float = 0.70  # of an outcome's weight in training is left after a quarter

    def audits(self, month: int) -> int:
        """Audits of a month; they add up to the yearly number."""
        of_year = month % 12
        return (of_year + 1) * self.yearly_audits // 12 - of_year * self.yearly_audits // 12


@dataclass(frozen=True)
class Answer:
    """How fraud answers a policy: the mix of kinds, how common it is, last year's line."""

    mix: Floats  # shape (KINDS,)
    zeal: float = 1.0  # times the usual rate
    line: float = np.inf  # expected loss above which last year's claims were surely audited


@dataclass(frozen=True)
class Month:
    """Arrays of shape (n,), features (n, WIDTH)."""

    features: Floats
    amount: Floats
    improper: Floats  # yuan that an audit would find
    kind: np.ndarray  # -1 = in order
    firm_services: np.ndarray
    place_clients: np.ndarray
    hidden: np.ndarray  # claims whose fraudster keeps below last year's line


def usual_mix(kind: Kind, month: int) -> Floats:
    """The shares of the kinds before anybody adapts; the late kind rises to 36 %."""
    late = 0.36 * np.clip((month - FIRST_LATE + 1) / 6.0, 0.0, 1.0) if kind.late else 0.0
    depth = 0.25 if kind.late else 0.0
    known = 1.0 + depth * np.sin(2.0 * np.pi * (month / 24.0 + np.arange(KINDS - 1) / 4.0))
    return np.append((1.0 - late) * known / known.sum(), late)


def make_month(kind: Kind, seed: int, month: int, answer: Answer, coef: Floats) -> Month:
    """One month. The same random numbers whatever the policy, so that policies compare."""
    rng = np.random.default_rng([seed, month])
    n = kind.per_month
    amount = np.minimum(rng.lognormal(np.log(20_000), kind.tail, n), 500_000 * kind.tail**2)
    size = (np.log(amount) - np.log(20_000)) / kind.tail
    chance = rng.random(n)
    which = np.searchsorted(np.cumsum(answer.mix / answer.mix.sum()), rng.random(n))
    bad = chance < kind.rate * answer.zeal * np.exp(0.3 * size - 0.045)
    looks = rng.random(n) < 0.10
    x = rng.normal(size=(n, WIDTH))
    row = np.arange(n)
    drift = 1.0 - (0.3 * month / MONTHS if kind.late else 0.0)  # old tricks get better hidden
    push = np.where(which == LATE, 3.2, 3.2 * drift)
    shown = bad | (looks & (which != LATE))
    x[row[shown], np.minimum(which, LATE)[shown]] += push[shown]
    copied = bad & ((which == 0) | (kind.in_batches & (which == LATE)))
    x[copied, BATCH] += 2.0
    x[:, -1] = size
    if kind.useless:
        x = rng.normal(size=x.shape)
    share = np.where(rng.random(n) < 0.5, 1.0, rng.uniform(0.0, 1.0, n))
    services = rng.geometric(0.4, n)
    clients = np.bincount(place := np.minimum(rng.zipf(1.5, n) - 1, 119))[place]
    hidden = np.zeros(n, dtype=bool)
    if kind.adaptive and np.isfinite(answer.line):
        amount, hidden = _keep_below(x, amount, bad & (rng.random(n) < 0.5), answer.line, coef)
    improper = np.where(bad, share * amount, 0.0)
    return Month(x, amount, improper, np.where(bad, which, -1), services, clients, hidden)


def _keep_below(
    x: Floats, amount: Floats, gamer: np.ndarray, line: float, coef: Floats
) -> tuple[Floats, np.ndarray]:
    """Gamers ask for just so little that last year's line would not have reached them."""
    loss = expected_loss(x, amount, coef)
    hidden = gamer & (loss > line)
    lower = np.where(hidden, amount * 0.95 * line / np.maximum(loss, 1e-9), amount)
    return lower, hidden


def risk_of(x: Floats, coef: Floats) -> Floats:
    """Probability that an audit finds something; ``coef`` ends with the intercept."""
    return 1.0 / (1.0 + np.exp(-np.clip(x @ coef[:-1] + coef[-1], -30.0, 30.0)))


def expected_loss(x: Floats, amount: Floats, coef: Floats) -> Floats:
    return risk_of(x, coef) * SEVERITY * amount


def expert() -> Floats:
    """Weights before the first outcome: the known kinds, roughly; nothing of the late one."""
    coef = np.zeros(WIDTH + 1)
    coef[: KINDS - 1] = 0.8
    coef[BATCH], coef[WIDTH - 1], coef[-1] = 0.5, 0.2, -4.2
    return coef


def learn(
    x: Floats, y: Floats, weight: Floats, full: Floats, start: Floats, prior: Floats, pull: float
) -> Floats:
    """Logistic weights pulled towards the expert's; the level set with the ``full`` weights.

    ``weight`` (tempered, recent) shapes the ranking, ``full`` (inverse probability, clipped)
    the level, so that expected losses add up to what the population holds.
    """
    z = np.column_stack([x, np.ones(len(x))])
    coef = start.copy()
    weight = weight / weight.mean()
    for _ in range(3):
        p = 1.0 / (1.0 + np.exp(-np.clip(z @ coef, -30.0, 30.0)))
        gradient = z.T @ (weight * (y - p)) - pull * (coef - prior)
        curve = (z * (weight * p * (1.0 - p))[:, None]).T @ z + pull * np.eye(len(coef))
        coef = coef + np.linalg.solve(curve, gradient)
    rank = z[:, :-1] @ coef[:-1]
    for _ in range(6):
        p = 1.0 / (1.0 + np.exp(-np.clip(rank + coef[-1], -30.0, 30.0)))
        slope = full @ (p * (1.0 - p)) + 1.0
        coef[-1] += np.clip((full @ (y - p) - (coef[-1] - prior[-1])) / slope, -1.0, 1.0)
    return coef
