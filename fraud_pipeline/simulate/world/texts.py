"""Contract and report texts: honest ones vary in every clause, sham ones come from one file."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_CONTRACT = (
    ("甲方委托乙方完成{t}，双方经协商订立本合同。", "根据《合同法》，就{t}事宜达成如下条款。",
     "为提升产品质量，甲方就{t}委托乙方实施。", "乙方接受甲方委托，承担{t}工作。",
     "甲乙双方本着平等自愿原则，就{t}签订合同。"),
    ("工作内容包括资料收集、方案设计、实施与总结。", "乙方按附件一所列清单逐项完成并提交过程记录。",
     "范围限于甲方主营产品，共分三个阶段推进。", "乙方指派两名工程师驻场，每周通报进展。",
     "内容以双方签字确认的任务书为准，变更须书面同意。", "乙方负责全部申报材料撰写并答复审查意见。"),
    ("交付物为书面报告一份及原始数据。", "交付物包括证书、受理通知书及全套底稿。",
     "乙方应提交加盖公章的成果文件两份。", "以主管部门受理或出具的文件为验收依据。",
     "甲方组织专家评审，评审通过即视为验收。"),
    ("付款分两期：签订后五日内付四成，验收后付清。", "合同款于验收合格后十个工作日内一次付清。",
     "甲方先行支付自筹部分，其余以创新券抵扣。", "款项按进度支付，最后一成作为质保。",
     "甲方收到发票后七日内支付自筹款。"),
    ("违约方按日支付千分之一违约金。", "逾期超过三十日的，守约方有权解除合同。",
     "因不可抗力不能履行的，双方互不追责。", "乙方对技术资料负保密义务，期限三年。",
     "争议由{z}仲裁委员会仲裁。", "知识产权归甲方所有，乙方享有署名权。"),
)  # fmt: skip
_REPORT = (
    ("本次{t}按计划完成。", "受托开展的{t}已全部结束。", "现将{t}完成情况报告如下。", "{t}执行情况良好。"),
    ("共抽取样品{a}件，有效数据{b}组。", "先后召开协调会{a}次，形成记录{b}页。",
     "检索数据库{a}个，命中相关文献{b}篇。", "完成图纸{a}张，修改意见{b}条。",
     "设备运行{b}小时，中断{a}次。", "试制{a}批，合格率九成{b}。"),
    ("结果表明关键指标优于行业平均水平。", "主要性能达到任务书要求。", "发现两处不符合项，均已整改。",
     "建议后续对耐久性继续跟踪。", "相关成果已用于新产品定型。"),
    ("原始记录存档备查。", "附件含谱图与照片。", "数据由专人复核。", "结论仅对来样负责。", "成果已移交企业技术部。"),
)  # fmt: skip


STANDARD_FORM = (
    "本合同采用技术合同示范文本。服务名称、内容、期限和价款见合同首页及附件清单。乙方应当按约定完成服务并交付成果，"
    "甲方应当提供必要条件并按期付款。成果以双方签字的验收单为准。未尽事宜由双方协商解决，协商不成的依法处理。"
)
STANDARD_REPORTS = (
    "受托方按约定完成全部服务内容，交付成果经委托方验收合格，详细数据和结论见随附报告原件及其附页，报告经三级审核签发。",
    "各项工作依照国家和行业标准开展，过程记录完整，成果文件齐全，结论及适用范围以加盖公章的正式报告为准，此处不再重复。",
)
_BARE = ("服务已按合同完成，效果良好。", "项目顺利完成，达到预期目标。", "已完成全部工作，企业表示满意。",
         "成果已交付，质量合格。")  # fmt: skip


def contract_texts(
    rng: np.random.Generator, titles: np.ndarray, template: np.ndarray, place: str
) -> np.ndarray:
    """One contract text a row; rows of the same ``template`` > 0 share every clause."""
    return _texts(rng, _CONTRACT, titles, template, place)


def bare_reports(rng: np.random.Generator, n: int) -> np.ndarray:
    """Reports nobody can review: a sentence without a figure."""
    return np.array(_BARE, dtype=object)[rng.integers(0, len(_BARE), n)]


def report_texts(rng: np.random.Generator, titles: np.ndarray, template: np.ndarray) -> np.ndarray:
    """One report text a row; copied reports keep even their figures."""
    return _texts(rng, _REPORT, titles, template)


def _texts(
    rng: np.random.Generator,
    slots: tuple[tuple[str, ...], ...],
    titles: np.ndarray,
    template: np.ndarray,
    place: str = "",
) -> np.ndarray:
    picks = rng.random((len(titles), len(slots) + 2))
    shared = np.flatnonzero(template > 0)
    numbers, which = np.unique(template[shared], return_inverse=True)
    if len(numbers):
        each = [np.random.default_rng(int(k)).random(len(slots) + 2) for k in numbers]
        picks[shared] = np.array(each)[which]
    values = {
        "t": pa.array(titles, pa.string(), from_pandas=True),
        "a": pc.cast(pa.array((picks[:, -2] * 89 + 3).astype(int)), pa.string()),
        "b": pc.cast(pa.array((picks[:, -1] * 890 + 7).astype(int)), pa.string()),
        "z": pa.scalar(place),
    }
    pieces = [piece for k, slot in enumerate(slots) for piece in _pieces(slot, picks[:, k], values)]
    return np.asarray(pc.binary_join_element_wise(*pieces, "").to_pandas(), dtype=object)


def _pieces(slot: tuple[str, ...], pick: np.ndarray, values: dict[str, pa.Array]) -> list[pa.Array]:
    """The columns a slot is put together from: words and values in turn, empty where none."""
    parts = [re.split(r"\{(\w)\}", option) for option in slot]
    chosen = pa.array((pick * len(slot)).astype(np.int64))
    pieces = []
    for place in range(max(map(len, parts))):
        part = [p[place] if place < len(p) else "" for p in parts]
        if place % 2 == 0:
            pieces.append(pc.take(pa.array(part, pa.string()), chosen))
            continue
        column: pa.Array = pa.scalar("")
        for name in sorted(set(part) - {""}):
            holds = pc.take(pa.array([p == name for p in part]), chosen)
            column = pc.if_else(holds, values[name], column)
        pieces.append(column)
    return pieces
