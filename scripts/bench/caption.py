"""BLIP here against BLIP in PyTorch: the same weights, pictures, number of tokens and threads.

    python -m scripts.bench.caption [--work DIR] [--pictures 5] [--sizes 384 224] [--threads 2]

Builds a checkpoint of BLIP-base's shape with random weights, exports it, and runs every way of reading it in
a process of its own: from a 640 x 480 picture in memory to 20 tokens, greedy. Picture by picture the ways
take turns, so that a busy minute meets them all. Prints a Markdown table of medians. Needs the extras
[export] and [parity].
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from player.types import Image
from scripts.bench.peak_memory import peak_mb
from scripts.export.blip_checkpoint import Checkpoint

TOKENS, THREADS, MOST_PICTURES = 20, 2, 100
WAYS = ("torch fp32", "torch fp32 compiled", "torch bf16", "onnx fp32", "onnx int8")

Read = Callable[[Image], list[int]]


def pictures(number: int) -> list[Image]:
    """(480, 640, 3) uint8 noise, coarse enough that the model sees shapes."""
    random = np.random.default_rng(0)
    small = random.integers(0, 256, (number, 30, 40, 3)).astype(np.uint8)
    return list(small.repeat(16, axis=1).repeat(16, axis=2))


def torch_reader(work: Path, size: int, way: str, threads: int) -> Read:
    """transformers' own."""
    import torch  # noqa: PLC0415 - each process loads one side only
    from transformers import BlipForConditionalGeneration, BlipImageProcessorPil  # noqa: PLC0415

    torch.set_num_threads(threads)
    kind = torch.bfloat16 if "bf16" in way else torch.float32
    model = BlipForConditionalGeneration.from_pretrained(work / "checkpoint", dtype=kind).eval()
    model.config.text_config.sep_token_id = -1  # no sentence ends early
    if "compiled" in way:
        model.vision_model = torch.compile(model.vision_model)
    processor = BlipImageProcessorPil(size={"height": size, "width": size})

    def read(image: Image) -> list[int]:
        pixels = processor(image[:, :, ::-1], return_tensors="pt")["pixel_values"].to(kind)
        with torch.inference_mode():
            out = model.generate(pixels, max_new_tokens=TOKENS, interpolate_pos_encoding=True)
        tokens: list[int] = out[0].tolist()
        return tokens

    return read


def onnx_reader(work: Path, size: int, way: str, threads: int) -> Read:
    """The player's own."""
    from player.vision.blip.decoding import Search, generate  # noqa: PLC0415
    from player.vision.blip.model import Captioner  # noqa: PLC0415

    captioner = Captioner(threads, work / f"{way.split()[1]}-{size}")
    search = Search(eos=-1, max_length=TOKENS + 1)
    return lambda image: generate(captioner.look(image), [captioner.blip.bos], search)


def serve(work: Path, size: int, way: str, threads: int) -> None:
    """Read one picture for every line on standard input, and answer each with a line of JSON."""
    started = time.perf_counter()
    read = (torch_reader if way.startswith("torch") else onnx_reader)(work, size, way, threads)
    print(json.dumps({"load_s": time.perf_counter() - started}), flush=True)
    images = iter(pictures(MOST_PICTURES))
    for _ in sys.stdin:
        image = next(images)
        started = time.perf_counter()
        tokens = read(image)
        ms = (time.perf_counter() - started) * 1000
        print(json.dumps({"ms": ms, "tokens": tokens, "peak_mb": peak_mb()}), flush=True)


class Way:
    """One way to read pictures, in its process, and what it answered."""

    def __init__(self, name: str, work: Path, size: int, threads: int) -> None:
        command = [sys.executable, "-m", "scripts.bench.caption", "--one", name, "--work", str(work)]
        self.name = name
        self._process = subprocess.Popen(
            [*command, "--sizes", str(size), "--threads", str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.load_s: float = self._answer()["load_s"]
        self.ms: list[float] = []
        self.tokens: list[int] = []
        self.peak_mb = 0.0

    def read(self) -> None:
        """The next picture. The first is to warm up, and its time does not count."""
        assert self._process.stdin
        print(file=self._process.stdin, flush=True)
        found = self._answer()
        self.ms += [found["ms"]] if self.tokens else []
        self.tokens += found["tokens"]
        self.peak_mb = found["peak_mb"]

    def end(self) -> None:
        """Give its memory back."""
        self._process.communicate()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} failed; its last words are above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


def checkpoint_of(work: Path) -> Checkpoint:
    """One of BLIP-base's shape with random weights, made where it is not there yet."""
    if not (work / "checkpoint" / "config.json").is_file():
        from scripts.export.blip_random import BASE_TEXT, build  # noqa: PLC0415

        (work / "checkpoint").mkdir(parents=True, exist_ok=True)
        build(work / "checkpoint", BASE_TEXT, {})
    return Checkpoint(work / "checkpoint")


def prepare(work: Path, sizes: list[int]) -> None:
    """Checkpoint and exports, where they are not there yet."""
    checkpoint_of(work)
    for size in sizes:
        for precision in ("fp32", "int8"):
            out = work / f"{precision}-{size}"
            if not (out / "manifest.json").is_file():
                command = [
                    sys.executable,
                    "-m",
                    "scripts.export.blip",
                    str(work / "checkpoint"),
                    "--out",
                    str(out),
                ]
                options = ["--image-size", str(size), "--precision", precision]
                subprocess.run([*command, *options], check=True, stdout=sys.stderr)


def table(work: Path, size: int, number: int, names: list[str], threads: int) -> None:
    """Measure all ways in turn, and print a row of each."""
    ways = [Way(name, work, size, threads) for name in names]
    for _ in range(number + 1):
        for way in ways:
            way.read()
    print(f"\n| {size} px | ms | times faster | ready after, s | peak, MB | share of peak | same tokens |")
    print("|---|---|---|---|---|---|---|")
    first = ways[0]
    for way in ways:
        way.end()
        ms = statistics.median(way.ms)
        same = statistics.mean(a == b for a, b in zip(way.tokens, first.tokens, strict=True))
        print(
            f"| {way.name} | {ms:.0f} | {statistics.median(first.ms) / ms:.1f} | {way.load_s:.1f} "
            f"| {way.peak_mb:.0f} | {way.peak_mb / first.peak_mb:.0%} | {same:.0%} |",
            flush=True,
        )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/bench_caption"))
    parser.add_argument("--pictures", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[384, 224])
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--ways", choices=WAYS, nargs="+", default=list(WAYS), help="the first is 100 %%")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        serve(args.work, args.sizes[0], args.one, args.threads)
        return
    prepare(args.work, args.sizes)
    for size in args.sizes:
        table(args.work, size, args.pictures, args.ways, args.threads)


if __name__ == "__main__":
    main()
