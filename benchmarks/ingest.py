"""How fast and in how much memory a big CSV file and a big workbook are loaded.

Each is made once in a temporary folder (a tenth of the cells need a repair), then read,
typed, validated and accounted for in a process of its own: seconds and peak memory are
those of the whole load.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from fraud_pipeline.ingest.identifiers import USCC_ALPHABET

FLOORS = {"claims.csv": (20.0, 3.0), "claims.xlsx": (20.0, 3.0)}  # seconds, GB
_LOAD = """
import json, resource, sys, time
from fraud_pipeline import ingest
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.sources import open_sources
begun = time.perf_counter()
loaded = ingest.load(open_sources(sys.argv[1], ingest.stems(None)), IngestSettings())
seconds = time.perf_counter() - begun
account = loaded.accounts["claims"]
assert account.rows_in == account.rows_clean + account.rows_quarantined
print(json.dumps({"rows": account.rows_in, "clean": account.rows_clean, "seconds": seconds,
                  "repairs": loaded.repairs.num_rows,
                  "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))
"""


def claims(n: int, seed: int = 1) -> pd.DataFrame:
    """``n`` claims as text: honest ones, and in a tenth of the cells the usual dirt."""
    rng = np.random.default_rng(seed)
    days = pd.to_datetime("2016-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="D")
    amounts = rng.integers(50_000, 50_000_000, n)
    dirty = rng.random((3, n)) < 0.1
    yuan = np.char.add(
        np.char.add((amounts // 100).astype(str), "."), [f"{a % 100:02d}" for a in amounts]
    )
    marked = np.array([f"￥{a // 100:,}.{a % 100:02d}元" for a in amounts])
    iso, spoken = days.strftime("%Y-%m-%d"), [f"{d.year}年{d.month}月{d.day}日" for d in days]
    firms = np.array([_code(rng) for _ in range(20_000)])
    return pd.DataFrame({
        "申请编号": [f"C{k:08d}" for k in range(n)],
        "制度": "wuhan",
        "企业统一社会信用代码": firms[rng.integers(0, 19_000, n)],
        "机构统一社会信用代码": firms[rng.integers(19_000, 20_000, n)],
        "服务类型": np.where(dirty[0], "检验检测", "testing"),
        "合同金额": np.where(dirty[1], marked, yuan),
        "申请兑付金额": yuan,
        "申请日期": np.where(dirty[2], spoken, iso),
        "兑付主体": "机构",
        "券编号": [f"Q{k:08d}" for k in range(n)],
        "合同编号": [f"HT{k:08d}" for k in range(n)],
        "数量": rng.integers(1, 20, n).astype(str),
        "服务项目名称": "产品检验检测",
        "机构确认时间": [f"{d} 17:{k % 60:02d}:00" for k, d in enumerate(iso)],
        "联系电话": rng.integers(13_000_000_000, 19_900_000_000, n).astype(str),
        "成果说明": [f"受托开展的检验检测已全部结束，形成记录{k % 900}页，数据由专人复核。" for k in range(n)],
    })  # fmt: skip


def _code(rng: np.random.Generator) -> str:
    body = "91420100" + "".join(rng.choice(list("0123456789ABCDEFGHJ"), 9))
    total = sum(USCC_ALPHABET.index(c) * pow(3, k, 31) for k, c in enumerate(body))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]


def make(folder: Path, rows_csv: int, rows_xlsx: int) -> None:
    claims(rows_csv).to_csv(folder / "claims.csv", index=False)
    frame = claims(rows_xlsx, seed=2)
    with xlsxwriter.Workbook(folder / "claims.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet("兑付申请")
        for number, row in enumerate([list(frame.columns), *frame.to_numpy().tolist()]):
            sheet.write_row(number, 0, row)


def measure(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main() -> None:
    arguments = [int(a) for a in sys.argv[1:] if a.isdigit()]
    rows_csv, rows_xlsx = (
        (*arguments, 1_000_000, 100_000)[:2] if len(arguments) != 1 else (*arguments, 100_000)
    )
    print("| file | rows | repairs | seconds | peak GB | floor |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        # in a process of its own too: a child's peak starts at that of its parent
        maker = f"from benchmarks.ingest import *; make(Path({folder!r}), {rows_csv}, {rows_xlsx})"
        subprocess.run([sys.executable, "-c", maker], check=True)
        for name, (seconds, gigabytes) in FLOORS.items():
            got = measure(Path(folder) / name)
            print(f"| {name} | {got['rows']} | {got['repairs']} | {got['seconds']:.1f} | "
                  f"{got['peak_gb']:.2f} | {seconds:.0f} s, {gigabytes:.0f} GB |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
