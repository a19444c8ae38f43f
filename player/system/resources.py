"""What travels with the player beside its code: config.yaml, the models, the service's unit.

They lie at the top of the checkout; a wheel carries them inside the package, in `bundled/`.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_BUNDLED = PACKAGE / "bundled"
INSTALLED = _BUNDLED.is_dir()
"""Whether this is an installed wheel; False in a checkout, also if that is installed with `pip -e`."""
ROOT = _BUNDLED if INSTALLED else PACKAGE.parent
"""The folder that holds config.yaml, models_onnx/ and deploy/. In a wheel it is not to be written to."""


def user_folder(variable: str, fallback: str) -> Path:
    """The player's folder below a base folder of the XDG specification, e.g. XDG_CONFIG_HOME and ~/.config.

    A relative path in the variable is ignored, as the specification demands. Raises RuntimeError if the home
    is unknown and the variable is not set.
    """
    base = os.environ.get(variable, "")
    parent = Path(base) if base.startswith("/") else Path(fallback).expanduser()
    return parent / "ambient-player"
