"""A real Home Assistant, in a root of its own that scripts/system/try_home_assistant.sh makes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from player.types import Json
from tests.support.waiting import wait_for

VARIABLE = "AMBIENT_TEST_HOME_ASSISTANT"
USUAL = Path.home() / ".cache/ambient-player/home-assistant"
BINARIES = "opt/home-assistant/bin"
START_S, ANSWER_S = 120.0, 30.0
OWNER = {"name": "Jo", "username": "jo", "password": "Cappuccino-Grande-3", "language": "en"}
SAID = "said.txt"
ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)
COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) ")
INSIDE = """
mount --bind /proc "$1/proc" && mount --bind "$2" "$1/config" &&
exec chroot "$1" env -i HOME=/root PATH="/$3:/usr/bin:/bin" LANG=C.UTF-8 hass -c /config --skip-pip
"""
"""What is mounted, only this process sees: nothing of it is left behind."""


def root() -> Path:
    """Where Home Assistant is. Skips the test where it is not."""
    found = Path(os.environ.get(VARIABLE) or USUAL)
    if not (found / BINARIES / "hass").exists():
        pytest.skip(f"there is no Home Assistant in {found}: see scripts/system/try_home_assistant.sh")
    if os.geteuid() != 0:
        pytest.skip("Home Assistant is in a root of its own, which root alone can enter")
    return found


class HomeAssistant:
    """It listens on this machine alone, and is driven as its own page drives it; a context manager.

    folder     has its configuration, which a restart finds again
    dashboard  what its page shows first, instead of what it puts together by itself
    """

    def __init__(self, root: Path, folder: Path, port: int, dashboard: Json | None = None) -> None:
        self._root, self._folder, self._port = root, folder, port
        self.address = f"http://127.0.0.1:{port}"
        self._client = httpx.Client(base_url=self.address, timeout=ANSWER_S)
        self.tokens: Json = {}
        (folder / ".storage").mkdir(parents=True)
        done = {"done": ["core_config", "analytics", "integration"]}  # they would ask the internet
        self._keep("onboarding", 4, done)
        (folder / "configuration.yaml").write_text(
            "homeassistant:\n  name: House\n  time_zone: UTC\n  country: DE\n"
            f"http:\n  server_host: 127.0.0.1\n  server_port: {port}\n"
            "frontend:\nconfig:\nlogbook:\nlogger:\n  default: warning\n"
            + ("lovelace:\n  mode: yaml\n" if dashboard else ""),
            encoding="utf-8",
        )
        if dashboard:
            (folder / "ui-lovelace.yaml").write_text(yaml.safe_dump(dashboard), encoding="utf-8")

    def _keep(self, key: str, version: int, data: Json) -> None:
        stored = {"version": version, "minor_version": 1, "key": key, "data": data}
        (self._folder / ".storage" / key).write_text(json.dumps(stored), encoding="utf-8")

    def __enter__(self) -> HomeAssistant:
        self.start()
        self._become_owner()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def start(self) -> None:
        """Start it, and wait until it answers and all of it is there."""
        words = ["unshare", "--mount", "sh", "-c", INSIDE, "sh", self._root, self._folder, BINARIES]
        (self._root / "config").mkdir(exist_ok=True)
        with (self._folder / SAID).open("ab") as said:
            self._process = subprocess.Popen(words, stdout=said, stderr=said)
        wait_for(self._answers, START_S, "Home Assistant")
        if self.tokens:
            wait_for(lambda: self.ask("GET", "/api/config")["state"] == "RUNNING", START_S, "all of it")

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log()
        with suppress(httpx.TransportError):
            return self._client.get("/api/onboarding").status_code in (200, 404)
        return False

    def stop(self) -> None:
        """End it as its machine does at shutdown."""
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def log(self) -> str:
        """What it has said so far."""
        return (self._folder / SAID).read_text(encoding="utf-8", errors="replace")

    def complaints(self) -> list[str]:
        """Its warnings and errors, each with all that belongs to it."""
        return [each for each in ENTRY.split(self.log()) if COMPLAINT.search(each.partition("\n")[0])]

    def _become_owner(self) -> None:
        who = {**OWNER, "client_id": f"{self.address}/"}
        code = self.ask("POST", "/api/onboarding/users", who)["auth_code"]
        form = {"grant_type": "authorization_code", "code": code, "client_id": f"{self.address}/"}
        answer = self._client.post("/auth/token", data=form)
        answer.raise_for_status()
        self.tokens = answer.json()
        self._client.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """A request of its API; fails the test if it is refused."""
        answer = self._client.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}\n{self.log()}"
        return answer.json()

    def integrate(self, domain: str, **fields: object) -> None:
        """Add an integration, as a person does in Settings; the fields are those of its form."""
        flows = "/api/config/config_entries/flow"
        form = self.ask("POST", flows, {"handler": domain})
        made = self.ask("POST", f"{flows}/{form['flow_id']}", fields)
        assert made["type"] == "create_entry", made

    def reload(self, domain: str) -> None:
        """Have an integration begin once more."""
        entries = "/api/config/config_entries/entry"
        (entry,) = self.ask("GET", f"{entries}?domain={domain}")
        self.ask("POST", f"{entries}/{entry['entry_id']}/reload")

    def states(self) -> dict[str, Json]:
        """All entities by their ids."""
        return {each["entity_id"]: each for each in self.ask("GET", "/api/states")}

    def template(self, text: str) -> Any:
        """What one that ends in `tojson` makes of its registries."""
        answer = self._client.post("/api/template", json={"template": text})
        answer.raise_for_status()
        return json.loads(answer.text)

    def state(self, entity: str) -> str | None:
        """An entity's state; None if there is no such entity."""
        found = self.states().get(entity)
        return None if found is None else str(found["state"])

    def wait_state(self, entity: str, *wanted: str) -> None:
        """Wait until it is one of these."""
        wait_for(lambda: self.state(entity) in wanted, ANSWER_S, f"{entity}: {' or '.join(wanted)}")

    def picture(self, entity: str) -> bytes:
        """What an entity shows."""
        answer = self._client.get(self.states()[entity]["attributes"]["entity_picture"])
        answer.raise_for_status()
        return answer.content

    def call(self, service: str, entity: str, **data: object) -> None:
        """Have an entity do something, as `switch.turn_on`; fails the test if that is refused."""
        assert self.tried(service, entity, **data) == 200, self.log()

    def tried(self, service: str, entity: str, **data: object) -> int:
        """The same; returns with which status of HTTP it was answered."""
        path = f"/api/services/{service.replace('.', '/')}"
        return self._client.post(path, json={"entity_id": entity, **data}).status_code
