"""What each red flag finds and how often it cries wolf, on simulated Wuhan worlds.

Recall: planted claims of the typology that its flag hits. False alarms: honest claims it
hits, of all honest claims; and the honest look-alike group it hits most. Camouflage 0,
seeds 1 to 20 (or as many as the first argument says).
"""

import sys
from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import programmes
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs

Counts = dict[str, list[int]]


def measure(seeds: range, n_claims: int = 1071) -> tuple[pa.Table, Counts, dict[str, Counts]]:
    """(rules, per flag [planted, found, honest, false], per flag and group [members, hit])."""
    totals: Counts = defaultdict(lambda: [0, 0, 0, 0])
    groups: dict[str, Counts] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    packs = load_packs()
    for seed in seeds:
        world = simulate("wuhan", n_claims, seed)
        as_of = pc.max(world.tables["claims"]["submitted_on"]).as_py()
        results, rules = programmes.evaluate(world.tables, packs, as_of, ProgrammeSettings())
        truth = dict(
            zip(*(world.truth[c].to_pylist() for c in ("claim_id", "typology")), strict=True)
        )
        honest = {claim for claim, typology in truth.items() if typology is None}
        members = defaultdict(set)
        for claim, group in zip(*(world.groups[c].to_pylist() for c in ("claim_id", "group")),
                                strict=True):  # fmt: skip
            members[group].add(claim)
        hits = results.filter(pc.equal(results["outcome"], "hit"))
        found = defaultdict(set)
        for code, claim in zip(hits["rule_code"].to_pylist(), hits["claim_id"].to_pylist(),
                               strict=True):  # fmt: skip
            found[code].add(claim)
        for code in rules["rule_code"].to_pylist():
            planted = {claim for claim, typology in truth.items() if typology == code}
            row = totals[code]
            row[0] += len(planted)
            row[1] += len(planted & found[code])
            row[2] += len(honest)
            row[3] += len(honest & found[code])
            for group, claims in members.items():
                groups[code][group][0] += len(claims)
                groups[code][group][1] += len(claims & found[code])
    return rules, totals, groups


def main() -> None:
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 20
    rules, totals, groups = measure(range(1, n_seeds + 1))
    print("| flag | | planted | found | recall | false alarms | worst look-alike group |")
    print("|---|---|---|---|---|---|---|")
    for rule in rules.to_pylist():
        code = rule["rule_code"]
        planted, found, honest, false = totals[code]
        recall = f"{found / planted:.0%}" if planted else "–"
        worst = max(sorted(groups[code]), key=lambda g: groups[code][g][1] / groups[code][g][0])
        members, hit = groups[code][worst]
        look = f"{worst} {hit / members:.1%}" if hit else "–"
        print(
            f"| {code} | {rule['title_en']} | {planted or '–'} | {found if planted else '–'} | "
            f"{recall} | {false / honest:.2%} | {look} |"
        )


if __name__ == "__main__":
    main()
