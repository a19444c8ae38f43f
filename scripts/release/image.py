"""Builds the OCI image and writes it to one file: `python -m scripts.release.image --arch amd64`.

Needs Podman or Docker, and a registry for its base, debian:trixie-slim. Where no registry is reached,
`--bootstrap` makes that base with mmdebstrap (as root). Another machine loads the file with `podman load -i`
or `docker load -i`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import player

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "deploy" / "Containerfile"
NAME = "ambient-player"
ARCHITECTURES = ("amd64", "arm64")
BOOTSTRAPPED = "localhost/ambient-player-base"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
"""What this machine believes holds in the build, too: a network may have an authority of its own."""
IN_BUILD = "/run/certificates.crt"


def found_engine() -> str:
    """Podman or Docker, as this machine has it. Exits if it has neither."""
    for engine in ("podman", "docker"):
        if shutil.which(engine):
            return engine
    raise SystemExit("Neither podman nor docker is here: sudo apt install podman")


def build_command(
    engine: str, arch: str, base: str | None, tag: str, certificates: Path = CERTIFICATES
) -> list[str]:
    """The words that have an engine build the image."""
    command = [engine, "build", "--platform", f"linux/{arch}", "-f", str(CONTAINERFILE), "-t", tag]
    if base is not None:
        command += ["--build-arg", f"BASE={base}"]
    if engine == "podman" and certificates.is_file():  # Docker mounts nothing into a build
        command += ["-v", f"{certificates}:{IN_BUILD}:ro", "--build-arg", f"SSL_CERT_FILE={IN_BUILD}"]
    return [*command, str(ROOT)]


def save_command(engine: str, tag: str, file: Path) -> list[str]:
    """The words that have an engine write an image to a file. Docker's is an OCI archive since Docker 25."""
    kind = ["--format", "oci-archive"] if engine == "podman" else []
    return [engine, "save", *kind, "-o", str(file), tag]


def bootstrap(engine: str, arch: str, suite: str = "trixie") -> str:
    """Make the base from Debian's packages alone; returns its name."""
    with tempfile.TemporaryDirectory() as scratch:
        tar = Path(scratch) / "base.tar"
        _run("mmdebstrap", "-q", "--variant=minbase", f"--architectures={arch}", suite, str(tar))
        _run(engine, "import", str(tar), f"{BOOTSTRAPPED}:{arch}")
    return f"{BOOTSTRAPPED}:{arch}"


def main() -> None:
    """Build one image, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", choices=ARCHITECTURES, default="amd64")
    parser.add_argument("--engine", choices=("podman", "docker"), help="the one that is here, if not said")
    parser.add_argument("--base", help="another image of a Debian with Python 3.11 to 3.13")
    parser.add_argument("--bootstrap", action="store_true", help="make the base here, without a registry")
    parser.add_argument("--tag", default=NAME)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder for the file")
    parser.add_argument("--no-file", action="store_true", help="leave the image with the engine only")
    options = parser.parse_args()
    engine = options.engine or found_engine()
    base = bootstrap(engine, options.arch) if options.bootstrap else options.base
    _run(*build_command(engine, options.arch, base, options.tag))
    if options.no_file:
        print(options.tag)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    file = options.out / f"{NAME}_{player.__version__}_{options.arch}.oci.tar"
    file.unlink(missing_ok=True)  # an archive that is there is refused
    _run(*save_command(engine, options.tag, file))
    print(file)


def _run(*command: str) -> None:
    """Run it, its words to standard error: standard output has the result alone."""
    subprocess.run(command, check=True, stdout=2)


if __name__ == "__main__":
    main()
