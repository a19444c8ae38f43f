"""One run of all measures: what is absent is skipped with its reason, what fails is told."""

import importlib.util
from pathlib import Path

import pytest

from scripts.evaluate.all import MEASURES, Measure, lacking, run


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_every_measure_is_a_module_that_needs_the_data_it_reads(measure: Measure, tmp_path: Path) -> None:
    assert importlib.util.find_spec(measure.module) is not None
    reads_data = any("{data}" in part for part in measure.arguments)
    missing = lacking(measure, tmp_path, llm="http://127.0.0.1:1/v1")
    assert any(str(tmp_path) in reason for reason in missing) or not (reads_data or measure.needs)


def test_a_language_model_is_measured_only_where_one_is_named(tmp_path: Path) -> None:
    measure = Measure("sentences", "no.such.module", ("--url", "{llm}"))
    assert lacking(measure, tmp_path) == ["an endpoint (--llm)"]
    assert lacking(measure, tmp_path, "http://127.0.0.1:1/v1") == []


def test_what_is_absent_is_skipped_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measure = Measure("rooms", "no.such.module", needs=("rooms.tsv",), packages=("no_such_package",))
    assert run(measure, tmp_path) is None
    said = capsys.readouterr().out
    assert f"skipped: {tmp_path / 'rooms.tsv'}, package no_such_package not here" in said


def test_how_a_measure_ends_is_told(tmp_path: Path) -> None:
    (tmp_path / "ok.py").write_text("")
    assert run(Measure("compiles", "py_compile", ("{data}/ok.py",), ("ok.py",)), tmp_path) is True
    assert run(Measure("fails", "no_such_module_at_all"), tmp_path) is False
