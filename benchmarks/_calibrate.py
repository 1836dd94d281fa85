"""Fits the line from log-odds to probability for the shipped evidence model.

    python -m benchmarks._calibrate

Development seeds 1-10, camouflage 0; writes calibration.json and the manifest of the
model. The worlds' share of improper claims (about one in eight) is an assumption; a
bureau's own outcomes replace it as soon as there are enough.
"""

from __future__ import annotations

import json

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.chain import DEVELOPMENT_SEEDS, scored
from fraud_pipeline.store import files, places


def main() -> None:
    worlds = [scored(seed, 0).claims for seed in DEVELOPMENT_SEEDS]
    x = np.concatenate([w["log_odds"] for w in worlds])[:, None]
    y = np.concatenate([w["improper"] for w in worlds])
    line = LogisticRegression(C=1e6).fit(x, y)
    fitted = {"slope": round(float(line.coef_[0, 0]), 2), "intercept": round(float(line.intercept_[0]), 2)}
    folder = places.models() / "risk" / "evidence-1"
    files.write_bytes(folder / "calibration.json", (json.dumps(fitted) + "\n").encode())
    names = sorted(p.name for p in folder.iterdir() if p.name != "manifest.json")
    files.write_json(folder / "manifest.json", {n: files.sha256_of(folder / n) for n in names})
    print(fitted)


if __name__ == "__main__":
    main()
