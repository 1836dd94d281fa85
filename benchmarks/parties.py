"""How many different firms are merged wrongly, and how many same ones are found, without codes.

From simulated registers a part of the parties is entered a second time without a valid code, as
another bureau would: another spelling of name and address, a moved office, a changed phone or
representative, a missing account. Hard look-alikes without codes stand among them: sister firms
at one address with one bookkeeper and one representative, branches, firms of one name in
another city. Weights and rules were chosen on seeds 1 to 5; the table shows others.

    python -m benchmarks.parties [SEEDS]
"""

import sys
import time
from collections import Counter

import numpy as np
import pyarrow as pa

from fraud_pipeline.ingest.linkage import link, records_of
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.simulate import simulate

SHARE_TWICE = 0.25  # of the parties that stand there a second time without a code
SHARE_SISTERS = 0.12
_CHANGES = {"phone": 0.35, "legal_representative": 0.15, "bank_account": 0.2, "address": 0.25}
_MISSING = {"phone": 0.15, "legal_representative": 0.1, "bank_account": 0.45, "address": 0.1}
_TYPO = str.maketrans("光瑞恒信华中科天宏海", "广锐衡讯花忠料夫弘每")


def spelled_otherwise(name: str, rng: np.random.Generator) -> str:
    """The same firm's name as somebody else writes it."""
    ways = [
        lambda n: n, lambda n: n.replace("有限公司", "有限责任公司"), lambda n: n.replace("武汉", "武汉市", 1),
        lambda n: n.replace("武汉", "湖北省武汉市", 1), lambda n: n.replace("武汉", "", 1) + "（武汉）",
        lambda n: "  ".join((n[:4], n[4:])), lambda n: n.replace("武汉", "", 1), lambda n: n + "\u3000",
        lambda n: n[:3] + n[3:].translate(_TYPO), lambda n: n.replace("公司", "公 司"),
    ]  # fmt: skip
    spelled = ways[rng.integers(len(ways))](name)
    return spelled.replace("有限公司（武汉）", "（武汉）有限公司") or name


def address_otherwise(address: str, rng: np.random.Generator) -> str:
    ways = [
        lambda a: a, lambda a: a.replace("武汉市", "", 1), lambda a: "湖北省" + a, lambda a: a.replace("号", " 号 "),
        lambda a: a.replace("室", "房"), lambda a: a.split("号")[0] + "号" if "号" in a else a,
    ]  # fmt: skip
    return ways[rng.integers(len(ways))](address)


def phone_otherwise(phone: str, rng: np.random.Generator) -> str:
    return [phone, f"+86 {phone}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"][rng.integers(3)]


def again(row: dict, register: list[dict], at: int, rng: np.random.Generator) -> dict:
    """``row`` entered by another bureau, without a valid code."""
    other = dict(row)
    other["name"] = spelled_otherwise(row["name"], rng)
    for column, share in _CHANGES.items():
        if rng.random() < share:
            other[column] = register[rng.integers(len(register))][column]
    for column, share in _MISSING.items():
        if rng.random() < share:
            other[column] = None
    other["address"] = other["address"] and address_otherwise(other["address"], rng)
    other["phone"] = other["phone"] and phone_otherwise(other["phone"], rng)
    return other | {"source_row": 100_000 + at}


def look_alike(row: dict, rng: np.random.Generator) -> dict:
    """Another party that resembles ``row``: a sister firm, a branch, a namesake elsewhere."""
    other, kind = dict(row), int(rng.integers(4))
    kind = 0 if kind == 2 and "武汉" not in row["name"] else kind
    if kind == 0:  # sister firm: one owner, one bookkeeper, one address
        other["name"] = row["name"][:4] + "科创" + row["name"][4:]
        other["bank_account"] = f"6217{rng.integers(10**14, 10**15)}"
    elif kind == 1:
        other["name"] = row["name"] + "黄石分公司"
    elif kind == 2:
        other["name"] = row["name"].replace("武汉", "襄阳", 1)
        other |= {"address": "襄阳市樊城区人民路9号", "bank_account": None}
    else:  # a namesake: same words, other people
        other |= {"phone": f"139{rng.integers(10**7, 10**8)}", "legal_representative": "欧阳不同",
                  "address": f"江夏区文化路{rng.integers(1, 900)}号", "bank_account": None}  # fmt: skip
    return other


def labelled(seed: int, claims: int = 1071) -> tuple[Tables, dict[int, str]]:
    """Registers with records that have no code, and the true party of each row number."""
    tables = simulate("wuhan", n_claims=claims, seed=seed).tables
    rng = np.random.default_rng([seed, 77])
    truth: dict[int, str] = {}
    made = {}
    for name, code, start in (
        ("enterprises", "enterprise_id", 1),
        ("institutions", "institution_id", 50_001),
    ):
        register = tables[name].to_pylist()
        for at, row in enumerate(register):
            row |= {"source_file": f"{name}.csv", "source_row": start + at}
            truth[start + at] = row[code]
        more = []
        for at, row in enumerate(register):
            number = start + at + 100_000
            if rng.random() < SHARE_TWICE:
                more.append(
                    again(row, register, 0, rng) | {"source_row": number, code: f"本地{number}"}
                )
                truth[number] = row[code]
            elif rng.random() < SHARE_SISTERS:
                more.append(look_alike(row, rng) | {"source_row": number, code: f"本地{number}"})
                truth[number] = f"other {number}"
        made[name] = pa.Table.from_pylist(register + more, schema=INPUT_TABLES[name].arrow)
    return Tables(made), truth


def measure(seed: int, claims: int = 1071) -> dict[str, float]:
    """Wrong merges, same ones found, undecided, and seconds."""
    tables, truth = labelled(seed, claims)
    records = records_of(tables)
    begun = time.perf_counter()
    found = link(records)
    seconds = time.perf_counter() - begun
    party = {r["record"]: truth[r["row"]] for r in records.to_pylist()}
    merges = [(party[a] == party[b]) for a, b in found.party_of.items() if a != b]
    twice = sum(n > 1 for n in Counter(truth.values()).values())
    undecided = [party[p["left"]] == party[p["right"]] for p in found.of("undecided")]
    return {"records": records.num_rows, "twice": twice, "found": sum(merges), "wrong": len(merges) - sum(merges),
            "undecided": len(undecided), "undecided_same": sum(undecided), "seconds": seconds}  # fmt: skip


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(
        "| seed | records | entered twice | found | wrong merges | undecided (of them same) | seconds |"
    )
    print("|---|---|---|---|---|---|---|")
    for seed in range(101, 101 + seeds):
        got = measure(seed)
        print(f"| {seed} | {got['records']} | {got['twice']} | {got['found']} ({got['found'] / got['twice']:.1%}) | "
              f"{got['wrong']} | {got['undecided']} ({got['undecided_same']}) | {got['seconds']:.1f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
