"""Fetches a BLIP checkpoint from the model hub: safetensors only, nothing large of what is not BLIP."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from scripts.blip_checkpoint import NotBlipError, check_config

SMALL_FILES = ["preprocessor_config.json", "tokenizer.json", "vocab.txt"]


def fetch(repository: str) -> Path:
    """Fetch a hub repository's config, tokenizer and safetensors; an interrupted download goes on.

    config.json comes first and is checked, so that nothing large is fetched of what is not BLIP.
    """
    from huggingface_hub import HfApi, hf_hub_download  # noqa: PLC0415 - not needed for a local folder
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # noqa: PLC0415

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries; the outcome is told below
    print(f"asking the model hub for {repository}", flush=True)
    try:
        path = Path(hf_hub_download(repository, "config.json"))
        check_config(json.loads(path.read_text(encoding="utf-8")), repository)
        there = HfApi().list_repo_files(repository)
        weights = [name for name in there if name.endswith(".safetensors") and "/" not in name]
        if not weights:
            raise NotBlipError(f"{repository} offers no .safetensors; pickled weights are not fetched.")
        for name in [*(n for n in SMALL_FILES if n in there), *weights]:
            hf_hub_download(repository, name)
    except HFValidationError as error:
        raise NotBlipError(f"{repository} is neither a folder nor the name of a hub repository.") from error
    except HfHubHTTPError as error:
        raise NotBlipError(
            f"{repository} could not be fetched from the hub ({error.__class__.__name__})."
        ) from error
    except NotBlipError:
        raise
    except Exception as error:  # the hub's client lets through whatever its transport raises
        raise NotBlipError(
            f"the model hub cannot be reached, so {repository} was not fetched ({error.__class__.__name__}): "
            "try again when online, or name a local folder."
        ) from error
    return path.parent
