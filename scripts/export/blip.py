"""Turns a BLIP checkpoint into ONNX graphs, the tokenizer and a manifest: what the player reads with.

    python -m scripts.export.blip [SOURCE] [--out DIR] [--image-size 384] [--precision int8]

SOURCE is a hub id or a local folder in the transformers format. A captioning model goes to models_onnx/blip;
one that answers questions needs --out, and scripts/evaluate/blip_answers.py reads it. Needs the extra
[export], and no torch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx

from player.vision.blip.model import BLIP_DIR, DECODER, ENCODER, FORMAT, TOKENIZER
from scripts.evaluate.blip_answers import QUESTION
from scripts.export.blip_checkpoint import Checkpoint, NotBlipError, check_config
from scripts.export.blip_graphs import text_decoder, vision_encoder
from scripts.export.blip_hub import fetch
from scripts.export.blip_question import ENCODER as QUESTION_ENCODER
from scripts.export.blip_question import question_encoder
from scripts.export.onnx_graph import Precision

DEFAULT = "Salesforce/blip-image-captioning-base"


def export(
    checkpoint: Checkpoint, out: Path, source: str, image_size: int | None, precision: Precision
) -> None:
    """Write the folder. It is only ever replaced file by file, and its manifest last."""
    text, vision = checkpoint.config["text_config"], checkpoint.config["vision_config"]
    size = image_size or vision["image_size"]
    if size % vision["patch_size"]:
        raise NotBlipError(f"an image size of {size} is no multiple of the patches' {vision['patch_size']}.")
    settings = {"format": FORMAT, "task": checkpoint.task, "image_size": size}
    settings |= checkpoint.pixels() | checkpoint.decoding()
    settings |= {
        "layers": text["num_hidden_layers"],
        "heads": text["num_attention_heads"],
        "head_size": text["hidden_size"] // text["num_attention_heads"],
        "positions": text["max_position_embeddings"],
    }
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = checkpoint.tokenizer().to_str().encode()
    files = {TOKENIZER: _write(out / TOKENIZER, tokenizer)}
    for name, build in _graphs(checkpoint, size, precision).items():
        print(f"writing {out / name}", flush=True)
        files[name] = _write(out / name, build().SerializeToString())
    manifest = {"source": source, "precision": precision, "blip": settings, "files": files}
    _write(out / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    megabytes = sum(file["bytes"] for file in files.values()) / 1e6
    print(f"{out}: {megabytes:.0f} MB, {precision}, {size} px, from {source}")


def _graphs(
    checkpoint: Checkpoint, image_size: int, precision: Precision
) -> dict[str, Callable[[], onnx.ModelProto]]:
    """What builds each file: one graph at a time is in memory."""
    decoder = {DECODER: lambda: text_decoder(checkpoint, precision)}
    if checkpoint.task == "caption":
        return {ENCODER: lambda: vision_encoder(checkpoint, precision, image_size), **decoder}
    return {
        ENCODER: lambda: vision_encoder(checkpoint, precision, image_size, QUESTION_ENCODER),
        QUESTION: lambda: question_encoder(checkpoint, precision),
        **decoder,
    }


def _write(path: Path, content: bytes) -> dict[str, Any]:
    """Write whole or not at all; the file's entry in the manifest."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    os.replace(file.name, path)
    path.chmod(0o644)
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("source", nargs="?", default=DEFAULT, help="hub id or local folder")
    parser.add_argument("--out", type=Path, help="folder to write; default for captions: models_onnx/blip")
    parser.add_argument("--image-size", type=int, help="pixels, e.g. 224; default: the checkpoint's own")
    parser.add_argument("--precision", choices=["fp32", "int8"], default="int8")
    args = parser.parse_args()
    try:
        local = Path(args.source)
        for_player = args.out is None
        folder = local if local.is_dir() else fetch(args.source, for_player=for_player)
        checkpoint = Checkpoint(folder)
        check_config(checkpoint.config, args.source, for_player)
        export(checkpoint, args.out or BLIP_DIR, args.source, args.image_size, args.precision)
    except NotBlipError as error:
        print(f"ambient-player: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback: a download goes on next time
    sys.exit(main())
