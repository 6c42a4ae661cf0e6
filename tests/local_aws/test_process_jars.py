"""Two checkouts that fetch a jar at the same time, and a fetch that breaks off."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from jgo.maven import MavenContext

from helpers.local.flink import jars

pytestmark = pytest.mark.faults

JAR = bytes(range(256)) * 400
SHA256 = hashlib.sha256(JAR).hexdigest()
ARTIFACT = "org.example:thing:1.0"
IN_REPOSITORY = Path("org") / "example" / "thing" / "1.0" / "thing-1.0.jar"


class Repository:
    """A Maven repository that stops in the middle of a jar until it may go on."""

    def __init__(self) -> None:
        self.asked = 0
        self.half_sent, self.go_on = threading.Event(), threading.Event()
        self.breaks = False
        repository = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not self.path.endswith("/thing-1.0.jar"):
                    self.send_error(404)
                    return
                repository.asked += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(JAR)))
                self.end_headers()
                self.wfile.write(JAR[: len(JAR) // 2])
                repository.half_sent.set()
                repository.go_on.wait(30)
                if not repository.breaks:
                    self.wfile.write(JAR[len(JAR) // 2 :])

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    made = Repository()
    monkeypatch.setenv("M2_REPO", str(tmp_path / "m2"))
    monkeypatch.setattr("jgo.maven.MavenContext", partial(MavenContext, remote_repos={"own": made.url}))
    yield made
    made.go_on.set()
    made.server.shutdown()
    made.server.server_close()


def test_a_jar_is_fetched_once_and_seen_as_a_whole_by_all(repository: Repository, tmp_path: Path) -> None:
    place = tmp_path / "m2" / IN_REPOSITORY
    with ThreadPoolExecutor(3) as pool:
        fetches = [pool.submit(jars.fetch_jar, ARTIFACT, SHA256) for _ in range(3)]
        assert repository.half_sent.wait(30)
        assert not place.exists()
        repository.go_on.set()
        assert {fetch.result() for fetch in fetches} == {place}
    assert repository.asked == 1


def test_a_fetch_that_breaks_off_leaves_nothing_and_the_next_is_whole(repository: Repository, tmp_path: Path) -> None:
    repository.breaks = True
    repository.go_on.set()
    with pytest.raises(jars.JarNotFoundError, match=r"^The jar org\.example:thing:1\.0 is needed and cannot"):
        jars.fetch_jar(ARTIFACT, SHA256)
    assert not list((tmp_path / "m2").rglob("*.jar"))
    repository.breaks = False
    assert jars.fetch_jar(ARTIFACT, SHA256).read_bytes() == JAR
