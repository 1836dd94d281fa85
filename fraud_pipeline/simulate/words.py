"""Contract and report texts: honest ones vary in every clause, sham ones come from one file."""

from __future__ import annotations

import numpy as np

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
     "争议由武汉仲裁委员会仲裁。", "知识产权归甲方所有，乙方享有署名权。"),
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


def contract_texts(rng: np.random.Generator, titles: np.ndarray, template: np.ndarray) -> list[str]:
    """One contract text a row; rows of the same ``template`` > 0 share every clause."""
    return _texts(rng, _CONTRACT, titles, template)


def report_texts(rng: np.random.Generator, titles: np.ndarray, template: np.ndarray) -> list[str]:
    """One report text a row; copied reports keep even their figures."""
    return _texts(rng, _REPORT, titles, template)


def _texts(
    rng: np.random.Generator,
    slots: tuple[tuple[str, ...], ...],
    titles: np.ndarray,
    template: np.ndarray,
) -> list[str]:
    picks = rng.random((len(titles), len(slots) + 2))
    for number in np.unique(template[template > 0]):
        picks[template == number] = np.random.default_rng(int(number)).random(len(slots) + 2)
    a = (picks[:, -2] * 89 + 3).astype(int)
    b = (picks[:, -1] * 890 + 7).astype(int)
    columns = [[slot[int(p * len(slot))] for p in picks[:, k]] for k, slot in enumerate(slots)]
    return [
        "".join(parts).format(t=t, a=x, b=y)
        for *parts, t, x, y in zip(*columns, titles, a, b, strict=True)
    ]
