"""The walls of docs/architecture.md: which part may import what, read from the source."""

import ast
from pathlib import Path

PLAYER = Path(__file__).resolve().parents[2] / "player"
STAGES = ("camera", "vision", "mood", "library", "playback")

ONLY_IN = {
    "cv2": ("camera/", "vision/"),
    "onnxruntime": ("models.py",),
    "vlc": ("playback/vlc.py",),
    "pulsectl": ("playback/ear_child.py", "playback/pulse.py"),
    "apscheduler": ("house/schedule.py",),
    "yaml": ("config_file.py",),
    "picamera2": ("camera/picamera.py",),
    "sqlite3": ("library/",),
    "watchfiles": ("music.py",),
    "pylast": ("library/lastfm.py",),
    "mutagen": ("library/",),
    "av": ("library/", "stereo.py", "playback/rendering.py"),
    "distributed": ("library/cluster.py",),
    "tokenizers": ("mood/", "vision/blip/"),
    "threadpoolctl": ("library/taste.py",),
    "typer": ("cli.py", "commands/"),
    "rich": ("commands/printing.py",),
}
NEVER = ("torch", "transformers", "optimum", "tensorflow", "scipy", "onnx", "skimage", "sklearn")
FOUNDATIONS = (
    "player.environment",
    "player.private_files",
    "player.resources",
    "player.types",
    "player.errors",
    "player.settings",
    "player.models",
    "player.feelings",
    "player.redaction",
    "player.joined",
    "player.stereo",
)


class WithoutTypeChecking(ast.NodeTransformer):
    """Leaves out what only the type checker imports."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def modules(tree: ast.AST) -> set[str]:
    """Every module that a syntax tree imports, at its top or late."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


TREES = {
    path.relative_to(PLAYER).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PLAYER.rglob("*.py"))
}
IMPORTS = {file: modules(tree) for file, tree in TREES.items()}
STAGE_FILES = [file for file in TREES if file.split("/")[0] in STAGES]


def test_every_stage_is_looked_at() -> None:
    assert {file.split("/")[0] for file in STAGE_FILES} == set(STAGES)


def test_libraries_stay_behind_their_wall() -> None:
    for file, tree in TREES.items():
        roots = {name.split(".")[0] for name in modules(WithoutTypeChecking().visit(tree))}
        assert not roots & set(NEVER), file
        for library, places in ONLY_IN.items():
            assert library not in roots or file.startswith(places), f"{file}: {library} belongs into {places}"


def test_stages_do_not_know_each_other() -> None:
    for file in STAGE_FILES:
        allowed = (f"player.{file.split('/')[0]}", *FOUNDATIONS)
        strange = [n for n in IMPORTS[file] if n.startswith("player.") and not n.startswith(allowed)]
        assert not strange, f"{file} imports {strange}"


def test_foundations_import_nothing_of_ours_but_each_other() -> None:
    foundations = [name.removeprefix("player.") for name in FOUNDATIONS]
    for file in (file for file in TREES if file.removesuffix(".py").split("/")[0] in foundations):
        ours = [name for name in IMPORTS[file] if name.startswith("player.")]
        assert all(name.startswith(FOUNDATIONS) for name in ours), f"{file} imports {ours}"


def test_the_way_in_is_one_way() -> None:
    """cli -> app -> the rest: nobody looks back up."""
    for file, found in IMPORTS.items():
        assert "player.cli" not in found or file == "__main__.py", file
        assert "player.app" not in found or file == "cli.py", file


def test_only_the_edges_read_the_wall_clock() -> None:
    """Stages get the time as an argument: otherwise no test could move it."""
    for file in STAGE_FILES:
        calls = {ast.unparse(node.func) for node in ast.walk(TREES[file]) if isinstance(node, ast.Call)}
        assert not calls & {"time.time", "datetime.now", "datetime.datetime.now", "datetime.utcnow"}, file
