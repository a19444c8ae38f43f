"""How loud a file is, by a real process: what it may cost, and whom its failures blame."""

from pathlib import Path

import pytest

from player.errors import AudioFileError, NotNowError
from player.library.analysis import measure as module
from player.library.analysis.measure import measure
from tests.support.library_audio import clicks, encode


def test_only_processor_time_is_held_against_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = encode(tmp_path / "song.flac", clicks(5, 100))
    assert measure(song)[0] < 0
    with pytest.raises(NotNowError, match="No such file"):
        measure(tmp_path / "away.flac")
    (tmp_path / "torn.flac").write_bytes(song.read_bytes()[:200])
    with pytest.raises(AudioFileError) as torn:
        measure(tmp_path / "torn.flac")
    assert not isinstance(torn.value, NotNowError)
    monkeypatch.setattr(module, "TIME_LIMIT_S", 0.01)
    with pytest.raises(NotNowError, match="within"):
        measure(song)
