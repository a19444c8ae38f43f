"""What is wrong with a music file, and what to do about it. `it` is the file. How it is read: phrases.py."""

from __future__ import annotations


def _(phrase: str) -> str:
    """Marks a phrase for the catalogue."""
    return phrase


FILES = (
    _("Put it back or let it go: what is known of it is kept for a while, and then forgotten."),
    _("Replace or remove it; a file that has changed is tried again by itself."),
    _("replace or remove it"),
    _("remove it"),
    _("rename it"),
    _("check it"),
    _("copy it again from its source"),
    _("remove it from the music folder"),
    _("save it again as an ordinary WAV or FLAC file, or remove it"),
    _("%(it)s cannot be decoded (%(detail)s)"),
    _("%(it)s cannot be decoded"),
    _("%(it)s ends after %(number)s s of %(number2)s s"),
    _("%(it)s holds no sound"),
    _("%(it)s holds no audio"),
    _("%(it)s holds nothing that can be decoded"),
    _("%(it)s holds samples that are no numbers"),
    _("%(it)s is damaged in %(number)s of %(number2)s places"),
    _("%(it)s crashed the analysis"),
    _("%(it)s halted the analysis for %(number)s s"),
    _("%(it)s crashed the measurement"),
    _("%(it)s is no music file, whatever its name says"),
    _("%(it)s is no readable music file (%(detail)s)"),
    _("%(it)s cannot be looked at (%(said)s)"),
    _("%(it)s cannot be opened (%(said)s)"),
    _("%(it)s has a name that is not UTF-8"),
    _("%(it)s has a header that contradicts itself (its samples are of another size than it says)"),
    _("%(it)s holds a compressed stream for a surround receiver (S/PDIF)"),
    _("%(it)s holds fractional samples although its header says whole numbers"),
    _("%(it)s holds fractional samples far beyond full scale"),
    _("%(it)s holds its bytes the other way round than its header says"),
    _("%(it)s holds nothing but noise at full scale, as another kind of data does"),
    _("%(it)s is a WAV file with its bytes in the order of other computers (RIFX)"),
    _("%(it)s cannot be read at present (%(said)s): it is tried again"),
    _("no answer from its disk"),
    _("%(it)s is still being written: it is tried again"),
    _("%(it)s was changed or taken away meanwhile: it is tried again"),
    _("The analysis of %(it)s was ended, perhaps for lack of memory: it is tried again"),
    _("libVLC finds no sound in it that it can play"),
    _("it cannot be read at present"),
    _("it holds text and no music"),
    _("it ends before it can be heard"),
    _("nothing can be heard from it"),
    _("its position has not moved for %(number)s s"),
)
