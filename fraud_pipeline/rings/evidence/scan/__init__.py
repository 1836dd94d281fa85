"""The scan: at every institution, the group of clients that several kinds of evidence single out.

A search by structure finds who deals with whom more than chance explains. Rings that hide among
honest clients of one institution have no such structure; what singles them out is what stands on
their claims. The scan orders the clients of an institution by that evidence and takes the
beginning of the list that chance explains least (:mod:`fraud_pipeline.rings.evidence.scan.groups`).
"""

from fraud_pipeline.rings.evidence.scan.edge_marks import EdgeMarks, edge_marks
from fraud_pipeline.rings.evidence.scan.groups import (
    Group,
    OtherEvidence,
    find_groups,
    whole_membership,
)
from fraud_pipeline.rings.evidence.scan.kinds import KindEvidence, by_kind

__all__ = [
    "EdgeMarks",
    "Group",
    "KindEvidence",
    "OtherEvidence",
    "by_kind",
    "edge_marks",
    "find_groups",
    "whole_membership",
]
