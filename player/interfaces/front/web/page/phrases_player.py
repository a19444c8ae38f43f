"""What the player says of the music, the room, and what is wrong. How it is read: phrases.py.

The module is long because it is one table.
"""

from __future__ import annotations


def _(phrase: str) -> str:
    """Marks a phrase for the catalogue."""
    return phrase


PLAYER = (
    # Why a track was chosen.
    _("closest to %(music)s music among %(number)s"),
    _("number %(number)s in closeness to %(music)s music among %(number2)s"),
    _("not analysed yet, one of %(number)s"),
    _("goes on from %(title)s (%(alike)s)"),
    _("liked here"),
    _("not heard for %(number)s min"),
    _("not heard for %(number)s h"),
    _("not heard for %(number)s days"),
    _("gave way: %(rules)s"),
    _("step %(number)s of %(number2)s from %(music)s to %(music2)s music"),
    _("it was playing before the restart"),
    _("from memory: the library cannot be read"),
    _("the first file found; the library is still being read"),
    _("any one of the files; the library cannot be read yet"),
    _("the demo music: %(said)s"),
    _("the disk with the music does not answer"),
    _("nothing else can be played, or the house rules forbid it"),
    _("safe music, as nothing else could be heard (%(folder)s)"),
    # What the music is to be like.
    _("%(part)s has %(music)s music, until the room asks for another"),
    _("%(part)s has %(music)s music, whatever the room is like"),
    _("the room is %(room)s"),
    _("which for this room is %(room)s"),
    _("and the music leads on towards %(music)s music"),
    _("so the music meets it there, then leads on towards %(music)s music"),
    _("as you taught this room (%(counted)s at weight %(number)s)"),
    _("kept within the limits of %(part)s"),
    _("kept clear of what mood.never forbids"),
    _("pinned by hand: %(name)s, as near as the limits in mood allow"),
    _("pinned by hand: %(name)s"),
    # How a list for a wish came about.
    _("%(music)s music is looked for, as near as the limits in `mood` allow"),
    _("%(music)s music is looked for"),
    _("'%(name)s' is the name of a mood"),
    _("'%(name)s' is the name of a mood, and nearly spelled so"),
    _("the sentence names %(name)s"),
    _("the %(reader)s reader read the sentence: %(room)s"),
    _("the %(reader)s reader read what is seen: %(room)s"),
    _("and with the look of the picture %(room)s"),
    _("of the %(number)s that came nearest, its length fits what is left"),
    _("There is no %(music)s music in the library: what comes nearest was taken."),
    _("Not really %(music)s: %(number)s of %(number2)s tracks, as there is no more that is."),
    _("Not really %(music)s: %(number)s of 1 track, as there is no more that is."),
    _("The list is shorter than asked for: no other music may be listed."),
    _("The %(rules)s gave way for %(number)s of %(number2)s tracks."),
    _("Not chosen from, as nobody has listened to them yet: %(number)s tracks."),
    _("Not chosen from, as nobody has listened to them yet: 1 track."),
    _("No track that has been listened to is of these genres."),
    _("number %(number)s of %(number2)s that were asked for"),
    # Why a track does not play.
    _("It is not in the music folders any more."),
    _("Its file cannot be played: %(why)s"),
    _("The house rules exclude it (rules.exclude)."),
    _("It is not among what the house rules include (rules.include); it plays if nothing else can."),
    _("The pool of the part of the day '%(part)s' excludes it."),
    _("It is outside the pool of the part of the day '%(part)s'."),
    _("It could not be played a while ago: it is left alone for the present."),
    # What is unusual in the room.
    _("busier than usual (1 person)"),
    _("busier than usual (%(number)s people)"),
    _("emptier than usual (no people)"),
    _("emptier than usual (1 person)"),
    _("emptier than usual (%(number)s people)"),
    _("livelier than usual"),
    _("stiller than usual"),
    _("brighter than usual"),
    _("dimmer than usual"),
    _("more warmly lit than usual"),
    _("more coldly lit than usual"),
    # What the venue's sensors do.
    _("%(weather)s: %(draw)s"),
    _("%(sensor)s above its usual: %(draw)s"),
    _("%(sensor)s below its usual: %(draw)s"),
    # What has shifted.
    _("the room was %(room)s and has been %(room2)s for %(number)s s"),
    _("the room is still %(room)s, but has been livelier for %(number)s s"),
    _("the room is still %(room)s, but has been quieter for %(number)s s"),
    _("the room is still %(room)s, but has been brighter for %(number)s s"),
    _("the room is still %(room)s, but has been darker for %(number)s s"),
    _("the room is %(room)s, unlike the start of %(part)s"),
    _("moving to %(music)s music"),
    _("the music fits already"),
    _("the music follows the room again"),
    _("the music follows the room again: %(said)s"),
    _("it is closing time"),
    _("the hour is over"),
    _("the minute is over"),
    _("the day is over"),
    _("the %(span)s are over"),
    _("%(part)s begins"),
    _("the venue is open"),
    _("the venue is closed"),
    _("the camera is off"),
    # Why nothing is heard.
    _("no audio device: %(said)s"),
    _("libVLC finds none"),
    _("the output %(name)s is not there"),
    _("%(device)s: the output %(name)s is not there"),
    _("the last track could not be played"),
    _("the last %(number)s tracks could not be played"),
    _("There is no music that may be played: see rules and library.folders."),
    _("there is no music in %(where)s"),
    _("there is no music that can be played and that the rules allow"),
    _("there is no safe music: neither a safe_folder of this daypart nor the demo music"),
    _("no track could be chosen: %(said)s"),
    _("the player's own stream is muted, or turned down to nothing, in the system's mixer"),
    _("the system's output is muted, or turned down to nothing: %(name)s"),
    _(
        "nobody listens at %(where)s any more: PulseAudio or PipeWire has ended there; start it again, "
        "or start the player from the session in which it runs."
    ),
    _(
        "XDG_RUNTIME_DIR is not set, and nobody listens in %(where)s: PulseAudio or PipeWire cannot be "
        "found from here (cron, su, ssh); start the player from your own session, or as a service."
    ),
    _(
        "XDG_RUNTIME_DIR is %(said)s, which is not this user's, and nobody listens in %(where)s: "
        "PulseAudio or PipeWire cannot be found from here (cron, su, ssh); start the player from your "
        "own session, or as a service."
    ),
    _("libVLC cannot be loaded (%(said)s): install it with: %(command)s."),
    _("libVLC does not start, probably without its plugins: install it with: %(command)s."),
    _("playback.output %(name)s is unknown: use %(allowed)s."),
    _("a deck is being replaced"),
    _("a track is about to begin"),
    _("a crossfade is on"),
    # What is wrong with the camera.
    _("the models are loading"),
    _("the models could not be loaded; see the log"),
    _("a Python package is missing (%(said)s); run ./scripts/run again."),
    _("a Python package is missing (%(said)s); install the player again."),
    _("%(file)s is missing: %(said)s."),
    _("%(file)s is damaged (%(detail)s): %(said)s."),
    _("%(file)s cannot be opened by onnxruntime (%(detail)s): %(said)s."),
    _("install the player again"),
    _("restore it from the checkout"),
    _("No camera was found: plug one in or set camera.source. %(said)s"),
    _("No camera is open."),
    _("%(name)s cannot be opened: plug it in, and close other programs that use it."),
    _("%(name)s cannot be opened: there is no such device; plug it in or choose another in camera.source."),
    _(
        "%(name)s cannot be opened: this user may not use it; add the user to the group video and log in"
        " again."
    ),
    _("%(name)s cannot be opened: close other programs that use it, or choose another in camera.source."),
    _("%(name)s cannot be opened: check the address, the user and password in it, and the network."),
    _("%(name)s cannot be opened: %(said)s."),
    _("The Raspberry Pi camera cannot be opened (%(said)s): check its cable."),
    _("The Raspberry Pi camera stopped giving frames: check its cable."),
    _("%(name)s is not open."),
    _("%(name)s stopped giving frames."),
    _("%(name)s stopped giving frames: %(said)s."),
    _("%(name)s has ended."),
    _("%(name)s: all have been shown."),
    _("%(name)s: not one can be read; put JPEG or PNG files there."),
    _("%(name)s cannot be listed (%(said)s)."),
    _("%(file)s: there is no such file."),
    _("%(file)s cannot be read as a video: choose another file in camera.source."),
    _("The driver has not released the device yet."),
    _("its driver has not answered for %(number)s s"),
    _("the stream ended"),
    _("nothing answers"),
    _("it does not answer in time; check the network"),
    _("it refuses the user or the password (%(number)s); check them in the address"),
    _("it asks for a login that this player does not know; set it to Digest or Basic in the camera"),
    _("it has nothing at this address (404); check it"),
    _("it answers with an error (%(number)s)"),
    _("%(said)s; check the address and the network"),
    _("a web page answers, no camera; check the address"),
    _("The demo camera has no photos: install the player again with its extra demo (docs/install.md)."),
    _("the camera is off: `ambient-player camera on` uses it again."),
    _("the venue is closed, and the camera rests until it opens."),
    _("the camera is not used yet (%(said)s)."),
    _("the camera gives no picture (%(said)s)."),
    _("the camera gives no picture just now: try again in a moment."),
    _("the preview is switched off (camera.preview in config.yaml)."),
    _("%(note)s; the compact reader is used instead."),
    _("its answer cannot be understood; check the address"),
    _("its pictures are incomplete"),
    _("its picture has no end"),
    _("what it sends is no picture, or too large a one"),
    _("it answers with no picture"),
    _("the lens sees the room"),
    _("the picture is black: the lights are out, or the lens is covered"),
    _("nothing stands out in the picture: the lens is covered, or too near to something"),
    _("the camera has sent the same picture for long: switch it off and on"),
    # What is wrong with the language model that reads sentences.
    _(
        "the language model at %(address)s %(more)s; the %(reader)s reader reads new sentences, next try "
        "in %(number)s s"
    ),
    _(
        "%(number)s requests an hour (mood.llm.per_hour) are used up; the %(reader)s reader reads new "
        "sentences, next try in %(number2)s s"
    ),
    _("cannot be reached (%(more)s)"),
    _("gave no answer within %(number)s s"),
    _("sent too much, or too slowly"),
    _("refused with status %(number)s"),
    _("refused with status %(number)s (%(detail)s)"),
    _("needs a key, and %(name)s is not set in the environment"),
    _("needs a key, and what %(name)s holds cannot be one"),
    _("gave an answer that was cut off at its length"),
    _("gave an answer without words"),
    _("sent something that is no chat completion"),
    _("gave a wrong %(name)s (%(detail)s)"),
    _("did not answer in JSON (%(detail)s)"),
    _("could not be asked (%(detail)s)"),
    # What is wrong with the library.
    _("there is no music in %(where)s (library.folders): playing the demo music"),
    _("no music folder is configured (library.folders): playing the demo music"),
    _("%(where)s does not answer (library.folders): playing the demo music"),
    _("%(where)s cannot be opened: %(said)s (library.folders): playing the demo music"),
    _("the name of %(name)s is not UTF-8, rename it (library.folders): playing the demo music"),
    _(
        "there is no music in %(where)s, and the demo music is not installed: set library.folders in "
        "config.yaml"
    ),
    _(
        "no music folder is configured, and the demo music is not installed: set library.folders in "
        "config.yaml"
    ),
    _("%(where)s does not answer, and the demo music is not installed: set library.folders in config.yaml"),
    _(
        "%(where)s cannot be opened: %(said)s, and the demo music is not installed: set library.folders in "
        "config.yaml"
    ),
    _("%(name)s cannot be read (%(said)s): check its disk"),
    _("the scan of the music folders failed inside the player (%(detail)s)"),
    _("the library could not take in %(name)s (%(said)s)."),
    _("the library could not take in %(name)s (%(said)s), and %(number)s more."),
    _("The library %(file)s is closed."),
    _("The library %(file)s is busy: try again."),
    _("The library %(file)s cannot be used (%(detail)s): %(said)s."),
    _("The library %(file)s cannot keep one entry (%(detail)s)."),
    _("The library %(file)s cannot be opened (%(detail)s): check the folder."),
    _(
        "The library %(file)s is damaged (%(detail)s) and another program has it open: it is mended once none"
        " has; restart the player if it runs."
    ),
    _("The library in %(where)s is being mended by another program: try again."),
    _("another program uses it, it is tried again"),
    _("it is damaged and will be rebuilt"),
    _("its disk is full, make room there"),
    _("the machine is short of memory, it is tried again"),
    _("check its disk"),
    _("check its disk, and who may write there"),
    _("check who may write there"),
    _("check its disk, locks do not work there"),
    _("it is tried again"),
    _("The process that analyses music cannot start: see its message above."),
    _("the machine is short of memory"),
    _("other programs keep the machine %(number)s%% busy"),
    _("%(name)s: 1 entry leads to no music that is here: %(examples)s"),
    _("%(name)s: %(number)s of %(number2)s entries lead to no music that is here: %(examples)s"),
    _("%(name)s: it names no music"),
    _("%(name)s: this is no M3U or PLS playlist; save it as M3U"),
    _("the station at %(name)s"),
    _("the mood given to %(name)s"),
    # What is wrong with the machine.
    _("%(said)s The music plays, but what it learns is forgotten at the next start of this machine."),
    _("there is no home folder to keep the state in (HOME is not set); set state_dir."),
    _("%(folder)s cannot be created (%(said)s); set another state_dir."),
    _("%(folder)s cannot be written to; set another state_dir or change its owner."),
    _("%(folder)s cannot be written to (%(said)s); make room on its disk."),
    _("%(folder)s cannot be written to (%(said)s); set another state_dir."),
    _("%(file)s is too long a name for a socket; commands find the player all the same."),
    _("%(said)s Commands find the player on %(file)s."),
    _("%(said)s The music plays, but takes no commands."),
    _("cannot listen on %(file)s (%(said)s); see control.socket."),
    _("There is no control socket: the page and the API have nobody to ask."),
    _("The page and the API cannot be reached: %(said)s"),
    _("Other programs and the desktop cannot reach the player: %(said)s"),
    _("The broker has ended the connection; it is tried again."),
    _("The broker at %(address)s, port %(number)s has ended the connection; it is tried again."),
    _("If that goes on: each player there needs its own mqtt.base_topic."),
    _("If that goes on: each room needs its own fleet.room."),
    _("If that goes on: another hub is at this broker, too."),
    _(
        "The broker at %(address)s, port %(number)s refuses the player; see %(key)s.user and"
        " %(key2)s.password."
    ),
    _("The broker at %(address)s, port %(number)s refuses the connection (%(said)s)."),
    _("The broker at %(address)s, port %(number)s does not answer; see %(key)s.host."),
    _(
        "No broker can be reached at %(address)s, port %(number)s (%(said)s); see %(key)s.host and"
        " %(key2)s.port."
    ),
    _("Nobody knows a machine called %(name)s; see %(key)s.host."),
    _("The broker's certificate is not believed (%(said)s); see %(key)s.tls and %(key2)s.ca_file."),
    _("The broker at %(address)s, port %(number)s does not speak TLS; see %(key)s.port and %(key2)s.tls."),
    _(
        "The certificate of the broker at %(address)s, port %(number)s has expired: renew it there, or set "
        "this machine's clock if it is wrong."
    ),
    _(
        "The certificate of the broker at %(address)s, port %(number)s is not valid yet: set this machine's "
        "clock, or make a new one."
    ),
    _(
        "The certificate of the broker at %(address)s, port %(number)s is for another name; see "
        "%(key)s.host, or make it for this one."
    ),
    _(
        "The certificate of the broker at %(address)s, port %(number)s is of an authority that this machine "
        "does not know; see %(key)s.ca_file."
    ),
    _(
        "What answers at %(address)s, port %(number)s ends the connection at once: it is no broker, or it "
        "takes no more connections (max_connections of mosquitto)."
    ),
    _(
        "The broker at %(address)s, port %(number)s does not let this user write to %(topic)s; see its "
        "access list and %(key)s.user."
    ),
    _(
        "The broker at %(address)s, port %(number)s does not let this user read %(topic)s; see its access "
        "list and %(key)s.user."
    ),
    _("The broker at %(address)s, port %(number)s does not take what is for %(topic)s (code %(number2)s)."),
    _("the hub's database cannot be used (%(said)s): see its disk."),
    _("What answers at %(address)s, port %(number)s is no broker; see %(key)s.port and %(key2)s.tls."),
    _("%(key)s.ca_file cannot be read (%(said)s)."),
    _("The player does not answer."),
    _("The music plays, and nothing of it is heard."),
    _("there is no speech program: sudo apt install espeak-ng, or name one in announcements.voice.command."),
    _("%(name)s could not say that: %(more)s."),
    _("it wrote no file"),
    _("it wrote too much"),
    _("it took more than %(number)s s"),
    _("listening has just begun"),
    _("no microphone is connected"),
    _("there is no microphone called %(name)s"),
    _("%(name)s is the music's own output and no microphone"),
    _("the microphone gives no sound: is it plugged in?"),
    _("PulseAudio cannot be asked for the microphone (%(said)s)"),
    _("it is not known where the music comes out: only PulseAudio and PipeWire can say"),
    _("it ended with %(number)s"),
    _("it cannot be started (%(said)s)"),
    _("that cannot be spoken (%(said)s)."),
    _("that cannot be said now: %(said)s."),
    _("too many are waiting"),
    _("there is no such file"),
    _("a spoken announcement"),
    _("it is being said"),
    _("it waits for its turn"),
    _(
        "No snapserver answers at %(address)s, port %(number)s (%(said)s); "
        "see snapcast.host and snapcast.port."
    ),
    _("What answers at %(address)s, port %(number)s is no snapserver; see snapcast.port."),
    _("The snapserver at %(address)s, port %(number)s has no stream %(name)s; see snapcast.stream."),
    _("No sound comes to the snapserver's stream %(name)s; see docs/snapcast.md for its pipe."),
    _("The music is left for Snapcast, and nobody plays it: no client is connected to the stream %(name)s."),
    _("The music is left for Snapcast, and nobody hears it: every client of the stream %(name)s is muted."),
    _(
        "MPD's programs cannot reach the player on %(address)s, port %(number)s (%(said)s); see mpd.listen "
        "and mpd.port."
    ),
    _("anybody could drive it: set a password with `ambient-player web password`"),
    _(
        "Too many of MPD's programs are connected (at most %(number)s, and %(number2)s from one address): "
        "the next one takes the place of one that has not given the password, or finds none; "
        "end some of them."
    ),
    _("no process can be started (%(said)s)."),
    _("its process ended; it is restarted."),
    _("its process hung; it is restarted."),
    _(
        "port %(number)s of %(address)s is in use, by another program or another player on this machine; "
        "give this player another web.port."
    ),
    _("cannot listen on %(address)s, port %(number)s (%(said)s); see web.listen and web.port."),
    _("%(file)s cannot be read (%(said)s): nobody gets in."),
    _("%(file)s is damaged: nobody gets in; set the passwords again with `%(command)s`."),
    _("There is no backup of today: %(said)s It is tried again in an hour."),
    _("%(file)s cannot be written (%(said)s); make room on its disk."),
    _("%(file)s cannot be written (%(said)s); check that it is there, and who may write to it."),
    _("%(file)s is there already and is no backup: it stays as it is. Name another file."),
    _("%(folder)s (backup.folder) is not there: plug its disk in, or name another."),
    _("%(folder)s (backup.folder) does not answer: look at its disk or network, or name another."),
    _("The library %(file)s cannot be copied (%(said)s)."),
    _("No space left on device"),
    _("Permission denied"),
    _("Read-only file system"),
    _("No such file or directory"),
    _("Input/output error"),
    _("Connection refused"),
    _("No route to host"),
    _("Name or service not known"),
    _("Address already in use"),
    _("Cannot allocate memory"),
    _("Too many open files"),
    # What a command answers, or why it is refused.
    _("staff may set the volume from %(number)s to %(number2)s; for %(number3)s, ask the owner."),
    _("%(command)s is for the owner; you are here as staff."),
    _("nothing was pinned"),
    _("it is closed, but the music plays until the next closing"),
    _("a sentence cannot be read now (%(said)s); a mood's name can be."),
    _("a picture cannot be read now (%(said)s)."),
    _("another picture is being read: try again in a moment."),
    _("the venue has no closing time: set hours in config.yaml, or pin for a time such as 1h."),
    _("no mood is said there: write a name (`ambient-player moods`) or a sentence."),
    _(
        "say what the music should be, not what it should not ('%(word)s'): for example lively, or a sunny "
        "afternoon in the garden."
    ),
    _("say what the room is like, not what it is not ('%(word)s'): for example quiet."),
    _(
        "no mood was recognised there: say it in other words, for example 비 오는 일요일 아침 or a lively "
        "evening, or type a name (`ambient-player moods` lists them)."
    ),
    _("Too many event streams are open; close some, or try again later."),
    _("no track of the library is playing that could be judged: try again when one does."),
    _("nothing plays that has other places, as a station has none: try again with a track."),
    _("there is no play with the number %(number)s."),
    _("the library does not know %(title)s any more: it cannot be judged."),
    _("The player does not answer at present; it comes back by itself, or see its log."),
    _("The player is busy with other commands; try again."),
    _("The player did not answer %(command)s in time; try again."),
    _("there is no track with the number %(number)s."),
    _(
        "the web interface does not start on %(address)s without a password: anybody could drive the "
        "player. Set one with `ambient-player web password`, or set web.listen to 127.0.0.1 and "
        "web.proxies to []."
    ),
    _(
        "the web interface does not start behind a proxy without a password: anybody could drive the "
        "player. Set one with `ambient-player web password`, or set web.listen to 127.0.0.1 and "
        "web.proxies to []."
    ),
)
