"""Words, colours and shapes of the interactive graph: kinds of node, kinds of tie, controls."""

from __future__ import annotations

from typing import NamedTuple

from fraud_pipeline.vocabulary.rings import TIE_KINDS


class NodeKind(NamedTuple):
    """How one kind of node is called and drawn."""

    zh: str
    en: str
    shape: str  # a shape of Cytoscape.js
    sign: str  # the same shape as a character, for the legend
    colour: str


NODE_KINDS = {
    "enterprise": NodeKind("企业", "enterprise", "ellipse", "●", "#1d5b8f"),
    "institution": NodeKind("服务机构", "institution", "rectangle", "■", "#2f6b4c"),
    "phone": NodeKind("电话", "phone", "diamond", "◆", "#a8481a"),
    "bank_account": NodeKind("银行账号", "bank account", "hexagon", "⬢", "#7a2f6d"),
    "device": NodeKind("设备", "device", "rhomboid", "▰", "#5a4a00"),
    "agent": NodeKind("代办", "agent", "star", "★", "#8a4b00"),
    "person": NodeKind("股东或任职人员", "shareholder or officer", "triangle", "▲", "#8c2131"),
    "legal_representative": NodeKind("法定代表人", "legal representative", "triangle", "▲", "#c0392b"),
    "address": NodeKind("地址", "address", "pentagon", "⬟", "#44546a"),
    "email": NodeKind("邮箱", "e-mail", "octagon", "⯃", "#44546a"),
}  # fmt: skip
# Ties from party to party; a tie to a shared phone, account and so on has its node's colour.
DIRECT_COLOURS = {
    "claim": "#5b7186", "payment": "#7a2f6d", "money_back": "#b3123b", "text": "#2f6b4c",
    "group": "#44546a", "tenancy": "#8895a3",
}  # fmt: skip
_OTHER = "#44546a"

_CONTROLS = {
    "kinds": ("关联种类", "Kinds of tie"),
    "degree": ("至少几条关联", "At least so many ties"),
    "group": ("分组", "Group by"),
    "group_none": ("不分组", "no grouping"),
    "group_programme": ("按政策项目", "programme"),
    "group_source": ("按数据来源", "source of the data"),
    "group_region": ("按地区", "region"),
    "day": ("截至日期（左右方向键可移动）", "As of (arrow keys move it)"),
    "no_day": ("日期不详的关联一直显示", "ties without a date are always shown"),
    "in": ("放大", "Zoom in"), "out": ("缩小", "Zoom out"), "fit": ("显示全图", "Show all"),
    "arrange": ("重新排列", "Arrange again"),
    "select": ("选中符合条件的节点", "Select what fits"),
    "save": ("另存为", "Save as"),
    "find": ("查看节点", "Look at"),
    "choose": ("请选择", "choose"),
    "expand": ("展开其余 %d 个关联方", "Show its other %d parties"),
    "expanded": ("已展开 %d 个关联方", "%d parties were added"),
    "nothing": ("没有其他可展开的关联方", "it has no other parties that you may see"),
    "elsewhere": ("另有 %d 个关联方在其他地区，此处不列", "%d parties elsewhere are not shown"),
    "left_out": ("关联较弱的 %d 个关联方未列出", "%d parties with weaker ties are left out"),
    "none": ("尚未选中节点", "No node is chosen"),
    "open": ("打开页面", "Open its page"),
    "ties": ("关联", "Ties"), "n_ties": ("关联数", "ties"),
    "node": ("节点", "node"), "kind": ("种类", "kind"), "from": ("一方", "one side"),
    "to": ("另一方", "other side"), "since": ("起始日期", "since"), "detail": ("说明", "detail"),
    "hidden": ("未列出的关联方", "parties not shown"),
    "selected": ("选中 %d 个节点", "%d nodes selected"),
    "shown": ("显示 %d 个节点、%d 条关联", "%d nodes and %d ties are shown"),
    "table": ("与图同样内容的表格", "The same content as tables"),
    "nodes_table": ("节点", "Nodes"), "ties_table": ("关联", "Ties"),
    "unknown": ("不详", "unknown"),
    "how": ("点一个节点查看它的关联，可再展开；可拖动节点、滚轮缩放。",
            "Click a node to see its ties and to add its other parties; drag nodes; turn the wheel to zoom."),
}  # fmt: skip


def controls(language: str) -> dict[str, str]:
    """Every text of the graph's controls in one language (zh or en)."""
    return {key: texts[language != "zh"] for key, texts in _CONTROLS.items()}


def node_kinds(language: str) -> dict[str, dict[str, str]]:
    """Kind of node -> label, shape, sign, colour."""
    return {
        kind: {"label": k.zh if language == "zh" else k.en, "shape": k.shape, "sign": k.sign,
               "colour": k.colour}
        for kind, k in NODE_KINDS.items()
    }  # fmt: skip


def tie_kind(kind: str, language: str) -> dict[str, str]:
    """Label and colour of one kind of tie."""
    node, term = NODE_KINDS.get(kind), TIE_KINDS.get(kind)
    label = term[language != "zh"] if term else kind
    return {"label": label, "colour": node.colour if node else DIRECT_COLOURS.get(kind, _OTHER)}
