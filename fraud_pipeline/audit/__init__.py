"""The sampled audit: recover the money and know the rate.

make_plan       ranked list            -> a probability sample, its frame and figures
verify_plan     frame, plan, seed      -> nothing, or what differs
estimate        outcomes of samples    -> the improper-payment share with its interval
*_sample_size   assurance wanted       -> audits it takes
"""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.audit.estimate import estimate
    from fraud_pipeline.audit.plan import Plan, Requirements, make_plan
    from fraud_pipeline.audit.sample_size import binomial_sample_size, poisson_sample_size
    from fraud_pipeline.audit.verify import verify_plan

__all__ = [
    "Plan",
    "Requirements",
    "binomial_sample_size",
    "estimate",
    "make_plan",
    "poisson_sample_size",
    "verify_plan",
]

export_lazily(
    __name__,
    {
        "Plan": "fraud_pipeline.audit.plan",
        "Requirements": "fraud_pipeline.audit.plan",
        "binomial_sample_size": "fraud_pipeline.audit.sample_size",
        "estimate": "fraud_pipeline.audit.estimate",
        "make_plan": "fraud_pipeline.audit.plan",
        "poisson_sample_size": "fraud_pipeline.audit.sample_size",
        "verify_plan": "fraud_pipeline.audit.verify",
    },
)
