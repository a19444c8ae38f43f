"""Fetches a BLIP checkpoint from the model hub: safetensors only, verified, going on where it broke off.

Two kinds of request are all it takes, so the standard library makes them: huggingface_hub 2 throws away what
it has of a file when it is interrupted, and takes half a minute to say that there is no network. HF_ENDPOINT
and HF_TOKEN mean what they mean there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from scripts.export.blip_checkpoint import NotBlipError, check_config

SMALL_FILES = [
    "config.json",
    "preprocessor_config.json",
    "generation_config.json",
    "tokenizer.json",
    "vocab.txt",
]
NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors", re.ASCII)
REVISION = re.compile(r"[0-9a-f]{40}")
MOST_JSON = 1 << 22
"""Bytes of an answer that is read into memory; the list of a repository's files is some kilobytes."""
CHUNK = 1 << 20
TRIES = 3
"""Attempts in a row that bring not one byte more."""


class LostError(Exception):
    """No answer, or one that broke off; the message says how."""


class _KeepToken(HTTPRedirectHandler):
    """Sends the token on within the hub, and never to the servers that it hands large files to."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get("Authorization")
        if request is not None and token and urlsplit(newurl)[:2] == urlsplit(req.full_url)[:2]:
            request.add_unredirected_header("Authorization", token)
        return request


@dataclass(frozen=True)
class Entry:
    """A file as the hub lists it."""

    name: str
    size: int
    digest: str
    """Hexadecimal sha256 (64 characters) of a large file; of a small one git's sha1 (40)."""

    def is_whole(self, path: Path) -> bool:
        """Whether a file of this size holds what the hub says."""
        with path.open("rb") as file:
            if len(self.digest) == 64:
                return hashlib.file_digest(file, "sha256").hexdigest() == self.digest
            return hashlib.sha1(b"blob %d\0" % self.size + file.read()).hexdigest() == self.digest


@dataclass(frozen=True)
class Hub:
    """The model hub's HTTP interface."""

    endpoint: str = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    token: str | None = os.environ.get("HF_TOKEN")
    timeout_s: float = 20
    """Longest wait for an answer, and for the next byte of one."""
    pause_s: float = 1
    """Between two attempts."""

    def open(self, path: str, start: int = 0) -> HTTPResponse:
        """Begin to get `path`, from byte `start` on if the hub can. Raises OSError and HTTPException."""
        request = Request(f"{self.endpoint}/{path}", headers={"User-Agent": "ambient-player"})
        if start:
            request.add_header("Range", f"bytes={start}-")
        if self.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        response: HTTPResponse = build_opener(_KeepToken).open(request, timeout=self.timeout_s)
        return response

    def json(self, path: str) -> dict[str, Any]:
        """What `path` holds. Raises HTTPError if the hub refuses, LostError if it gives no JSON."""

        def ask() -> bytes:
            with self.open(path) as response:
                return response.read(MOST_JSON)

        try:
            found = json.loads(_within(self.timeout_s, ask))
        except HTTPError:
            raise
        except (OSError, HTTPException) as error:
            raise LostError(_reason(error)) from error
        except ValueError as error:
            raise LostError("what answers is no hub: does this network want a login?") from error
        if not isinstance(found, dict):
            raise LostError(f"{path} holds no JSON object")
        return found

    def pieces(self, path: str, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """Bytes `start` to `end` of a file as they come, each piece with its offset.

        From 0 on where the hub sends it all. Raises HTTPError if refused, LostError if it breaks off.
        """
        try:
            with self.open(path, start) as response:
                offset = start if response.status == 206 else 0
                while offset < end and (piece := response.read1(min(CHUNK, end - offset))):
                    yield offset, piece
                    offset += len(piece)
        except HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise
            raise LostError(f"it answered {error.code}") from error
        except (OSError, HTTPException) as error:
            raise LostError(_reason(error)) from error

    def download(self, path: str, entry: Entry, target: Path) -> None:
        """Get a file; what there is of it stays in a .part beside `target`, where the next call goes on."""
        part = _part(target)
        part.touch()
        tries, why = 0, "the connection ended"
        while (have := part.stat().st_size) < entry.size:
            if tries == TRIES:
                raise LostError(
                    f"{entry.name} broke off at {have / 1e6:.0f} of {entry.size / 1e6:.0f} MB, {why}"
                )
            if tries:
                time.sleep(self.pause_s)
            try:
                with part.open("r+b") as file:
                    for offset, piece in self.pieces(path, have, entry.size):
                        file.seek(offset)
                        file.write(piece)
                        _show(entry, offset + len(piece))
            except LostError as error:
                why = str(error)
            tries = 0 if part.stat().st_size > have else tries + 1
        if not entry.is_whole(part):
            part.unlink()
            raise NotBlipError(f"{entry.name} was damaged on its way from the hub: run this again.")
        part.replace(target)


def fetch(
    repository: str, hub: Hub | None = None, cache: Path | None = None, for_player: bool = False
) -> Path:
    """Fetch a hub repository's config, tokenizer and safetensors; the folder that holds them.

    config.json comes first and is checked, so that nothing large is fetched of what is not BLIP, or, where it
    is for the player, does not caption. Raises NotBlipError.
    """
    hub = hub or Hub()
    if not NAME.fullmatch(repository):
        raise NotBlipError(f"{repository} is neither a folder nor the name of a hub repository.")
    print(f"asking the model hub for {repository}", flush=True)
    try:
        check_config(hub.json(f"{repository}/resolve/main/config.json"), repository, for_player)
        info = hub.json(f"api/models/{repository}/revision/main?blobs=true")
        revision, entries = _listed(info, repository)
        folder = (cache or _cache()) / repository.replace("/", "--") / revision
        folder.mkdir(parents=True, exist_ok=True)
        missing = [entry for entry in entries if not (folder / entry.name).exists()]
        _need_space(folder, missing)
        for entry in missing:
            hub.download(f"{repository}/resolve/{revision}/{entry.name}", entry, folder / entry.name)
    except HTTPError as error:
        raise NotBlipError(_refusal(error, repository, hub)) from error
    except LostError as error:
        raise NotBlipError(
            f"the model hub cannot be reached, so {repository} was not fetched ({error}): "
            "try again when online (what is there already is kept), or name a local folder."
        ) from error
    except OSError as error:
        raise NotBlipError(f"{repository} cannot be kept in {cache or _cache()} ({error}).") from error
    print(f"{repository} is in {folder}")
    return folder


def _listed(info: dict[str, Any], repository: str) -> tuple[str, list[Entry]]:
    """The commit that `main` is, and the files that are fetched of it."""
    try:
        revision = str(info["sha"])
        there = {str(file["rfilename"]): file for file in info["siblings"]}
        weights = [name for name in there if name == "model.safetensors"] or [
            name for name in there if SHARD.fullmatch(name)
        ]
        if not weights:
            raise NotBlipError(f"{repository} offers no model.safetensors; pickled weights are not fetched.")
        files = [there[name] for name in [*SMALL_FILES, *sorted(weights)] if name in there]
        entries = [
            Entry(
                file["rfilename"], int(file["size"]), (file.get("lfs") or {}).get("sha256") or file["blobId"]
            )
            for file in files
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise LostError(f"its list of files cannot be read, {error!r}") from error
    if not REVISION.fullmatch(revision):
        raise LostError(f"its list of files is of no commit, but of {revision!r}")
    return revision, entries


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ambient-player" / "hub"


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _need_space(folder: Path, missing: list[Entry]) -> None:
    parts = [_part(folder / entry.name) for entry in missing]
    wanted = sum(entry.size for entry in missing) - sum(
        part.stat().st_size for part in parts if part.exists()
    )
    free = shutil.disk_usage(folder).free
    if wanted > free:
        raise NotBlipError(
            f"{folder} has {free / 1e6:.0f} MB left, and {wanted / 1e6:.0f} MB are to be fetched: "
            "make room, or set XDG_CACHE_HOME to another disk."
        )


def _refusal(error: HTTPError, repository: str, hub: Hub) -> str:
    why = error.headers.get("X-Error-Code", "")
    if why == "GatedRepo":
        return (
            f"{repository} is gated: accept its conditions at {hub.endpoint}/{repository}, "
            "set HF_TOKEN to a token of yours, and run this again."
        )
    if why == "EntryNotFound":
        return f"{repository} lacks {urlsplit(error.url).path.rsplit('/', 1)[-1]}: it is no whole checkpoint."
    if error.code in (401, 403, 404):
        return (
            f"{repository} is neither a folder nor a model that the hub shows you ({error.code}): "
            "check the name, and HF_TOKEN if it is private."
        )
    return f"the model hub answered {error.code} ({error.reason}) for {repository}: try again later."


def _reason(error: Exception) -> str:
    """What an exception of urllib's says, without its wrapping."""
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _show(entry: Entry, done: int) -> None:
    """Progress on a terminal, in one line."""
    if sys.stdout.isatty():
        end = "\n" if done == entry.size else ""
        print(f"\r{entry.name}: {done / 1e6:.0f} of {entry.size / 1e6:.0f} MB", end=end, flush=True)


def _within(seconds: float, ask: Callable[[], bytes]) -> bytes:
    """Looking up a name and trying its addresses one by one have no limit in common: this gives them one."""
    answer: Future[bytes] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except Exception as error:  # noqa: BLE001 - raised by result() in the thread that waits
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answer.result(timeout=seconds)
    except TimeoutError as error:
        raise TimeoutError(f"no answer within {seconds:g} s") from error
