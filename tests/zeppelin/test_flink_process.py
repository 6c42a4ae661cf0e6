"""Flink on the laptop: found again, stopped whole, bounded, and named clearly when it cannot start."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import psutil
import pytest

from helpers.local import process
from helpers.local.flink import configuration, jars
from helpers.local.flink.jars import JarChangedError, JarNotFoundError
from helpers.target import held_services

pytestmark = pytest.mark.faults


def family(build_dir: Path) -> list[psutil.Process]:
    """Return Flink's own processes of a build folder."""
    mark = (build_dir / "local" / "flink" / "conf").as_uri()
    found = psutil.process_iter(["cmdline"])
    return [each for each in found if any(mark in argument for argument in each.info["cmdline"] or [])]


def test_a_second_start_finds_it_and_other_programs_see_where_it_is(
    services_dir: Path, flink_urls: tuple[str, str]
) -> None:
    before = {each.pid for each in family(services_dir)}
    process.start_flink(services_dir)
    assert process.flink_urls(services_dir) == flink_urls
    assert {each.pid for each in family(services_dir)} == before
    described = json.loads((services_dir / "local.json").read_text(encoding="utf-8"))
    assert (described["flink_sql_gateway"], described["flink_rest"]) == flink_urls


def test_its_web_page_is_there_and_nothing_listens_beyond_this_machine(
    services_dir: Path, flink_urls: tuple[str, str]
) -> None:
    with urllib.request.urlopen(flink_urls[1]) as page:
        assert "Apache Flink" in page.read().decode()
    listening = [
        connection.laddr.ip
        for each in family(services_dir)
        for connection in each.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening and all(address.removeprefix("::ffff:") == "127.0.0.1" for address in listening)


def test_its_four_processes_stay_under_3_gb(services_dir: Path, flink_urls: tuple[str, str]) -> None:
    processes = family(services_dir)
    assert len(processes) == 4
    assert sum(each.memory_info().rss for each in processes) < 3e9
    text = (services_dir / "local" / "flink" / "conf" / "config.yaml").read_text(encoding="utf-8")
    most = [int(size) for size in re.findall(r"manager\.memory\.(?!network\.min|jvm-overhead\.min)\S+: (\d+)m", text)]
    heaps = [int(heap.removesuffix("m")) for heap in (configuration.GATEWAY_HEAP, configuration.ZOOKEEPER_HEAP)]
    # Beside their heap, the gateway and ZooKeeper take what their classes, code and threads need.
    assert sum(most) + sum(heaps) + 300 + 100 < 3000


def test_stopping_ends_all_of_it_also_what_a_killed_program_left_running_and_no_other_checkouts(
    tmp_path: Path, services_dir: Path, flink_urls: tuple[str, str]
) -> None:
    others = {each.pid for each in family(services_dir)}
    process.start_flink(tmp_path)
    running = process.FLINK.find(tmp_path / "local")
    assert running is not None
    psutil.Process(running.pid).kill()
    assert len(family(tmp_path)) == 4
    process.stop_flink(tmp_path)
    assert not family(tmp_path)
    with pytest.raises(process.FlinkNotUpError, match="Flink is not up: start it with `make up`"):
        process.flink_urls(tmp_path)
    assert {each.pid for each in family(services_dir)} == others
    assert process.flink_urls(services_dir) == flink_urls


def test_a_jar_that_is_another_one_is_named() -> None:
    artifact = json.loads(Path(jars.__file__).with_name("jars.json").read_text(encoding="utf-8"))["kinesis"][0]
    with pytest.raises(JarChangedError, match=r"flink-connector-kinesis.*\.jar is not the expected one"):
        jars.fetch_jar(artifact["artifact"], "0" * 64)


def test_a_jar_that_cannot_be_had_is_one_sentence() -> None:
    with pytest.raises(
        JarNotFoundError, match=r"^The jar org.example:none:0.0.1 is needed and cannot be fetched .*then try again\.$"
    ):
        jars.fetch_jar("org.example:none:0.0.1", "0" * 64)


def test_without_its_jars_the_local_aws_is_up_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(group: str) -> tuple[Path, ...]:
        raise JarNotFoundError("org.example:none:0.0.1", "no connection")

    monkeypatch.setattr(jars, "fetched_jars", missing)
    with held_services("local", tmp_path) as services:
        assert services is not None and services.aws_endpoint and services.flink_rest is None
        assert "The jar org.example:none:0.0.1 is needed and cannot be fetched" in caplog.text
    assert process.status(tmp_path) is None
