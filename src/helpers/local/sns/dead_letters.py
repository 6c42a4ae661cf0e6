"""Where a message goes that cannot be delivered: the queue of the subscription's redrive policy.

A queue or a function that does not exist is a client-side error, which SNS does not retry.
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import lambda_svc, sqs


def target(attributes: Mapping[str, str]) -> str:
    """Return the ARN of the queue that a redrive policy names, empty if there is none."""
    policy = attributes.get("RedrivePolicy")
    return str(json.loads(policy)["deadLetterTargetArn"]) if policy else ""


def is_gone(subscription: dict[str, Any]) -> bool:
    """Return whether the subscribed queue or function does not exist any more."""
    endpoint = subscription["endpoint"]
    if subscription["protocol"] == "sqs":
        return sqs._queue_by_arn(endpoint) is None
    return subscription["protocol"] == "lambda" and lambda_svc._get_func_record_for_ref(endpoint)[0] is None
