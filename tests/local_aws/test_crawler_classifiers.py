"""Custom classifiers come before the built-in ones, in the order of their list."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from crawling import Crawl

Make = Callable[..., Crawl]


@pytest.fixture
def glue(client: Callable[[str], Any]) -> Any:
    return client("glue")


@pytest.fixture
def crawl(client: Callable[[str], Any]) -> Make:
    return lambda files, **settings: Crawl(client("s3"), client("glue"), files, **settings)


@pytest.fixture
def classifier(glue: Any) -> Callable[..., str]:
    def make(**settings: Any) -> str:
        name = f"c-{uuid.uuid4().hex[:8]}"
        glue.create_classifier(CsvClassifier={"Name": name, **settings})
        return name

    return make


TEXTS = "name,city\nann,rome\nbob,oslo\n"


def test_a_header_that_only_the_learner_knows_of(crawl: Make, classifier: Callable[..., str]) -> None:
    made = crawl({"data/x.csv": TEXTS}, Classifiers=[classifier(Delimiter=",", ContainsHeader="PRESENT")])
    made.run()
    assert made.columns() == {"name": "string", "city": "string"}
    assert made.table()["Parameters"]["skip.header.line.count"] == "1"


def test_a_header_that_is_none(crawl: Make, classifier: Callable[..., str]) -> None:
    made = crawl({"data/x.csv": "name,1\na,2\n"}, Classifiers=[classifier(Delimiter=",", ContainsHeader="ABSENT")])
    made.run()
    assert made.columns() == {"col0": "string", "col1": "bigint"}


def test_names_and_types_given_by_the_learner(crawl: Make, classifier: Callable[..., str]) -> None:
    given = classifier(
        Delimiter=",",
        ContainsHeader="ABSENT",
        Header=["who", "Amount"],
        CustomDatatypeConfigured=True,
        CustomDatatypes=["STRING", "LONG"],
    )
    made = crawl({"data/x.csv": "1,2\n3,4\n"}, Classifiers=[given])
    made.run()
    assert made.columns() == {"who": "string", "amount": "bigint"}


def test_open_csv_reads_every_value_as_text(crawl: Make, classifier: Callable[..., str]) -> None:
    given = classifier(Delimiter=",", QuoteSymbol='"', ContainsHeader="PRESENT", Serde="OpenCSVSerDe")
    made = crawl({"data/x.csv": "name,amount\na,1\n"}, Classifiers=[given])
    made.run()
    assert made.columns() == {"name": "string", "amount": "string"}
    serde = made.table()["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.OpenCSVSerde"
    assert serde["Parameters"]["separatorChar"] == ","


def test_the_first_that_fits_wins_and_one_that_does_not_is_passed_over(
    crawl: Make, classifier: Callable[..., str]
) -> None:
    misfit = classifier(Delimiter=",", Header=["only", "two"])
    first = classifier(Delimiter=",", ContainsHeader="ABSENT", Header=["a", "b", "c"])
    second = classifier(Delimiter=",", ContainsHeader="ABSENT", Header=["x", "y", "z"])
    made = crawl({"data/x.csv": "1,2,3\n4,5,6\n"}, Classifiers=[misfit, first, second])
    made.run()
    assert list(made.columns()) == ["a", "b", "c"]


def test_another_delimiter_than_the_built_in_ones(crawl: Make, classifier: Callable[..., str]) -> None:
    made = crawl({"data/x.txt": "n~v\na~1\nb~2\n"}, Classifiers=[classifier(Delimiter="~", ContainsHeader="PRESENT")])
    made.run()
    assert made.columns() == {"n": "string", "v": "bigint"}


@pytest.mark.parametrize(("untrimmed", "kind"), [(True, "string"), (False, "bigint")])
def test_spaces_around_a_number(crawl: Make, classifier: Callable[..., str], untrimmed: bool, kind: str) -> None:
    given = classifier(Delimiter=",", ContainsHeader="PRESENT", DisableValueTrimming=untrimmed)
    made = crawl({"data/x.csv": "id,v\na, 1\nb, 2\n"}, Classifiers=[given])
    made.run()
    assert made.columns() == {"id": "string", "v": kind}


def test_a_json_path_takes_the_elements_of_an_array(crawl: Make, glue: Any) -> None:
    name = f"j-{uuid.uuid4().hex[:8]}"
    glue.create_classifier(JsonClassifier={"Name": name, "JsonPath": "$[*]"})
    made = crawl({"data/x.json": '[{"a": 1}, {"a": 2, "b": "x"}]'}, Classifiers=[name])
    made.run()
    assert made.columns() == {"a": "int", "b": "string"}


def test_a_kind_that_is_not_there_fails_the_crawl_by_name(crawl: Make, glue: Any) -> None:
    name = f"x-{uuid.uuid4().hex[:8]}"
    glue.create_classifier(XMLClassifier={"Name": name, "Classification": "xml", "RowTag": "row"})
    last = crawl({"data/x.csv": TEXTS}, Classifiers=[name]).run()
    assert last["Status"] == "FAILED"
    assert name in last["ErrorMessage"]


def test_a_classifiers_life(glue: Any, classifier: Callable[..., str]) -> None:
    name = classifier(Delimiter=";")
    glue.update_classifier(CsvClassifier={"Name": name, "Delimiter": "|"})
    found = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    assert (found["Delimiter"], found["Version"]) == ("|", 2)
    assert name in {c["CsvClassifier"]["Name"] for c in glue.get_classifiers()["Classifiers"] if "CsvClassifier" in c}
    glue.delete_classifier(Name=name)
    with pytest.raises(ClientError) as error:
        glue.get_classifier(Name=name)
    assert error.value.response["Error"]["Code"] == "EntityNotFoundException"


def test_a_name_that_is_taken(glue: Any, classifier: Callable[..., str]) -> None:
    name = classifier(Delimiter=";")
    with pytest.raises(ClientError) as error:
        glue.create_classifier(CsvClassifier={"Name": name})
    assert error.value.response["Error"]["Code"] == "AlreadyExistsException"


def test_exactly_one_kind_is_taken(glue: Any) -> None:
    with pytest.raises(ClientError) as error:
        glue.create_classifier(CsvClassifier={"Name": "a"}, JsonClassifier={"Name": "b", "JsonPath": "$"})
    assert error.value.response["Error"]["Code"] == "InvalidInputException"


def test_a_crawler_with_a_classifier_that_does_not_exist_is_refused(crawl: Make) -> None:
    with pytest.raises(ClientError) as error:
        crawl({"data/x.csv": TEXTS}, Classifiers=["nobody"])
    assert error.value.response["Error"]["Code"] == "EntityNotFoundException"
