"""What each red flag finds and how often it cries wolf, on simulated Wuhan worlds.

Recall: planted claims of the typology that its flag hits. False alarms: honest claims it
hits, of all honest claims; and the honest look-alike group it hits most. Camouflage 0,
seeds 1 to 20 (or as many as the first argument says). T03, T08, T09 and T25 describe
patterns that are no offence; they come from worlds of the same seeds in which they were planted.

    python -m benchmarks.flags 20              the table of docs/flags/README.md
    python -m benchmarks.flags limits          published limits, broken on purpose in honest worlds
    python -m benchmarks.flags speed 1000000   all rules over one world: seconds and memory
"""

import resource
import sys
import time
from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import _limits
from fraud_pipeline import programmes
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.simulate import simulate
from fraud_pipeline.store.packs import load_packs

Counts = dict[str, list[int]]


ON_REQUEST = ("T03", "T08", "T09", "T25")  # patterns, no offences: planted when asked for


def measure(
    seeds: range, n_claims: int = 1071, also: tuple[str, ...] = ()
) -> tuple[pa.Table, Counts, dict[str, Counts]]:
    """(rules, per flag [planted, found, honest, false], per flag and group [members, hit])."""
    totals: Counts = defaultdict(lambda: [0, 0, 0, 0])
    groups: dict[str, Counts] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    packs = load_packs()
    for seed in seeds:
        world = simulate("wuhan", n_claims, seed, also=also)
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


def speed(n_claims: int) -> None:
    """All rules over one simulated world of ``n_claims``; CPU time tells on a busy machine."""
    tables = simulate("wuhan", n_claims, 1).tables
    as_of = pc.max(tables["claims"]["submitted_on"]).as_py()
    packs, settings = load_packs(), ProgrammeSettings()
    programmes.evaluate(simulate("wuhan", 500, 2).tables, packs, as_of, settings)  # compiled once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    clock, cpu = time.perf_counter(), time.process_time()
    results, rules = programmes.evaluate(tables, packs, as_of, settings)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{n_claims:,} claims, {rules.num_rows} rules: {clock:.1f} s by the clock, {cpu:.1f} s of CPU, "
        f"answers {results.nbytes / 1e9:.1f} GB, peak {peak / 1e6:.1f} GB (before {before / 1e6:.1f})"
    )


def main() -> None:
    if sys.argv[1:2] == ["speed"]:
        return speed(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    if sys.argv[1:2] == ["limits"]:
        return _limits.report()
    n_seeds = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 20
    rules, totals, groups = measure(range(1, n_seeds + 1))
    _, asked, around = measure(range(1, n_seeds + 1), also=ON_REQUEST)
    totals.update({code: asked[code] for code in ON_REQUEST})
    groups.update({code: around[code] for code in ON_REQUEST})
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
