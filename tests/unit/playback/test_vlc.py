import pytest

from player.errors import OutputError
from player.playback.vlc import arguments, is_stream, volume_percent


@pytest.mark.parametrize(
    ("output", "options", "sink"),
    [
        ("auto", set(), ""),
        ("pulse", {"--aout=pulse,none"}, ""),
        ("pulse:bar", {"--aout=pulse,none"}, "bar"),
        ("alsa", {"--aout=alsa,none"}, ""),
        ("alsa:hw:1,0", {"--aout=alsa,none", "--alsa-audio-device=hw:1,0"}, ""),
    ],
)
def test_arguments(output: str, options: set[str], sink: str) -> None:
    given, chosen = arguments(output)
    assert {option for option in given if "aout" in option or "device" in option} == options
    assert chosen == sink


@pytest.mark.parametrize("output", ["", "jack", "auto:x", "Pulse"])
def test_an_unknown_output_is_refused_with_those_there_are(output: str) -> None:
    with pytest.raises(OutputError, match="pulse:SINK"):
        arguments(output)


@pytest.mark.parametrize(("gain", "percent"), [(0, 0), (1, 100), (0.125, 50), (2, 126), (1e-9, 0), (-1, 0)])
def test_the_volume_is_cubic(gain: float, percent: int) -> None:
    assert volume_percent(gain) == percent


@pytest.mark.parametrize("address", ["http://radio.example/live", "HTTPS://radio.example/live"])
def test_an_address_is_no_file(address: str) -> None:
    assert is_stream(address)
    assert not is_stream(f"/music/{address}")
