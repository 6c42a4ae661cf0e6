"""What burns right now: the lab's things that AWS bills by the hour, whether anything flows or not."""

from __future__ import annotations

from itertools import groupby

from helpers.clean_up import cloudwatch, flink, kinesis
from helpers.clean_up.search import Search
from helpers.lab import Lab

# Others bill by what they do, or by bytes kept, which are nothing here by the hour.
_BY_THE_HOUR = (kinesis.find, flink.find, cloudwatch.find)


def burning(lab: Lab) -> str:
    """Ask AWS what the lab has that costs by the hour, and return it as one sentence with its price.

    Raises
    ------
    botocore.exceptions.ClientError
        If AWS refuses to tell.
    """
    search = Search(lab, {})
    found = [each for find in _BY_THE_HOUR for each in find(search) if each.hourly_usd]
    if not found:
        return "burning $0.00 an hour: nothing that is billed by the hour"
    parts = []
    for kind, group in groupby(found, key=lambda each: each.kind):
        same = list(group)
        price = sum(each.hourly_usd for each in same)
        parts.append(f"{len(same)} {kind}{'s' if len(same) > 1 else ''} ${price:.3f}")
    return f"burning ${sum(each.hourly_usd for each in found):.3f} an hour: {', '.join(parts)}"
