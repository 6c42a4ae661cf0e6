"""What CreateClassifier and its neighbours refuse, and what they keep."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def glue(client: Callable[[str], Any]) -> Any:
    return client("glue")


@pytest.fixture
def name() -> str:
    return f"c-{uuid.uuid4().hex[:10]}"


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """Return the code and the message of a request that must be refused."""
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("CsvClassifier", {"Delimiter": ",", "ContainsHeader": "ABSENT", "Header": ["a", "b"], "QuoteSymbol": "'"}),
        ("JsonClassifier", {"JsonPath": "$[*]"}),
        ("XMLClassifier", {"Classification": "xml", "RowTag": "row"}),
        ("GrokClassifier", {"Classification": "log", "GrokPattern": "%{COMMONAPACHELOG}"}),
    ],
)
def test_every_kind_is_kept_as_it_was_given(glue: Any, name: str, kind: str, settings: dict[str, Any]) -> None:
    glue.create_classifier(**{kind: {"Name": name, **settings}})
    found = glue.get_classifier(Name=name)["Classifier"]
    assert list(found) == [kind]
    assert {key: found[kind][key] for key in settings} == settings
    assert found[kind]["Version"] == 1
    assert found[kind]["CreationTime"] == found[kind]["LastUpdated"]
    assert name in [next(iter(entry.values()))["Name"] for entry in glue.get_classifiers()["Classifiers"]]
    glue.delete_classifier(Name=name)
    assert refused(glue.get_classifier, Name=name)[0] == "EntityNotFoundException"


def test_an_update_changes_only_what_it_names(glue: Any, name: str) -> None:
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": ",", "QuoteSymbol": "'"})
    glue.update_classifier(CsvClassifier={"Name": name, "Delimiter": "|"})
    found = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert (found["Delimiter"], found["QuoteSymbol"], found["Version"]) == ("|", "'", 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Delimiter": "'", "QuoteSymbol": "'"}, "Delimiter and quote symbol must be different"),
        ({"Header": ["a", "a"]}, "Header contains duplicate column names"),
    ],
)
def test_a_csv_classifier_that_contradicts_itself(glue: Any, name: str, settings: dict[str, Any], message: str) -> None:
    assert refused(glue.create_classifier, CsvClassifier={"Name": name, **settings}) == (
        "InvalidInputException",
        message,
    )
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": ","})
    assert refused(glue.update_classifier, CsvClassifier={"Name": name, **settings})[1] == message


def test_an_update_of_another_kind(glue: Any, name: str) -> None:
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": ","})
    code, message = refused(glue.update_classifier, JsonClassifier={"Name": name, "JsonPath": "$"})
    assert (code, message) == ("InvalidInputException", f"Classifier {name} is not a JsonClassifier")


def test_two_kinds_at_once(glue: Any, name: str) -> None:
    both = {"CsvClassifier": {"Name": name}, "JsonClassifier": {"Name": name, "JsonPath": "$"}}
    assert refused(glue.create_classifier, **both)[0] == "InvalidInputException"


@pytest.mark.parametrize("action", ["get_classifier", "delete_classifier"])
def test_a_classifier_that_does_not_exist(glue: Any, name: str, action: str) -> None:
    code, message = refused(getattr(glue, action), Name=name)
    assert (code, message) == ("EntityNotFoundException", f"Classifier with name {name} does not exist")


def test_an_update_of_a_classifier_that_does_not_exist(glue: Any, name: str) -> None:
    assert refused(glue.update_classifier, CsvClassifier={"Name": name})[0] == "EntityNotFoundException"
