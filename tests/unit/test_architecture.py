"""The walls of docs/architecture.md: which part may import what, read from the source."""

import ast
from pathlib import Path

import pytest

PLAYER = Path(__file__).resolve().parents[2] / "player"
STAGES = ("camera", "vision", "mood", "library", "playback")
FILES = sorted(PLAYER.rglob("*.py"))

ONLY_IN = {
    "cv2": ("camera/", "vision/"),
    "onnxruntime": ("models.py",),
    "vlc": ("playback/vlc.py",),
    "apscheduler": ("schedule.py",),
    "yaml": ("config.py",),
    "picamera2": ("camera/picamera.py",),
    "sqlite3": ("library/",),
    "mutagen": ("library/",),
    "av": ("library/",),
    "tokenizers": ("mood/", "vision/blip/"),
    "typer": ("cli.py", "printing.py"),
    "rich": ("printing.py",),
}
NEVER = ("torch", "transformers", "optimum", "tensorflow", "sklearn", "scipy", "onnx", "skimage")
FOUNDATIONS = ("player.types", "player.errors", "player.settings", "player.models")


class WithoutTypeChecking(ast.NodeTransformer):
    """Leaves out what only the type checker imports."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(path: Path) -> set[str]:
    """Every module that a file imports when it runs, at its top or late."""
    found: set[str] = set()
    for node in ast.walk(WithoutTypeChecking().visit(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def inside(path: Path) -> str:
    return path.relative_to(PLAYER).as_posix()


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_libraries_stay_behind_their_wall(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & set(NEVER)
    for library, places in ONLY_IN.items():
        if library in roots:
            assert inside(path).startswith(places), f"{library} belongs into {places}"


@pytest.mark.parametrize("path", [f for f in FILES if inside(f).split("/")[0] in STAGES], ids=inside)
def test_stages_do_not_know_each_other(path: Path) -> None:
    own = f"player.{inside(path).split('/')[0]}"
    for name in imports(path):
        if name.startswith("player") and name != "player":
            assert name.startswith((own, *FOUNDATIONS)), f"{inside(path)} imports {name}"


@pytest.mark.parametrize("name", ["types", "errors", "settings"])
def test_foundations_import_nothing_of_ours_but_each_other(name: str) -> None:
    ours = {found for found in imports(PLAYER / f"{name}.py") if found.startswith("player")}
    assert all(found.startswith(("player.types", "player.errors")) for found in ours)


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_only_the_edges_read_the_clock(path: Path) -> None:
    """Stages get the time as an argument: otherwise no test could move it."""
    stage = inside(path).split("/")[0]
    if stage not in STAGES:
        return
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"time.time", "datetime.now", "datetime.datetime.now", "datetime.utcnow"}
