"""A reset of the emulator forgets what Quick Sight holds, moto's users included."""

from __future__ import annotations

from helpers.local import in_process
from helpers.local.quicksight import directory, service, store

REGION, ACCOUNT = "us-east-1", "3" * 12


def test_a_reset_forgets_resources_subscriptions_and_users() -> None:
    user = {"AwsAccountId": ACCOUNT, "Namespace": "default", "IdentityType": "QUICKSIGHT", "UserName": "a"}
    path = f"/accounts/{ACCOUNT}/namespaces/default/users"
    emulator_resets: list[str] = []
    with in_process.scope(ACCOUNT, REGION):
        directory.answer("RegisterUser", {**user, "Email": "a@b.c", "UserRole": "READER"}, "POST", path, {}, b"")
        store.subscribe(None)
        assert directory.principals()
        service._clearing(lambda: emulator_resets.append("emulator"))()
        assert not directory.principals()
        assert store.subscription() is not None
    assert emulator_resets == ["emulator"]


def test_accounts_and_regions_hold_their_own() -> None:
    with in_process.scope(ACCOUNT, REGION):
        here = store.here()
    with in_process.scope(ACCOUNT, "eu-west-1"):
        assert store.here() is not here
        assert store.arn("dataset", "x") == f"arn:aws:quicksight:eu-west-1:{ACCOUNT}:dataset/x"
    with in_process.scope(ACCOUNT, "us-gov-west-1"):
        assert store.arn("dataset", "x").startswith("arn:aws-us-gov:")
    with in_process.scope("4" * 12, REGION):
        assert store.here() is not here
    store.reset()
