"""A stream that hears what a source of PulseAudio gives, in samples of 32-bit floats on one channel."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from typing import Any

MIXER = "org.PulseAudio.pavucontrol"
"""Mixers list no streams of this name: what only looks at levels must not appear as one who records."""


class RecordStream:
    """Calls `on_samples` with what arrives, while pulsectl's loop runs.

    pulsectl  its module `_pulsectl`, which the caller has loaded
    source    the source's index or name; None is the system's own
    stream    hear one stream on that monitor; None is all of it
    fragment  samples that travel in one packet
    flags     those of pa_stream_connect_record
    application  the id that mixers know it by

    Raises pulsectl's CallError if the server refuses.
    """

    def __init__(
        self,
        pulsectl: Any,
        context: Any,
        source: int | str | None,
        stream: int | None,
        rate_hz: int,
        fragment: int,
        flags: int,
        application: str,
    ) -> None:
        self._pa, self._c = pulsectl.pa, pulsectl
        spec = self._c.PA_SAMPLE_SPEC(format=self._c.PA_SAMPLE_FLOAT32NE, rate=rate_hz, channels=1)
        names = self._pa.proplist_from_string(f"application.id={application}")
        self._stream = self._pa.stream_new_with_proplist(context, "ear", ctypes.byref(spec), None, names)
        self._pa.proplist_free(names)
        self._heard = self._c.PA_STREAM_REQUEST_CB_T(self._on_data)  # kept: libpulse calls it
        self._pa.stream_set_read_callback(self._stream, self._heard, None)
        if stream is not None:
            self._pa.stream_set_monitor_stream(self._stream, stream)
        packet = self._c.PA_BUFFER_ATTR(maxlength=2**32 - 1, fragsize=4 * fragment)
        name = None if source is None else str(source).encode()
        try:
            self._pa.stream_connect_record(self._stream, name, packet, flags)
        except self._pa.CallError:
            self._pa.stream_unref(self._stream)
            raise

    def on_samples(self, samples: ctypes.Array[ctypes.c_float]) -> None:
        """Take in what was heard; the memory is libpulse's and holds for this call alone."""
        raise NotImplementedError

    def close(self) -> None:
        """Listen no more."""
        with suppress(self._pa.CallError):  # what it listened to is gone already
            self._pa.stream_disconnect(self._stream)
        self._pa.stream_unref(self._stream)

    def _on_data(self, stream: Any, size: int, _: object) -> None:
        data, length = ctypes.c_void_p(), ctypes.c_int(size)
        with suppress(self._pa.CallError):
            self._pa.stream_peek(stream, data, ctypes.byref(length))
            if data and length.value >= 4:
                samples = ctypes.cast(data, ctypes.POINTER(ctypes.c_float * (length.value // 4))).contents
                self.on_samples(samples)
            if length.value:  # also a hole, which has a length and no data
                self._pa.stream_drop(stream)
