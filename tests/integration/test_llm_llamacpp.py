"""The few-shot reader against a real llama.cpp server. Only where it is asked for: it needs a model's file.

pip install llama-cpp-python[server]
AMBIENT_TEST_GGUF=model.gguf python -m pytest tests/integration/test_llm_llamacpp.py
"""

import importlib.util
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from player.config.settings.mood import LlmSettings
from player.emotions import MOOD7
from player.mood.llm.client import HttpChatClient
from player.mood.llm.prompt import Prompt
from player.mood.llm.reader import LlmMoodReader
from tests.fakes.readers import FakeMoodReader
from tests.support.waiting import wait_for

GGUF = os.environ.get("AMBIENT_TEST_GGUF", "")
pytestmark = [
    pytest.mark.skipif(not GGUF, reason="AMBIENT_TEST_GGUF does not name a model's file (GGUF)"),
    pytest.mark.skipif(
        not importlib.util.find_spec("llama_cpp"), reason="llama-cpp-python[server] is not installed"
    ),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("llama") / "server.log"
    command = [sys.executable, "-m", "llama_cpp.server", "--model", GGUF, "--port", str(port)]
    command += ["--n_ctx", "2048", "--n_threads", "1", "--n_threads_batch", "1"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:

        def ready() -> bool:
            assert server.poll() is None, log.read_text(encoding="utf-8")[-2000:]
            try:
                return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=5).status)
            except urllib.error.URLError:
                return False

        wait_for(ready, 120, "the server")
        url = f"http://127.0.0.1:{port}/v1"
        # The first request reads all the examples, which takes a busy machine longer than any setting allows.
        HttpChatClient(LlmSettings(url=url)).complete(Prompt().messages("A room."), 500)
        yield url
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize("more", [{}, {"opinions": 2}, {"opinions": 2, "head": "request"}])
def test_a_real_model_reads_a_room(url: str, tmp_path: Path, more: dict[str, object]) -> None:
    settings = LlmSettings.model_validate({"url": url, "model": "any", "timeout_s": 60} | more)
    sentence = "Friends dance and laugh in a bright bar."
    reader = LlmMoodReader(settings, FakeMoodReader(), tmp_path / "cache.jsonl")
    mood = reader.read([sentence])[0]
    assert reader.note is None, "the model answered, in the form that was asked for"
    assert mood.mood7 in MOOD7
    assert -1 <= mood.valence <= 1
    assert -1 <= mood.energy <= 1
    again = LlmMoodReader(
        settings.model_copy(update={"timeout_s": 0.2}), FakeMoodReader(), tmp_path / "cache.jsonl"
    )
    assert again.read([sentence]) == [mood], "a restart costs nothing"
    assert again.note is None
