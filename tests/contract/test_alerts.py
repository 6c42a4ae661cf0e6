"""What the lab counts on of DynamoDB, SNS, CloudWatch and Budgets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Account

# A dashboard and an alarm, by the month, for less than an hour.
pytestmark = pytest.mark.costs(0.005)
KEY = {"user_id": {"N": "1"}, "window_start": {"S": "2019-10-01T00:00:00"}}


@pytest.fixture
def table(aws: Account) -> str:
    dynamodb, name = aws.client("dynamodb"), aws.name("table")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "user_id", "AttributeType": "N"},
            {"AttributeName": "window_start", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "user_id", "KeyType": "HASH"},
            {"AttributeName": "window_start", "KeyType": "RANGE"},
        ],
    )
    aws.later(dynamodb.delete_table, TableName=name)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
    return name


def test_a_claim_succeeds_once(aws: Account, table: str) -> None:
    dynamodb = aws.client("dynamodb")
    claim: dict[str, Any] = {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": "SET claimed_at = :now",
        "ConditionExpression": "attribute_not_exists(claimed_at)",
        "ExpressionAttributeValues": {":now": {"S": "now"}},
    }
    dynamodb.update_item(**claim)
    with pytest.raises(ClientError) as error:
        dynamodb.update_item(**claim, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert error.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert error.value.response["Item"]["claimed_at"] == {"S": "now"}  # type: ignore[typeddict-item]


def test_a_table_that_is_there_is_not_made_again(aws: Account, table: str) -> None:
    with pytest.raises(ClientError) as error:
        aws.client("dynamodb").create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        )
    assert error.value.response["Error"]["Code"] == "ResourceInUseException"


def test_a_topic_made_twice_is_one_topic(aws: Account) -> None:
    sns, name = aws.client("sns"), aws.name("topic")
    topic = sns.create_topic(Name=name)["TopicArn"]
    aws.later(sns.delete_topic, TopicArn=topic)
    assert sns.create_topic(Name=name)["TopicArn"] == topic
    assert topic == f"arn:{aws.partition}:sns:{aws.region}:{aws.number}:{name}"


def test_a_mail_subscription_waits_for_its_reader(aws: Account) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=aws.name("topic"))["TopicArn"]
    aws.later(sns.delete_topic, TopicArn=topic)
    # A mailbox of AWS's own that takes everything and tells nobody
    reader = "success@simulator.amazonses.com"
    answer = sns.subscribe(TopicArn=topic, Protocol="email-json", Endpoint=reader)
    assert answer["SubscriptionArn"] == "pending confirmation"
    [found] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (found["SubscriptionArn"], found["Endpoint"]) == ("PendingConfirmation", reader)


def test_a_dashboard_is_kept_as_it_was_put(aws: Account) -> None:
    cloudwatch, name = aws.client("cloudwatch"), aws.name("dashboard")
    widget = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 6, "properties": {"markdown": "x"}}
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=json.dumps({"widgets": [widget]}))
    aws.later(cloudwatch.delete_dashboards, DashboardNames=[name])
    assert json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) == {"widgets": [widget]}


def test_a_budget_that_is_there_is_not_made_again(aws: Account) -> None:
    budgets = aws.client("budgets")
    budget = {
        "BudgetName": aws.name("budget"),
        "BudgetLimit": {"Amount": "1", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    budgets.create_budget(AccountId=aws.number, Budget=budget)
    aws.later(budgets.delete_budget, AccountId=aws.number, BudgetName=budget["BudgetName"])
    with pytest.raises(ClientError) as error:
        budgets.create_budget(AccountId=aws.number, Budget=budget)
    assert error.value.response["Error"]["Code"] == "DuplicateRecordException"
