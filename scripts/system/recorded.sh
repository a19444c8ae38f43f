# Shared by the trials: what raw sound of 8000 samples a second (s16le, one channel) holds. Sourced with
# the working directory at the root of the checkout.

# level: of the sound on standard input, a whole number of dBFS.
level() {
  .venv/bin/python -c '
import sys, numpy
sound = numpy.frombuffer(sys.stdin.buffer.read(), numpy.int16).astype(float)
print(round(20 * numpy.log10(max(1e-9, (sound**2).mean() ** 0.5 / 32768)) if sound.size else -180))'
}

# longest_silence FILE: in seconds. The last half a second may hold what was not recorded any more.
longest_silence() {
  .venv/bin/python -c '
import sys, numpy
sound = numpy.fromfile(sys.argv[1], numpy.int16).astype(float)[: -8000 // 2]
blocks = (sound[: sound.size // 400 * 400].reshape(-1, 400) ** 2).mean(axis=1) ** 0.5 < 16
longest = run = 0
for silent in blocks:
    run = run + 1 if silent else 0
    longest = max(longest, run)
print(f"{longest * 0.05:.1f}")' "$1"
}
