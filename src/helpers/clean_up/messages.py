"""SNS and SQS: subscriptions, topics, queues."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from helpers.clean_up.found import Found
from helpers.clean_up.search import Search, project_asked
from helpers.clean_up.trouble import delete, exists

# What SNS calls a subscription that nobody has confirmed, in the place of its ARN.
_PENDING = "PendingConfirmation"


def find(search: Search) -> Iterator[Found]:
    """Yield subscriptions, their topics, and the queue."""
    yield from _topics(search)
    yield from _queues(search)


def _topics(search: Search) -> Iterator[Found]:
    sns, settings = search.client("sns"), search.settings
    # Notebook 09 gives its cheap variation a topic, which bears the function's name.
    known = {settings.alerts_topic, settings.watch_function}
    for topic in search.pages("sns", "list_topics", "Topics"):
        arn = topic["TopicArn"]
        name = arn.rpartition(":")[2]
        tagged = (
            project_asked(sns.list_tags_for_resource, "Tags", ResourceArn=arn) if search.looks_similar(name) else None
        )
        if not search.is_ours("SNS", "topic", name, arn, known, tagged):
            continue
        for one in search.pages_if_allowed("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn):
            if one["SubscriptionArn"] == _PENDING:
                # https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html
                search.notes.append(
                    f"A subscription of {name} ({one['Protocol']}) was never confirmed: nobody can delete it, "
                    "and it ends by itself after two days."
                )
            else:
                remove = partial(delete, sns.unsubscribe, SubscriptionArn=one["SubscriptionArn"])
                called = f"{name} to {one['Protocol']}"
                yield Found("SNS", "subscription", called, one["SubscriptionArn"], remove)
        yield Found("SNS", "topic", name, arn, partial(delete, sns.delete_topic, TopicArn=arn))


def _queues(search: Search) -> Iterator[Found]:
    sqs, settings = search.client("sqs"), search.settings
    for url in search.pages("sqs", "list_queues", "QueueUrls"):
        name = url.rpartition("/")[2]
        tagged = None
        if search.looks_similar(name):
            tagged = project_asked(sqs.list_queue_tags, "Tags", QueueUrl=url)
        arn = settings.arn("sqs", name)
        # For up to a minute the listings still name a deleted queue; asking for it by name does not find it.
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
        if search.is_ours("SQS", "queue", name, arn, {settings.failed_queue}, tagged) and exists(
            sqs.get_queue_url, QueueName=name
        ):
            yield Found("SQS", "queue", name, arn, partial(delete, sqs.delete_queue, QueueUrl=url))
