"""The walls of docs/architecture.md: which part may import what, read from the source."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PLAYER = Path(__file__).resolve().parents[2] / "player"
STAGES = ("camera", "vision", "mood", "library", "playback")

ONLY_IN = {
    "cv2": ("camera/", "vision/"),
    "onnxruntime": ("models.py",),
    "vlc": ("playback/vlc.py",),
    "pulsectl": ("playback/monitor/child.py", "playback/room_noise/child.py", "playback/pulse.py"),
    "apscheduler": ("schedule/scheduler.py",),
    "yaml": ("config/",),
    "picamera2": ("camera/sources/picamera.py",),
    "sqlite3": ("library/database/", "hub/storage/"),
    "watchfiles": ("library/folder_watch.py",),
    "pylast": ("library/scan/lastfm.py",),
    "mutagen": ("library/scan/",),
    "av": ("library/", "audio/", "playback/rendering.py"),
    "distributed": ("library/analysis/cluster.py",),
    "tokenizers": ("mood/", "vision/blip/"),
    "threadpoolctl": ("selection/taste.py",),
    "typer": ("cli/",),
    "fastapi": ("interfaces/front/", "hub/"),
    "starlette": ("interfaces/front/", "hub/"),
    "uvicorn": ("interfaces/front/", "hub/"),
    "dbus_fast": ("interfaces/front/mpris/",),
    "zeroconf": ("interfaces/front/mdns/",),
    "ifaddr": ("interfaces/front/mdns/",),
    "jinja2": ("interfaces/front/web/page/",),
    "prometheus_client": ("interfaces/front/", "hub/"),
    "aiomqtt": ("interfaces/front/mqtt/aiomqtt_broker.py",),
    "rich": ("cli/printing.py",),
    "argon2": ("interfaces/front/web/security/passwords.py",),
}
NEVER = ("torch", "transformers", "optimum", "tensorflow", "scipy", "onnx", "skimage", "sklearn")
LAYERS = (
    # Each may import those above it, and its own; the parts of one line do not know each other.
    ("errors", "counting"),
    ("types",),
    ("status",),
    ("emotions", "privacy"),
    ("log",),
    ("system",),
    ("config", "audio"),
    ("clock", "models", "events"),
    STAGES,
    ("room",),
    ("selection", "schedule", "state", "diary"),
    ("backup",),
    ("mood_controller",),
    ("interfaces",),
    ("hub",),
    ("restart",),
    ("components",),
    ("reload",),
    ("app",),
    ("cli",),
    ("__main__",),
)
"""Packages and modules below player/, lowest first."""
LAYER = {part: number for number, parts in enumerate(LAYERS) for part in parts}


def nodes(tree: ast.AST, when_it_runs: bool) -> Iterator[ast.AST]:
    """All of a syntax tree; when it runs, without what only the type checker reads."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if when_it_runs and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def modules(tree: ast.AST, when_it_runs: bool = False) -> set[str]:
    """Every module that a syntax tree imports, at its top or late."""
    found: set[str] = set()
    for node in nodes(tree, when_it_runs):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import of {node.module}"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(file: str) -> str:
    return "player." + file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


FILES = [
    path.relative_to(PLAYER).as_posix()
    for path in sorted(PLAYER.rglob("*.py"))
    if path != PLAYER / "__init__.py"  # it forbids telemetry before anything else is imported
]
NAMES = {dotted(file): file for file in FILES}


@cache
def tree_of(file: str) -> ast.Module:
    return ast.parse((PLAYER / file).read_text(encoding="utf-8"))


@cache
def imports(file: str) -> set[str]:
    return modules(tree_of(file))


def part(file: str) -> str:
    """The package or module below player/ that a file belongs to."""
    return file.removesuffix(".py").split("/")[0]


def test_every_part_has_its_layer() -> None:
    assert {part(file) for file in FILES} == set(LAYER)


@pytest.mark.parametrize("file", FILES)
def test_libraries_stay_behind_their_wall(file: str) -> None:
    needed = modules(tree_of(file), when_it_runs=True)
    roots = {name.split(".")[0] for name in needed}
    assert not roots & set(NEVER)
    for library, places in ONLY_IN.items():
        assert library not in roots or file.startswith(places), f"{library} belongs into {places}"


@pytest.mark.parametrize("file", FILES)
def test_dependencies_point_one_way(file: str) -> None:
    """Stages do not know each other, and nobody looks back up, not even for a type."""
    own = part(file)
    for name in imports(file):
        if not name.startswith("player.") or name == "player.__version__":
            continue
        other = name.split(".")[1]
        assert other == own or LAYER[other] < LAYER[own], f"{file} imports {name}"


def test_there_are_no_cycles() -> None:
    """Nor of types: a file is understood without those that use it."""
    graph = {
        file: {NAMES[name] for name in imports(file) if name in NAMES and NAMES[name] != file}
        for file in FILES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_only_the_edges_read_the_wall_clock() -> None:
    """Stages get the time as an argument: otherwise no test could move it."""
    for file in (file for file in FILES if part(file) in STAGES):
        calls = {ast.unparse(node.func) for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)}
        assert not calls & {"time.time", "datetime.now", "datetime.datetime.now", "datetime.utcnow"}, file


def test_lines_of_the_log_name_their_event() -> None:
    """The name of an event is a promise: it must not follow a module's path."""
    bare = [file for file in FILES if "logging.getLogger(__name__)" in ast.unparse(tree_of(file))]
    assert bare == ["playback/frame_count.py"], "a deck's process imports nothing it can do without"


def test_scripts_are_imported_one_way() -> None:
    """As `scripts.purpose.name`, run with `python -m`: no patched path, no sibling found by accident."""
    paths = sorted((PLAYER.parent / "scripts").rglob("*.py"))
    siblings = {path.stem for path in paths} - {"player"}
    assert len(siblings) > 30
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "sys.path" not in text, path
        assert not {name for name in modules(ast.parse(text)) if name in siblings}, path


def test_a_long_module_says_why_at_its_top() -> None:
    """A module of 300 lines wants splitting, unless there is a reason to keep it together."""
    for path in sorted({*PLAYER.rglob("*.py"), *(PLAYER.parent / "scripts").rglob("*.py")}):
        text = path.read_text(encoding="utf-8")
        why = ast.get_docstring(ast.parse(text)) or ""
        short = len(text.splitlines()) <= 300
        assert short or "module is long because" in " ".join(why.split()), path


def test_no_two_classes_have_one_name() -> None:
    """One word, one meaning: those that are private to their module may share one."""
    found = [
        node.name
        for file in FILES
        for node in tree_of(file).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert not {name for name in found if found.count(name) > 1}


@pytest.mark.parametrize("file", FILES)
def test_settings_come_by_configure(file: str) -> None:
    """Parts keep their identity: a reload swaps nothing in anyone, and no part edits another's settings."""
    root = file in ("app.py", "components.py", "reload.py")
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own = ast.unparse(node.value) == "self"
            assert own or not (root or node.attr in ("settings", "config")), f"{file}:{node.lineno}"


def test_parts_are_built_in_an_order_that_needs_no_look_ahead() -> None:
    """No function in `build` speaks of a part that is assigned further down."""
    tree = tree_of("components.py")
    (build,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "build")
    built: set[str] = {argument.arg for argument in build.args.args}
    later = {
        name.id
        for statement in build.body
        for name in ast.walk(statement)
        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
    }
    for statement in build.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        for node in names:
            assert node.id not in later or node.id in built | own, f"{node.id} at line {node.lineno}"
        built |= own
