"""Print every figure that the data at hand allow, in one run.

    python -m scripts.evaluate.all [--data ../shared/data] [--only photos] [--llm http://127.0.0.1:8080/v1]

Each measure is a module of its own, run one after another; docs/readings.md has what came of it. A measure
whose data or packages are absent is skipped, and says what it lacks. Exits with 1 if one failed.
"""

from __future__ import annotations

import argparse
import importlib.util
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.train.mood_data import SHARED


@dataclass(frozen=True)
class Measure:
    """One module, and what it needs."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    """A path below the folder of data is written as {data}/..., what was given with --llm as {llm}."""
    needs: tuple[str, ...] = ()
    """Files and folders below the folder of data."""
    packages: tuple[str, ...] = ()
    note: str = ""
    """What a reader of its figures must know."""


MEASURES = (
    Measure("sentences", "scripts.evaluate.mood", needs=("scene_captions/captions.tsv",)),
    Measure("Korean sentences", "scripts.evaluate.mood_korean"),
    Measure(
        "photos",
        "scripts.train.image_mood",
        ("--measure-only",),
        ("scene_images/labels.tsv", "photos_pseudo/labels.tsv", "oasis_half/norms.tsv"),
        ("onnx",),
        "cross-validated, as the shipped file has seen these photos",
    ),
    Measure(
        "captions of photos",
        "scripts.evaluate.captions",
        ("{data}/scene_images/labels.tsv", "{data}/scene_images/images"),
        ("scene_images/labels.tsv",),
        ("sacrebleu",),
    ),
    Measure(
        "people and energy of a fixed camera",
        "scripts.evaluate.counts",
        ("{data}/camera_counts/counts.tsv", "{data}/camera_counts"),
        ("camera_counts/counts.tsv",),
    ),
    Measure(
        "that camera, taught",
        "scripts.evaluate.teach",
        ("{data}/camera_counts",),
        ("camera_counts/counts.tsv",),
    ),
    Measure(
        "people drawn into taught rooms", "scripts.evaluate.teach", ("{data}/camera", "--drawn"), ("camera",)
    ),
    Measure("what is unusual", "scripts.evaluate.anomalies", ("{data}/camera",), ("camera",)),
    *(
        Measure(
            f"scripted days, {name}",
            "scripts.simulate.days",
            ("--scatter", "measured", "--runs", "4", "--steady", "20", *more),
        )
        for name, more in (("untaught", ()), ("taught", ("--taught",)))
    ),
    Measure(
        "music",
        "scripts.evaluate.music",
        ("{data}/music_4q", "{data}/music_emotify", "--unseen"),
        ("music_4q/labels.tsv", "music_emotify/labels.tsv"),
        ("sklearn",),
        "cross-validated, as the shipped file has heard these clips",
    ),
    Measure(
        "sentences by a language model",
        "scripts.evaluate.mood_llm",
        ("{data}/scene_captions/captions.tsv", "--url", "{llm}", "--model", "{model}"),
        ("scene_captions/captions.tsv",),
    ),
)


def lacking(measure: Measure, data: Path, llm: str | None = None) -> list[str]:
    """The files and packages that it needs and that are not here, and the endpoint if it asks one."""
    if "{llm}" in measure.arguments and llm is None:
        return ["an endpoint (--llm)"]
    files = [str(data / name) for name in measure.needs if not (data / name).exists()]
    return files + [f"package {name}" for name in measure.packages if importlib.util.find_spec(name) is None]


def run(measure: Measure, data: Path, llm: str | None = None, model: str = "any") -> bool | None:
    """Whether it ended well; None if it was skipped. Prints its figures, or why there are none."""
    print(f"\n## {measure.name}", flush=True)
    if missing := lacking(measure, data, llm):
        print(f"skipped: {', '.join(missing)} not here")
        return None
    command = [
        "-m",
        measure.module,
        *(part.format(data=data, llm=llm, model=model) for part in measure.arguments),
    ]
    print(f"python {shlex.join(command)}" + (f"  ({measure.note})" if measure.note else ""), flush=True)
    return subprocess.run([sys.executable, *command], check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--only", choices=[measure.name for measure in MEASURES])
    parser.add_argument("--llm", metavar="URL", help="of a language model that reads sentences")
    parser.add_argument("--model", default="any", help="its name there")
    options = parser.parse_args()
    chosen = [measure for measure in MEASURES if options.only in (None, measure.name)]
    ended = {measure.name: run(measure, options.data, options.llm, options.model) for measure in chosen}
    failed = [name for name, well in ended.items() if well is False]
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
