"""config.yaml as its owner's page and the command line know it: read, tried, written, taken back."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from player.config import document, loader
from player.config.editing import safe_write
from player.config.editing.changes import Changes, CheckedText, candidate, checked, effective, values_of
from player.config.editing.secrets import masked_lines
from player.config.editing.setting_keys import schema_at
from player.config.editing.versions import Version, Versions
from player.config.editing.without_secrets import standing
from player.errors import ConfigChangedError, ConfigError, MissingError
from player.privacy.redaction import MASK, redacted, secrets_in
from player.system import resources
from player.types import Json

BOM = b"\xef\xbb\xbf"
FOUND = "as it was found"
NO_FILE = "none"
"""The etag where there is no file yet."""
CONTEXT_LINES = 2
"""Around what is different."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the file holds.

    etag    another one as soon as a byte differs; "none" where there is no file yet
    values  every setting, as it is written, with defaults, without passwords
    given   the keys of the settings that stand in the file
    """

    path: Path
    etag: str
    values: Json
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what stood there before."""

    candidate: CheckedText
    etag: str
    before: bytes | None
    after: bytes
    kept: str = ""
    """Why the earlier content could not be kept, if so."""


class ConfigFile:
    """A config file and its earlier versions.

    path      None is the one that holds if nobody names one
    versions  the folder for earlier contents, of other files, too; None keeps none
    """

    def __init__(self, path: Path | None = None, versions: Path | None = None) -> None:
        self._named, self._kept_in = path, versions

    @property
    def path(self) -> Path:
        """The file that is read and written."""
        path = self._named or loader.default_path()
        # What came with an installed package is not the owner's to edit: a file of his own begins like it.
        return loader.own_path() if resources.INSTALLED and path == loader.SHIPPED_PATH else path

    @property
    def _versions(self) -> Versions:
        usual = self._named is None or self._named == loader.default_path()
        return Versions(self._kept_in, self.path, usual)

    def etag(self) -> str:
        """What tells the file's content from any other. Raises ConfigError."""
        return _etag(self._data())

    def read(self) -> Held:
        """What the file says. Raises ConfigError where it cannot be read."""
        path, data = self.path, self._data()
        found = document.parse(path, document.decode(path, self._begun(data)))
        loader.validated(found)
        return Held(path, _etag(data), values_of(found), tuple(_given(found.values)))

    def read_loosely(self) -> Json:
        """What the file says with defaults and passwords, also where it has mistakes. Raises ConfigError."""
        return effective(
            document.parse(self.path, document.decode(self.path, self._begun(self._data()))).values
        )

    def check(self, changes: Changes) -> CheckedText:
        """What it would be with these changes. Raises ConfigError with every problem found."""
        path = self.path
        return candidate(path, document.decode(path, self._begun(self._data())), changes)

    def difference(self, text: str) -> tuple[str, ...]:
        """What a new text would change in the file: its lines as `diff -u` marks them, without passwords.

        Raises ConfigError where the file cannot be read.
        """
        now = document.decode(self.path, self._begun(self._data()))
        told = masked_lines(now) | masked_lines(text)
        known = standing(self._words_of_secrets(now) | self._words_of_secrets(text))
        diff = difflib.unified_diff(now.splitlines(), text.splitlines(), lineterm="", n=CONTEXT_LINES)
        lines = (line for line in diff if not line.startswith(("---", "+++")))
        return tuple(redacted(line[:1] + known.sub(MASK, told.get(line[1:], line[1:]))) for line in lines)

    def _words_of_secrets(self, text: str) -> set[str]:
        """Passwords in a text, usual words, too; those of several lines are there in words as well."""
        try:
            secrets = list(secrets_in(document.parse(self.path, text).values))
        except ConfigError:  # what is called a password there is masked by that alone
            return set()
        return {word for secret in secrets for word in (secret, *secret.split())}

    def version(self, number: int) -> Version:
        """An earlier version. Raises MissingError if it is not kept."""
        version = next((each for each in self._versions.all() if each.number == number), None)
        if version is None:
            there = ", ".join(str(each.number) for each in self.versions())
            instead = f"there are {there}" if there else "none is kept"
            raise MissingError(f"there is no version {number}; {instead}.")
        return version

    def write(self, changes: Changes, base: str | None, now: datetime) -> Written:
        """Change settings; all else in the file stays as it is written.

        base  the etag of what the changes were made for; None does not ask

        Raises ConfigError, also where the file cannot be written, and ConfigChangedError where it has changed
        since; it then stays as it is.
        """
        with _Locked(self._versions) as trouble:
            data = self._data()
            self._compare(data, base)
            begun = self._begun(data)
            new = candidate(self.path, document.decode(self.path, begun), changes)
            return self._put(data, new, BOM if begun.startswith(BOM) else b"", now, trouble)

    def revert(self, number: int, now: datetime, base: str | None = None) -> Written:
        """Go back to an earlier version, which becomes one of its own; raises as `write` does."""
        with _Locked(self._versions) as trouble:
            data = self._data()
            self._compare(data, base)
            version = self.version(number)
            text = version.text.removeprefix("\ufeff")
            said = f"back to version {number} ({version.time})"
            try:
                new = checked(self.path, text, (), said)
            except ConfigError as error:
                lines = [f"version {number} can be used no longer: {problem}" for problem in error.problems]
                raise ConfigError(lines) from None
            return self._put(data, new, BOM if version.text != text else b"", now, trouble)

    def take_back(self, written: Written) -> bool:
        """Undo a write, as the player would not have it. False if the file has changed since."""
        with _Locked(self._versions):
            if self._data() != written.after:
                return False
            if written.before is None:
                self.path.unlink(missing_ok=True)
            else:
                safe_write.replace(self.path, written.before)
            newest = next(iter(self._versions.all()), None)
            if newest is not None and newest.text.encode() == written.after:
                self._versions.drop(newest.number)
            return True

    def versions(self) -> list[Version]:
        """What can be gone back to, the newest first: all that is kept but for what the file says now."""
        try:
            data = self._data()
        except ConfigError:
            data = None
        return [each for each in self._versions.all() if each.text.encode() != data]

    def _data(self) -> bytes | None:
        """The bytes of the file; None if there is none yet."""
        path = self.path
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:  # a folder that is closed to us, a name that is too long: reading it says so
            pass
        return document.contents(path)

    def _begun(self, data: bytes | None) -> bytes:
        """What an edit begins with: a file that is not there yet begins as the one that came with us."""
        if data is not None:
            return data
        shipped = loader.SHIPPED_PATH
        return shipped.read_bytes() if shipped.is_file() else b""

    def _compare(self, data: bytes | None, base: str | None) -> None:
        if base is not None and base.strip('"') != _etag(data):
            raise ConfigChangedError(
                f"{self.path} has changed since it was looked at; look again, and change it then."
            )

    def _put(self, data: bytes | None, new: CheckedText, mark: bytes, now: datetime, trouble: str) -> Written:
        after = mark + new.text.encode()
        if after == data:
            return Written(new, _etag(data), data, after)
        kept = trouble
        try:
            if data is not None:
                self._versions.add(data.decode(), FOUND, now)
        except (OSError, UnicodeDecodeError) as error:
            kept = kept or str(getattr(error, "strerror", None) or "it is no text")
        safe_write.replace(self.path, after)
        try:
            self._versions.add(after.decode(), new.said, now)
        except OSError as error:
            kept = kept or str(error.strerror)
        return Written(new, _etag(after), data, after, kept)


class _Locked:
    """The lock of the versions' folder, or why it cannot be had: config.yaml can be written all the same."""

    def __init__(self, versions: Versions) -> None:
        self._lock = versions.lock()
        self._held = False

    def __enter__(self) -> str:
        try:
            self._lock.__enter__()
        except OSError as error:
            return str(error.strerror)
        self._held = True
        return ""

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._lock.__exit__(None, None, None)


def _etag(data: bytes | None) -> str:
    return NO_FILE if data is None else hashlib.sha256(data).hexdigest()[:32]


def _given(values: Json, at: tuple[str, ...] = ()) -> list[str]:
    """The keys of all settings that stand in a file."""
    keys: list[str] = []
    for name, value in values.items():
        below = schema_at((*at, name))
        inner = isinstance(value, dict) and "properties" in below
        keys += _given(value, (*at, name)) if inner else [".".join((*at, name))]
    return keys
