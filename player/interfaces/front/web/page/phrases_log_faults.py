"""Lines of the log about what is wrong, for the view Help alone. How it is read: phrases.py."""

from __future__ import annotations


def _(phrase: str) -> str:
    """Marks a phrase for the catalogue."""
    return phrase


LOG_FAULTS = (
    # Faults of the ways to the player.
    _("there is room for MPD's programs again"),
    # Faults of the sound.
    _("silent: %(more)s Trying again."),
    _("nothing could be heard for %(number)s s although music should play: trying %(more)s"),
    _("fresh deck"),
    _("fresh libVLC"),
    _("safe folder"),
    _("restart"),
    _("restarting: %(more)s"),
    _("nothing could be heard, and no other step has helped"),
    _("%(file)s cannot be played (%(more)s): skipping it"),
    _("Nothing can follow the present track: %(more)s"),
    _("Deck %(name)s is replaced: %(more)s"),
    _("%(name)s is replaced: %(more)s"),
    _("%(name)s does not stop (process %(number)s); going on without it."),
    _("%(name)s cannot be started (%(more)s); the next try is in %(number)s s."),
    _("it does not read its commands"),
    _("it does not take commands (%(more)s)"),
    _("it crashed"),
    _("it hangs"),
    _("Playback failed for a moment; it goes on in a second."),
    _("%(name)s could not be recorded; the music goes on."),
    _("%(name)s was not taken note of; all else goes on"),
    _("The player cannot restart itself (%(more)s); start it again."),
    _("the player did not stop within %(number)s s: ending it now"),
    _("%(where)s does not answer"),
    _("what comes next cannot be foreseen"),
    _("nothing was learnt from the last track, the music goes on: %(more)s"),
    _("nothing could be learnt; the music goes on with the last taste."),
    _("the list that was asked for waits: the library cannot be read (%(more)s)"),
    _("the library cannot be read, the music goes on from memory: %(more)s"),
    # Faults of announcements.
    _("%(name)s is not announced: %(more)s"),
    _("%(name)s could not be announced: %(more)s"),
    _("it takes longer than %(number)s minutes"),
    _("it stands still"),
    _("the command ended with %(number)s"),
    _("an announcement failed, the music comes back"),
    _("an announcement could not be prepared; the music plays on"),
    _("the loudness of an announcement cannot be measured now: %(more)s"),
    _("the loudness of an announcement cannot be measured: %(more)s"),
    _("%(name)s was not announced: it is too late"),
    _("%(name)s was not announced: %(number)s times too late"),
    # Faults of the camera and of reading the room.
    _("the camera's driver does not answer: the device stays in use until it does"),
    _("the camera could not be closed: %(more)s"),
    _("%(name)s: skipped, as %(more)s: %(names)s"),
    _("no photos can be read from them"),
    _("only plain files are read"),
    _("reading failed (%(more)s)"),
    _("the room is not read: %(more)s The music follows the schedule."),
    _("the room is not read, the music follows the schedule"),
    _("the room cannot be read: %(more)s"),
    _("the remembered mood of the room cannot be used (%(detail)s): starting without it"),
    _("the saved mood of the room cannot be used (%(detail)s): waiting for a new one"),
    _("what was saved as usual for this room cannot be used (%(detail)s): learning it again"),
    _("the microphone does not hear the room: %(more)s; the volume is as it was set"),
    _("the sensor %(name)s has said nothing for %(number)s min: it counts no longer until it speaks again"),
    _("what was saved of the sensor %(name)s cannot be used (%(detail)s): learning it again"),
    _("what was saved of the sensors cannot be used (%(detail)s): learning it again"),
    _("what a sensor said over MQTT was refused: %(more)s"),
    _("at the topic of the sensor %(name)s nothing was found at its field; see sensors in config.yaml"),
    _("what this room was taught cannot be read (%(detail)s): it is kept as %(file)s"),
    _("what this room was taught cannot be read (%(detail)s): it is tried again"),
    _("%(file)s cannot be used (%(more)s): %(more2)s"),
    _("%(file)s cannot be opened by tokenizers (%(detail)s)"),
    _("build it again with ./scripts/run --with-blip"),
    _("build it again as docs/blip.md says"),
    _("another version wrote it"),
    _("BLIP is not in %(folder)s (./scripts/run --with-blip builds it)"),
    _("BLIP is not in %(folder)s (docs/blip.md says how it gets there)"),
    _(
        "%(number)s requests an hour (mood.llm.per_hour) are used up; the %(reader)s reader reads new "
        "sentences"
    ),
    _("a question to the language model failed in an unknown way"),
    _("%(file)s cannot be read (%(more)s): sentences are asked again"),
    _("%(file)s cannot be written (%(more)s): a restart will ask again"),
    # Faults of the library and its files.
    _("the library cannot be used yet, the music starts without it: %(more)s"),
    _("the library could not take in %(name)s (%(more)s)"),
    _("%(more)s The music goes on."),
    _("%(more)s The music plays on, it is tried again."),
    _("%(file)s is skipped: %(more)s"),
    _("the library cannot be used now (%(more)s): the next scan catches up"),
    _("the library could not be read for choosing (%(more)s): trying again"),
    _(
        "The library %(file)s is damaged (%(detail)s); it now is %(name)s, and a new one is built from it"
        " and the music."
    ),
    _("of the damaged library could be read: nothing"),
    _("of the damaged library could be read: %(text)s"),
    _(
        "%(number)s entries of the play history are waiting to be written: from now on the oldest are lost, "
        "how the day went before what was played"
    ),
    _("the play history cannot be written now, the music goes on: %(more)s"),
    _("an entry of the play history could not be written"),
    _("an entry of the play history cannot be written: %(more)s"),
    _("when the last track was played cannot be read (%(more)s)"),
    _("changes in the music folders go unnoticed until the next scan (%(more)s)"),
    _("The analysis of %(name)s has to wait for %(number)s s: %(more)s"),
    _("Music cannot be analysed (%(more)s) Trying again in %(number)s min."),
    _("the playlist %(name)s cannot be read (%(more)s): check library.playlists"),
    _("the playlist %(name)s is left out (%(detail)s)"),
    _("the station at %(name)s in %(name2)s does not play: its playlist needs a mood in library.playlists"),
    _("%(it)s could not be measured within %(number)s s"),
    _("%(it)s cannot be measured at present (%(more)s)"),
    _("%(it)s was not measured: its process was ended, perhaps for lack of memory"),
    # Faults of the machine and of the page.
    _("the state cannot be saved (%(more)s): a restart would forget it"),
    _("the state could not be saved; it is tried again"),
    _("%(file)s cannot be read (%(more)s): starting without it; it is kept as %(name)s"),
    _(
        "Other users of this machine can look into %(folder)s. The player's files in it are closed to "
        "them; to close the folder, too: chmod 700 %(name)s"
    ),
    _("how the day goes could not be noted; the music goes on"),
    _("the status could not be made; it is tried again"),
    _("systemd could not be told how the music is"),
    _("a command failed"),
    _("%(command)s failed in the web process (%(detail)s)"),
    _("the reload failed; the music plays on"),
    _("the schedule failed; trying again in %(number)s s"),
    _("rescan failed; it is tried again in %(number)s s"),
)
