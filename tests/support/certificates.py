"""Certificates for a broker, as one makes them for a fleet: an authority of one's own, and what it signs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


class Authority:
    """Signs certificates for servers, in a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name = folder, name
        self.certificate = folder / f"{name}.crt"
        self._openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "30", "-subj", f"/CN={name}"),
            *("-keyout", f"{name}.key", "-out", f"{name}.crt"),
        )

    def sign(self, name: str, names: str, *, expired: bool = False) -> tuple[Path, Path]:
        """A server's certificate and its key; `names` as in DNS:broker.example,IP:127.0.0.1."""
        self._openssl(
            *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr"),
        )
        (self._folder / "names").write_text(f"subjectAltName={names}\n", encoding="utf-8")
        until = ("-days", "-1") if expired else ("-days", "30")
        self._openssl(
            *(
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                "-CA",
                f"{self._name}.crt",
                "-CAkey",
                f"{self._name}.key",
            ),
            *("-CAcreateserial", "-extfile", "names", *until, "-out", f"{name}.crt"),
        )
        return self._folder / f"{name}.crt", self._folder / f"{name}.key"

    def _openssl(self, *arguments: str) -> None:
        try:
            subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("openssl is not installed")
