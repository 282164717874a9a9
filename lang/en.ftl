# What lanchat says, in English: the language that the others follow. CONTRIBUTING.md has what to keep in mind.

## The language itself

language-unknown = there is no language { $given } here: write en or zh-CN

## Lists

list-comma = ,{" "}
list-or = {" "}or{" "}
list-and = {" "}and{" "}

## The help of the command line

about-lanchat = A chat room for a local network that needs no server, no account and no set-up
about-peers = List who is here
about-send = Say a line to all, or whisper it to one, and end
about-listen = Print what is said, without saying anything
about-history = Print what was said before, as far as it is kept here
about-doctor = Find out why somebody is not seen
about-raw = Talk in plain UDP with netcat, network debug assistants, scripts and devices
about-daemon = Stay in the rooms without a window, for those that you open
about-id = Print your name, id and profile
about-completions = Print what a shell needs to complete commands and options
about-man = Print the manual page

help-start = Start it on several machines of one network: they find each other and are in the same room. A line typed is said to all, /msg NAME TEXT whispers, /help lists more.
help-about-help = Print this help, or that of a command
help-usage = Usage: { $usage }
help-some-options = [OPTIONS]
help-some-command = [COMMAND]
help-commands = Commands:
help-arguments = Arguments:
help-options = Options:
help-global-options = Options of every command:
help-help = Print help
help-version = Print version
help-gap = {" "}
help-variable = [env: { $name }]
help-default = [default: { $value }]
help-choices = [possible values: { $names }]
help-choice = [{ $name }: { $help }]

option-room = The room to be in; repeat it for more, the first is where what you type is said; in the variable with spaces between them [default: when you chat those of the last time, else lobby]
option-private = The room is private, of several all but the lobby: a code is asked for, unless this profile was in the room before
option-room-code-file = The room, or the only one of several that is not the lobby, is private, and this file holds its code
option-weak-code = Take a code from a file although it can be guessed
option-name = What others call you [default: the profile, the login or the machine]
option-port = The UDP port that all of the room share [default: 25252]
option-interface = Use this network interface only; repeat it for more [default: all but loopback]
option-peer = Also talk to this address, which broadcasts do not reach; repeat it for more
option-profile = The person to be: a key and a history [default: default]
option-data-dir = The directory that holds the profiles
option-raw-port = Chatting or listening: also show plain text sent to this UDP port, as lines of guests
option-raw-relay = Say the lines of guests into the room, as quotes of yours
option-raw-encoding = The encoding of plain text [default: auto]
option-ephemeral = Be a new person and leave nothing on the disk
option-json = Print one JSON object a line
option-plain = Print plain lines, on a terminal too
option-typing = Whether others see that you are typing [default: true]
option-notify = How whispers and mentions call you while you look elsewhere: desktop, bell, both, or off [default: desktop,bell]
option-config = Read this config file instead of the usual one
option-lang = The language: en or zh-CN [default: that of the locale]
option-verbose = Tell on standard error what goes on; repeat it for more

of-completions-shell = For which shell
of-man-command = That of a command
of-peers-timeout = How long to look, such as 500ms or 3s
of-send-to = Whisper it to this one only: a name, NAME~abcd or an id
of-send-wait = When to end: once it is sent, or once the other side has it
choice-wait-sent = It is on the network
choice-wait-delivered = The recipient has acknowledged it
of-send-timeout = How long to try, such as 500ms or 1m
of-send-text = What to say; several words are joined by spaces, and - is each line of standard input
of-listen-count = End after so many lines and whispers
of-listen-past = Print what was said before, too, as it becomes known
of-listen-exec = Run this command for each line and whisper, with its JSON event on standard input
of-listen-timeout = How long to listen, such as 30s or 5m; forever when left out
of-history-search = Only what has this text in it, in upper or lower case
of-history-with = Only whispers from and to this one: a name, NAME~abcd or an id
of-history-limit = Only so many lines and whispers, the newest; 0 for all
of-doctor-timeout = How long to look, 3s at least: longer where much is lost
of-raw-bind = The address and port to listen on and to send from, or one of them [default: 0.0.0.0:8899; any port when TEXT is given]
of-raw-encoding = The encoding of the text: utf-8, gbk, gb18030, big5, shift_jis, euc-kr, windows-1251, … [default: auto, which reads UTF-8 or what is usual in your locale, and answers as it was spoken to]
of-raw-to = Whom to send to
of-raw-listen-only = Only show what arrives
of-raw-crlf = End each line with a carriage return and a line feed, as many devices expect
of-raw-text = Send this and end; several words are joined by spaces

# What stands for the value of an option
value-name = NAME
value-nick = NICK
value-port = P
value-interface = IF
value-peer = IP[:PORT]
value-address = IP:PORT
value-directory = DIR
value-file = FILE
value-language = LANG
value-time = TIME
value-text = TEXT
value-number = N
value-switch = BOOL
value-wait = WAIT

examples-lanchat =
    Examples:
      lanchat                             chat in the lobby
      lanchat --room attic --name alice   chat in the attic as alice
      lanchat --room attic --private      chat in a private room, whose code is asked for
      lanchat --room lobby --room attic   chat in two rooms at once
      lanchat --profile bob               a second person on the same machine
      lanchat peers                       who is here?
      lanchat send "dinner is ready"      say a line and end
examples-peers =
    Example:
      lanchat peers --room attic --timeout 3s
examples-send =
    Examples:
      lanchat send "dinner is ready"
      lanchat send --to bob --wait delivered "call me"
      tail -f /var/log/syslog | lanchat send -
examples-listen =
    Examples:
      lanchat listen --json --count 1 --timeout 1m
      lanchat listen --exec 'jq -r .text | festival --tts'
examples-history =
    Examples:
      lanchat history --search dinner
      lanchat history --limit 0 --json >lobby.jsonl   export all
examples-doctor =
    Examples:
      lanchat doctor
      lanchat doctor --room attic --private --timeout 20s
examples-raw =
    Examples:
      lanchat raw --encoding gbk --to 198.18.0.2:8899   talk to a script that speaks GBK
      lanchat raw --to 198.18.0.2:9999 "hello"           send one datagram and end
examples-daemon =
    Examples:
      lanchat daemon -v
      systemctl --user enable --now lanchat   with contrib/lanchat.service
examples-id =
    Example:
      lanchat id --profile bob
examples-completions =
    Example:
      lanchat completions bash > ~/.local/share/bash-completion/completions/lanchat
examples-man =
    Examples:
      lanchat man > ~/.local/share/man/man1/lanchat.1
      lanchat man send > ~/.local/share/man/man1/lanchat-send.1

## Mistakes on the command line

usage-mistake = { $mistake }; --help tells more
usage-tip = { $mistake }; { $tip }
usage-unknown-argument = unexpected argument '{ $argument }' found
usage-unknown-command = unrecognized subcommand '{ $command }'
usage-missing = the following required arguments were not provided: { $arguments }
usage-repeated = the argument '{ $argument }' cannot be used multiple times
usage-conflict = the argument '{ $argument }' cannot be used with '{ $other }'
usage-conflicts = the argument '{ $argument }' cannot be used with: { $others }
usage-no-value = a value is required for '{ $argument }' but none was supplied
usage-value = invalid value '{ $value }' for '{ $argument }'
usage-value-because = invalid value '{ $value }' for '{ $argument }': { $reason }
usage-possible = { $mistake } [possible values: { $values }]
usage-too-many = unexpected value '{ $value }' for '{ $argument }' found; no more were expected
usage-utf8 = invalid UTF-8 was detected in one or more arguments
usage-other = these arguments do not go together
usage-quoted = '{ $name }'
usage-similar-command =
    { $count ->
        [one] a similar subcommand exists: { $names }
       *[other] some similar subcommands exist: { $names }
    }
usage-similar-argument =
    { $count ->
        [one] a similar argument exists: { $names }
       *[other] some similar arguments exist: { $names }
    }
usage-similar-value =
    { $count ->
        [one] a similar value exists: { $names }
       *[other] some similar values exist: { $names }
    }

duration-wrong = write it like 500ms, 3s or 2m, at most a year
number-empty = cannot parse integer from empty string
number-digit = invalid digit found in string
number-large = number too large to fit in target type
number-small = number too small to fit in target type
number-port = { $given } is not in 1..=65535
number-count = { $given } is not in 1..18446744073709551615

## Names, rooms and texts

name-empty = a name needs at least one visible character
name-long = a name has at most { $most } bytes of UTF-8, this one has { $bytes }: choose a shorter one
name-invisible = a name cannot contain the invisible character U+{ $code }: leave it out
room-name-empty = a room's name needs at least one character
room-name-long = a room's name has at most { $most } bytes of UTF-8, this one has { $bytes }: choose a shorter one
room-name-blank = a room's name cannot contain spaces or invisible characters: write it as one word
room-code-empty = a room's code needs at least one visible character
room-code-long = a room's code has at most { $most } bytes of UTF-8, this one has { $bytes }: choose a shorter one
text-empty = there is nothing to say: type some text
text-long = a line has at most { $most } bytes of UTF-8, this one has { $bytes }: say it in several
reaction-empty = a reaction needs an emoji or a word
reaction-long = a reaction has at most { $most } bytes of UTF-8, this one has { $bytes }: choose a shorter one
reaction-blank = a reaction is one emoji or one word: leave out spaces and invisible characters
topic-empty = a topic needs at least one character
topic-long = a topic has at most { $most } bytes of UTF-8, this one has { $bytes }: write a shorter one
note-empty = a note needs at least one character
note-long = a note has at most { $most } bytes of UTF-8, this one has { $bytes }: write a shorter one

## What the system says

system-number = { $what } (os error { $number })
system-not-found = No such file or directory
system-permission = Permission denied
system-exists = File exists
system-no-directory = Not a directory
system-directory = Is a directory
system-read-only = Read-only file system
system-full = No space left on device
system-no-text = stream did not contain valid UTF-8
system-pipe = Broken pipe
system-in-use = Address already in use
system-no-address = Cannot assign requested address
system-unreachable = Network is unreachable
system-network-down = Network is down
system-memory = Cannot allocate memory
system-in-use-file = database is locked
system-cannot-open = unable to open database file
system-corrupt = file is not a database

## Settings: options, variables and the config file

settings-name = --name cannot be used: { $error }
settings-room = --room cannot be used: { $error }
settings-one-code = --room-code-file is for one private room: name that one, and /join the others
settings-rooms = --room was given too often: { $most } rooms at once are enough
settings-private-lobby = the lobby is open to all: name a private room with --room NAME, or leave its code out
settings-notify = --notify cannot be used: { $error }
notify-no-way = { $way } is no way to notify anybody: say desktop, bell, desktop,bell or off
settings-profile = --profile cannot be used: take 1 to 32 letters, digits, - or _
settings-peer = --peer { $given } is no IPv4 address: write it like 198.18.0.2 or 198.18.0.2:25253
settings-encoding = --raw-encoding cannot be used: { $error }
settings-relay = --raw-relay has nothing to relay: add --raw-port P, or leave it out
settings-room-port = UDP port { $port } is the room's own: take another --raw-port
settings-lang = --lang cannot be used: { $error }
settings-two-formats = --json and --plain exclude each other: leave out one (LANCHAT_JSON and LANCHAT_PLAIN count, too)
config-unreadable = the config file { $file } cannot be read ({ $reason }): mend it, or name another with --config
config-invalid = the config file { $file } cannot be used, line { $line }: { $message }
config-two-formats = json and plain exclude each other
config-port = { $key } cannot be 0
config-line = { $line } makes no sense there
config-retention = retention.{ $key } has to be a number from { $least } to { $most }

## The network

port-held = UDP port { $port } is held by a program that does not share it: stop that program, or choose another with --port
port-refused = UDP port { $port } cannot be opened ({ $reason }): choose another with --port
interface-unknown = there is no interface { $name }: choose with --interface from { $known }
interfaces-unknown = the network interfaces cannot be listed ({ $reason }): check what this program is permitted to do
raw-port-taken = UDP port { $port } is taken on { $ip }: stop the program that holds it, or take another port
raw-address-foreign = { $ip } is no address of this machine: take one that it has, or 0.0.0.0 for all
raw-address-refused = { $bind } cannot be opened ({ $reason }): take another address or port
raw-elsewhere = { $to } is not on { $interfaces }: choose another --interface, or leave it out
raw-no-network = there is no network to broadcast on: connect one, or choose another --interface or address
raw-failed = it could not be sent to { $to } ({ $reason }): check the address and the network

## Profiles and rooms

profile-in-use = { $holder } uses the profile { $name }: take another with --profile NAME, or none with --ephemeral
profile-garbage = { $file } is no lanchat key: put the right file there, move it away to become a new person, or use --profile NAME
profile-exposed = other users of this machine have access to the key { $file }: take it from them with `{ $remedy }`, or be somebody else with --profile NAME
profile-unreadable = { $file } cannot be read ({ $reason }): mend its permissions, or use --profile NAME or --ephemeral
profile-unwritable = { $file } cannot be written ({ $reason }): mend that, choose another place with --data-dir DIR, or use --ephemeral
profile-homeless = there is no home directory to keep a profile in: name a place with --data-dir DIR, or use --ephemeral
profile-random = the system gives no random numbers for a key ({ $reason }): try again later
profile-holder = another lanchat (process { $pid })
profile-some-holder = another lanchat
daemon-ephemeral = a daemon is of a profile, which others attach to: leave --ephemeral out
window-version = another version of lanchat runs this profile (process { $pid }): end that first, or take another profile with --profile NAME
window-other-port = this profile is on port { $port } already, and you ask for { $wanted }: leave --port out, or be somebody else there with --ephemeral
window-other-room = you are in another room of the name { $room } at the moment, which has not the same code: leave that first
window-silent = the lanchat that runs this profile does not answer: end it, or take another profile with --profile NAME
window-lost = nobody is in the rooms for you at the moment ({ $reason }): it is tried again every two seconds
code-weak = by trying, this code is found in about { $duration } on one core (0.25 s and 64 MiB a guess, some 2^{ $bits } codes)
duration-billion-years = { $number } billion years
duration-million-years = { $number } million years
duration-years = { $number } years
duration-days = { $number } days
duration-hours = { $number } hours
duration-minutes = { $number } minutes
duration-seconds = { $number } seconds
code-unreadable = the code file { $file } cannot be read ({ $reason }): name another
code-unusable = the code file { $file } cannot be used: { $reason }
code-unwritable = the code cannot be written to { $file } ({ $reason }): name a file that is not there yet
code-random = the system gives no random numbers for a code ({ $reason }): try again later
room-key-memory = a room's key cannot be derived, which takes 64 MiB of memory: end some other programs and try again
keys-exposed = other users of this machine have access to the keys of rooms in { $file }: take them from them with `{ $remedy }`, and if somebody may have copied them, make the rooms anew
keys-unreadable = { $file } cannot be read ({ $reason }): mend its permissions, or give the room's code with --room-code-file FILE
keys-unwritable = the room's key cannot be kept in { $file } ({ $reason }): mend that, or give the code again next time
not-a-place = this is not the order of a line: use one as it came

## The history

store-newer = { $file } was written by a newer lanchat: use that one, or take --profile NAME or --ephemeral
store-older = { $file } was written by an older lanchat: start this one once, without a command
store-damaged = { $file } is damaged: start lanchat once, which moves it aside and begins a new one
store-unusable = { $file } cannot be used ({ $reason }): mend that, choose another place with --data-dir DIR, or use --ephemeral
store-thread = the system starts no more threads ({ $reason }): end some other programs and try again
history-ephemeral = with --ephemeral there is no history: leave it out
history-usual-profile = leave --profile out to be the usual person
history-other-profiles = take { $options }
history-no-profile = there is no profile called { $name }: { $remedy }
history-room = in { $room }
history-no-match = nothing that is kept of { $room } matches
history-empty = nothing is kept of { $room } yet: what is said while lanchat runs will be here

## Plain datagrams

raw-address = { $given } is no IPv4 address with its port: write it like 198.18.0.2:8899
raw-encoding-unknown = there is no encoding { $given }: name one such as auto, utf-8, gbk, gb18030, big5, shift_jis, euc-kr or windows-1251
raw-replaced = { $charset } has no { $lost }, so ? was sent instead: take another encoding, if they read it, or other words
raw-long = that line has { $bytes } bytes in { $charset } and was not sent: a datagram carries at most { $most }, say it in several
raw-usage-to = /to IP:PORT
raw-usage-all = /all TEXT or /all PORT TEXT
raw-no-target = there is nobody to send it to yet: /to IP:PORT sets a target, /all TEXT sends to everybody
raw-nobody-to-answer = nothing has arrived that could be answered: /to IP:PORT sets a target
raw-help =
    TEXT             send it to the target
    /to IP:PORT      take another target
    /reply TEXT      answer who sent last; without TEXT they become the target
    /all TEXT        broadcast it on every interface; /all PORT TEXT to another port
    /hex             show the bytes of what arrives, or no longer
    /encoding NAME   auto, utf-8, gbk, gb18030, big5, shift_jis, euc-kr, windows-1251, …
    /quit            end
    /help            this list
    //TEXT           send a line that starts with a slash
raw-with-bind = { $error }, with --bind IP:PORT
raw-line-long = a line of over { $bytes } bytes was left out: a datagram carries at most { $most }, say it in several

## The commands

output-failed = standard output cannot be written ({ $reason }): check where it is redirected to
offline = there is no network to talk on: connect one and run it again
no-signals = the system does not let lanchat hear signals: end some other programs and try again
no-thread = the system starts no more threads: end some other programs and try again
who =
    name     { $name }
    id       { $id }
    profile  { $profile }
listen-some = { $heard } of { $count } lines came in time: allow more with --timeout
listen-skipped =
    { $count ->
        [one] the command was not run for 1 line, since too many came for it
       *[other] the command was not run for { $count } lines, since too many came for it
    }
listen-none = nothing was said in time: allow more with --timeout
peers-interrupted = interrupted before anybody answered: run it again
peers-nobody = nobody answered in room { $room } within { $timeout }: start lanchat on another machine of this network, and let UDP port { $port } through its firewall
peers-nobody-private = nobody answered with this code in room { $room } within { $timeout }: start lanchat on another machine of this network, and let UDP port { $port } through its firewall
send-one-room = a line is said in one room: name one with --room NAME
room-not-opened = the room could not be opened ({ $reason }): try again
lobby-is-open = the lobby is open to all: give the private room another name
code-refused = { $cost }: take one that /room new makes, or insist with --weak-code
code-unknown = { $room } is private and its code is not known here: give it with --room-code-file FILE
code-not-given = no code, no way into { $room }: run it again to give one
code-not-typed = no code can be typed here ({ $reason }): give it with --room-code-file FILE
send-to-all-delivered = only whispers are acknowledged: add --to NAME, or leave out --wait delivered
send-no-input = standard input cannot be read
send-line-too-long = line { $number } is too long: at most { $bytes } bytes can be read
send-unreadable = reading stopped: { $reason }
send-lines-left =
    { $count ->
        [one] 1 line did not get where it was to go within { $timeout }
       *[other] { $count } lines did not get where they were to go within { $timeout }
    }
send-expired = it was not delivered: try again later
send-waits = { $to } has not acknowledged it within { $timeout }: it waits up to 7 days for you both to run lanchat
send-unheard = { $to } has not acknowledged it within { $timeout }: try again later
send-unsaid = it could not be said within { $timeout }: try again later
send-not-here = { $to } was not here within { $timeout }: start lanchat there, or allow more with --timeout
send-nobody-private = nobody answered with this code within { $timeout }: start lanchat there, or allow more with --timeout
send-nobody = nobody was here within { $timeout }: start lanchat there, or allow more with --timeout
send-interrupted = interrupted before it was said: run it again
send-interrupted-late = interrupted before the outcome was known: ask the other side

## The doctor

doctor-begins = looking around in { $room } on UDP port { $port } for { $time }
doctor-interrupted = looking around was interrupted
doctor-healthy =
    { $count ->
        [one] all is well: 1 other answers
       *[other] all is well: { $count } others answer
    }
doctor-nobody = nobody answers on UDP port { $port }, and nothing is wrong here that shows
doctor-look-there = start lanchat with the same room and port on another machine, and lanchat doctor, too; it should have an address in the network of { $own }, or be named: lanchat --peer ADDRESS
doctor-problems =
    { $count ->
        [one] 1 problem
       *[other] { $count } problems
    }
doctor-interface = { $name } has { $addr }/{ $prefix }: what is sent to all goes to { $broadcast }, and comes back
doctor-down = { $name } has { $addr }, but is down
doctor-two-only = { $name } has { $addr }, but leads to one machine only, as a VPN does: nobody is found there without --peer
doctor-no-broadcast = { $name } has { $addr }/{ $prefix }, a network without a broadcast address: nobody is found there
doctor-give-broadcast = give { $name } the prefix length that the other machines have, often 24; on Linux: sudo ip address add { $addr }/24 broadcast + dev { $name }
doctor-no-network = this machine has no network with an IPv4 address that lanchat can use: only programs on this machine are reached
doctor-connect = connect a cable or Wi-Fi, and look again; over IPv6 alone lanchat reaches nobody
doctor-cannot-send = { $name } with { $addr } cannot send: { $reason }
doctor-let-out = connect it again, or let out UDP ports { $first } to { $last } in the firewall of this machine
doctor-own-lost = what { $name } with { $addr } sends to all does not come back: something on this machine, probably a firewall, keeps out UDP port { $port }
doctor-open = allow UDP ports { $first } to { $last } in the firewall of this machine
doctor-open-there = on the machine of { $who }, open UDP ports { $first } to { $last }: lanchat doctor tells the command there
doctor-mend-here = first mend what is wrong on this machine, and look again
doctor-open-both = run lanchat doctor on the machine of { $who }: it tells the command that opens UDP ports { $first } to { $last }
doctor-firewall-rule = { $name } is active here, and may keep out what comes to UDP ports { $first } to { $last }: { $rule }
doctor-firewall-guess = { $name } is active here; that it keeps out what comes to UDP ports { $first } to { $last } would be a guess, as its rules were not read
doctor-firewall-unread = which firewall rule is in the way is not known, so the command is a guess; these two may tell more: sudo lanchat doctor, and sudo nft list ruleset
doctor-port-taken = UDP port { $port } is held by { $who }, which does not share it: lanchat cannot start
doctor-port-shared = UDP port { $port } is open in { $who } as well, which is all right: all of them hear what is sent to all
doctor-program = { $name } (process { $pid })
doctor-some-program = a program that this system does not name to you
doctor-end-holder = end it, or start lanchat with another --port in all of the room
doctor-find-holder = this tells which one: { $command }
doctor-dropped-once =
    { $count ->
        [one] { $who } did not read 1 datagram in time on UDP port { $port }, some time ago
       *[other] { $who } did not read { $count } datagrams in time on UDP port { $port }, some time ago
    }
doctor-dropping =
    { $count ->
        [one] { $who } did not read 1 datagram in time on UDP port { $port } just now
       *[other] { $who } did not read { $count } datagrams in time on UDP port { $port } just now
    }
doctor-busy = see what keeps this machine busy, or floods it
doctor-who = { $name } ({ $addr })
doctor-somebody = somebody at { $addr }
doctor-own-peer = { $who } is on this machine
doctor-peer = { $who } and this machine hear each other
doctor-peer-pinged = { $who } and this machine hear each other: { $answered } of { $sent } pings came back
doctor-peer-heard = { $who } is heard, and was not asked often enough to tell whether it hears this machine
doctor-no-answer = { $who } is heard, and answers nothing: probably a firewall there keeps out UDP ports { $first } to { $last }
doctor-no-answer-at = nobody answers at { $addr }
doctor-not-heard-by-peer = { $who } does not hear what this machine sends to all, though it answers what is sent to it alone: UDP port { $port } is closed there, or the network keeps it back
doctor-unicast-blocked = { $who } hears what this machine sends to all, but not what is sent to it alone: one of UDP ports { $first } to { $last } is closed there
doctor-answers-blocked = { $who } hears what this machine sends, but what it sends here of its own accord is kept out: a firewall here lets in only answers on UDP ports { $first } to { $last }
doctor-not-heard-here = { $who } hears this machine, but what it sends to all to UDP port { $port } does not come here
doctor-filtered = something between { $who } and this machine keeps back what is sent to all, as some access points do; until that is mended: lanchat --peer { $addr }
doctor-loss = { $lost }% of pings to { $who } are lost: about { $there }% of what is sent there, { $back }% of what comes back
doctor-loss-some = { $lost }% of pings to { $who } are lost
doctor-loss-remedy = lanchat repairs that, slowly; go nearer to the access point, or take a cable, and look again
doctor-clock =
    { $minutes ->
        [one] the clock of { $who } was 1 minute ahead of this machine's, when it started or before
       *[other] the clock of { $who } was { $minutes } minutes ahead of this machine's, when it started or before
    }
doctor-set-clocks = let both machines set their time by themselves: one of the two clocks is wrong
doctor-other-subnet = { $addr } is heard, but is not in the network of { $own }: it is on the same wire with an address of another network
doctor-same-subnet = connect both machines to the same network and let both get their addresses by themselves (DHCP); if a router leads there, name each other: lanchat --peer { $addr }
doctor-other-room = { $addr } is heard, but in another room
doctor-same-room = start both with the same --room, and if it is private with the same code

## Typing a code

code-prompt = code of { $room }:{" "}
code-prompt-any = code (empty for an open room, or for the code used before):{" "}
code-prompt-again = { $error }; { $prompt }
code-weak-question = { $cost }; "yes" takes it all the same, Enter lets you type another:{" "}

## People and what is shown of them

output-slow = { $count } lines were left out because the output was not read in time
events-left-out = { $count } events were left out because nobody took them in time: wait for the next one more often
person-unknown = nobody here is called { $wanted }: /peers lists who is here
person-ambiguous = { $count } people are called { $wanted }: use one of the ids { $ids }
person-key-changed =
    { $count ->
        [one] nothing is whispered to { $wanted }, because somebody else took that name with another key than the one that you know: say who is meant with /trust { $contact }, whom you know, or { $others }
       *[other] nothing is whispered to { $wanted }, because { $count } others took that name with another key than the one that you know: say who is meant with /trust { $contact }, whom you know, or { $others }
    }
person-blocked = { $label } is blocked: type /unblock { $label } first

## Typed commands

command-unknown = there is no command /{ $word }: /help lists them all, and // starts a line with a slash
command-incomplete = that command is incomplete: type { $usage }
command-object = that JSON object is no complete command ({ $reason }): the README lists them with their fields
input-failed = no more can be typed ({ $reason }): start lanchat again
type-msg = /msg NAME text
type-raw = /raw IP:PORT text
type-reply = /reply NAME text
type-edit = /edit TEXT
type-delete = /delete
type-react = /react NAME EMOJI
type-verify = /verify NAME
type-trust = /trust NAME
type-block = /block NAME
type-unblock = /unblock NAME
type-name = /name NEW
type-join = /join ROOM
type-room = /room new NAME
help =
    TEXT             say it to all
    /msg NAME TEXT   whisper to one (NAME, NAME~abcd or an id; a name with spaces in "quotes")
    /reply NAME TEXT answer NAME's last line; /edit TEXT says your last one anew; /delete asks all to forget it
    /react NAME :+1: react to NAME's last line with an emoji or a short word; - takes it back
    /received        who has your last line, and who has not
    /peers           who is here
    /away NOTE       tell that you are away, and why if you like; /back undoes it
    /topic TEXT      say what the room is about; alone: ask; - for nothing
    /verify NAME     the words that NAME and you compare aloud, to know that nobody is in between
    /trust NAME      the name means this key; once you have compared words, it is verified
    /block NAME      neither see nor answer NAME any more; /unblock NAME undoes it
    /blocked         who is blocked
    /name NEW        take another name
    /raw ADDR TEXT   send it as plain text to a program that is not lanchat, at IP:PORT
    /join ROOM       go to another room as well; its code is asked for (or: /join ROOM FILE, which holds it)
    /room new NAME   make a private room and its code, and go there
    /rooms           the rooms you are in; /part leaves this one, /part ROOM another
    /quit            say goodbye and end
    /help            this list
    //TEXT           say a line that starts with a slash
line-long = a line has at most { $most } bytes of UTF-8, this one has over { $bytes }: say it in several
room-not-there = you are not in { $room }: /rooms lists where you are
room-not-said = not said: you are not in the room that was asked for last; /join a room, or the one where you are
room-the-last = you are in no other room: /join ROOM goes to one first, /quit leaves lanchat
room-not-remembered = you were in the private room { $room }, and its code is not known here: /join { $room } asks for it
rooms-enough = { $most } rooms at once are enough: /part one of them first
code-not-shown = a new code is shown only where somebody types: name a file for it, /room new { $room } FILE

## What the session tells

history-damaged = the history was damaged and begins anew, and so does whom you know and block: what could not be read is in { $file }
only-this-machine = the network is gone: until it is back, only programs of this machine are heard
no-network = there is no network to talk on: connect one, it is used as soon as it is there
key-in-use = another lanchat at { $addr } speaks with the key of this profile: end one, or give it a --profile of its own
not-stored = the store cannot be written, so nothing that you say is sent: make room on the disk, or use --ephemeral
not-kept = the store cannot be written, so what others say is shown but not kept: make room on the disk
not-remembered = the store cannot be written, so whom you know or block now is forgotten when lanchat ends: make room on the disk and say it again
forked = { $name } said two different things in one place, what follows is not shown: ask them to start lanchat anew
whispers-many = too many whispers to { $name } are on their way: wait until some have arrived
guests-port-taken = { $error }, with --raw-port; lanchat itself has { $port } and up to 16 above
guests-left-out = { $count } lines of guests were not relayed: they send more than the room bears
alone-with-code = nobody answers with this code: others have another one, or are not here yet
nobody-blocked-called = nobody who is called { $wanted } is blocked: /blocked lists who is
name-robbed = somebody else calls themselves { $name }: nothing is whispered to that name until you say who is meant, with /trust { $contact }, whom you know, or /trust { $other }
name-shared = { $name } has your name: both are told apart by digits
name-of-contact = your name is that of { $name }, whom you know: /name NEW takes another
key-unknown = the key of nobody like that is known
line-of-nobody = { $name } has not said anything here lately: name the id of the line instead
line-not-yours = only who said a line can edit or delete it: /edit and /delete without an id are about your own last line
line-of-whisper = that is the id of a whisper, and all would read what you say about it: /msg NAME text whispers again
line-own-none = you have not said anything here lately: name the id of the line
line-not-here = no line with that id is known here: name the id of a line that you said in this room
emoji-unknown = there is no emoji called { $name }: put the emoji itself, or another code such as :+1:
no-randomness = the system gives no randomness: restart it
more-lines = … { $count } more lines
file-system-open = this file system hides nothing from others

## Lines for people

line-late = {" "}(late)
line-earlier = {" "}(earlier)
line-edited = {" "}(edited)
line-deleted = {" "}(deleted by its author)
line-unknown = an earlier line
line-gone = a deleted line
edited-line = { $name } edited { $line }
deleted-line = { $name } deleted { $line } (whoever has it may keep it)
reacted = { $name } reacted { $with } to { $line }
reactions-back = { $name } took back all reactions to { $line }
names-more = { $names } and { $count } more
received-nothing = you have not said anything here lately
received-one = { $name } has { $line }
received-all = all { $count } have { $line }
received-some = { $some } of { $all } have { $line }; not yet: { $names }
topic-set = { $name } set the topic: { $topic }
topic-taken = { $name } took the topic away
topic-by = the topic, set by { $name }: { $topic }
topic = the topic: { $topic }
topic-none = there is no topic: /topic TEXT sets one
you-whisper = you whisper to { $name }
whispers = { $name } whispers
guest = guest{" "}
alone = nobody else is here yet: start lanchat on another machine of this network, or here with --profile NAME
new-room-code = the code of { $room } is shown only once: { $code }
new-room-join = tell it to those who are to be here, in person or by phone: they type /join { $room }, then the code
here = you are { $name } in { $room }
here-private = you are { $name } in { $room } (private)
rooms-listed = what you type is said in the room with the star; /join ROOM goes to another
room-open =
    { $others ->
        [0] { $room }: nobody else
        [one] { $room }: 1 other
       *[other] { $room }: { $others } others
    }
room-private =
    { $others ->
        [0] { $room } (private): nobody else
        [one] { $room } (private): 1 other
       *[other] { $room } (private): { $others } others
    }
room-left = you have left { $room }
greeting = type to talk to all, /msg NAME text to whisper, /help for more, Ctrl-D to leave
delivery-queued = queued until they can be reached
delivery-sent = sent
delivery-delivered = delivered
delivery-expired = expired, it did not arrive
delivery = whisper to { $name }: { $outcome }
sent-again = what you say is sent again
known-blocked = blocked
known-verified = verified
known-pinned = pinned
known-away = away
known-away-note = away: { $note }
line = { $time } { $says }: { $text }
you-whisper-waiting = you whisper to { $name } (waiting)
you-whisper-expired = you whisper to { $name } (expired)
peer-joined = { $name } joined ({ $ip })
peer-left = { $name } left
peer-gone = { $name } is gone
peer-away-note = { $name } is away: { $note }
peer-away = { $name } is away
peer-back = { $name } is back
you-away = you are away
you-away-note = you are away: { $note }
you-back = you are back
peer-renamed = { $was } is now { $name }
somebody = somebody
others-none = nobody else is here
others =
    { $count ->
        [one] 1 other is here
       *[other] { $count } others are here
    }
earlier = earlier in { $room }
now = now in { $room }
more-earlier-kept =
    { $count ->
        [one] { $number } earlier line came in: lanchat history shows all
       *[other] { $number } earlier lines came in: lanchat history shows all
    }
more-earlier =
    { $count ->
        [one] { $number } earlier line came in, which lanchat does not show
       *[other] { $number } earlier lines came in, which lanchat does not show
    }
gap-over = all lines of { $name } are here now
gap =
    { $count ->
        [one] { $number } line of { $name } has not arrived
       *[other] { $number } lines of { $name } have not arrived
    }
contact-pinned = the name { $name } means { $who } from now on; /verify { $who } makes sure that it is they
contact-verified = { $who } is verified
contact-unpinned = the name { $name } does not mean { $who } any more
contact-blocked = { $who } is blocked: nothing of theirs is shown or answered until /unblock { $who }
contact-unblocked = { $who } is not blocked any more: what they say from now on is shown
verify-compare = compare these words with { $who }, aloud and not in this chat; /verify with your name shows them there:
verify-then = if all are the same, /trust { $who } notes it; if not, somebody stands in between
key-changed =
    WARNING: somebody else is called { $name } now, with another key than the { $contact } that you know.
    It may be the same person on another machine, or somebody who wants to pass for them.
    Ask them, not in this chat; /verify { $other } has words to compare.
    Nothing is whispered to that name until you say who is meant:
    {"  "} /trust { $contact }   the one whom you know; the other stays { $other }
    {"  "} /trust { $other }   the new one, from now on
blocked-nobody = nobody is blocked
blocked-list = blocked, until /unblock NAME:
day = { $weekday }, { $date }
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
raw-auto = UTF-8, else { $fallback }
raw-target = lines go to { $to }
raw-target-none = no target yet, /to IP:PORT sets one
raw-status = plain text on { $bind } in { $encoding }; { $target }
raw-status-hex = plain text on { $bind } in { $encoding }; { $target }; bytes are shown
raw-to = to { $to }
raw-empty = { $time } { $peer } sent an empty datagram
raw-sent-empty = { $time } { $peer } an empty datagram
not-verified = not verified
not-all-decoded = not all of it is { $encoding }
remarks = {" "}({ $remarks })
raw-more-bytes = … and { $count } bytes more, all of which --json shows

## Calls for whoever looks elsewhere

notice-whisper = { $who } whispers
notice-mention = { $who } in { $room }

## The full-screen interface

tui-starting = lanchat starts
tui-no-screen = the terminal cannot be drawn on ({ $reason }): run it with --plain
tui-new = new
tui-day =
    { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[other] Sunday
    }, { $date }
tui-gap =
    { $count ->
        [one] ⋯ 1 line of { $who } has not arrived
       *[other] ⋯ { $count } lines of { $who } have not arrived
    }
tui-joined =
    { $others ->
        [0] -- { $names } joined
        [one] -- { $names } and 1 other joined
       *[other] -- { $names } and { $others } others joined
    }
tui-left =
    { $others ->
        [0] -- { $names } left
        [one] -- { $names } and 1 other left
       *[other] -- { $names } and { $others } others left
    }
tui-gone =
    { $others ->
        [0] -- no sign of { $names } any more
        [one] -- no sign of { $names } and 1 other any more
       *[other] -- no sign of { $names } and { $others } others any more
    }
tui-went-away =
    { $others ->
        [0] -- away: { $names }
        [one] -- away: { $names } and 1 other
       *[other] -- away: { $names } and { $others } others
    }
tui-is-back =
    { $others ->
        [0] -- back: { $names }
        [one] -- back: { $names } and 1 other
       *[other] -- back: { $names } and { $others } others
    }
tui-earlier-line = an earlier line
tui-deleted = deleted by its author
tui-edited = (edited)
tui-late = (late)
tui-queued = (waits until they are here)
tui-sent = (on its way)
tui-delivered = ✓
tui-expired = (did not arrive)
tui-private = (private)
tui-with = { $who }, in { $room }
tui-people =
    { $count ->
        [one] 1 here
       *[other] { $count } here
    }
tui-you = ● { $name } (you)
tui-others = +{ $count }
tui-below =
    { $count ->
        [0] ↓ newer lines below: Esc goes there
        [one] ↓ 1 new line below: Esc goes there
       *[other] ↓ { $count } new lines below: Esc goes there
    }
tui-more-rows = … { $count } more rows; choose the line for all
tui-types = { $who } is typing…
tui-two-type = { $one } and { $two } are typing…
tui-many-type = { $count } people are typing…
tui-code = Type the code of { $room }, which nobody sees; nothing for an open room, or for the code used before.
tui-hint-code = Enter go there, alone if it has none · Esc back
tui-weak-code = { $cost }; yes takes it all the same, Enter lets you type another
tui-yes = yes y
tui-new-code = The code of { $room } is shown only once:
tui-new-code-then = Tell it to those who are to be here, in person or by phone: they type /join { $room }, then the code.
tui-hint-keys = ? help · Tab next conversation · Esc choose a line · PgUp back · Ctrl-F find
tui-hint-few-keys = ? keys · Ctrl-T lists · Esc choose
tui-hint-typing = Enter send · Tab complete · Alt-Enter new row · Ctrl-C clear
tui-hint-select = ↑↓ · r reply · x react · e edit · d delete · / find · Esc back
tui-hint-others = ↑↓ · r reply · x react · / find · Esc back
tui-hint-whispers = ↑↓ · / find · Esc back
tui-only-whispered = whispers cannot be answered one by one, edited, deleted or reacted to
tui-not-yours = only who said it can edit or delete it
tui-hint-all-have = everybody here has it
tui-hint-missing = not known to have it: { $names }
tui-hint-search = Enter or ↑ older · ↓ newer · Esc done
tui-hint-searching = looking further back…
tui-hint-not-found = nothing further back
tui-hint-help = ↑↓ PgUp PgDn · any other key closes
tui-part-which = here you talk with one person; /part ROOM leaves a room
tui-hint-new-room = write it down; Enter closes
tui-hint-leaving = Ctrl-C again leaves
tui-hint-reply = reply to { $line }
tui-hint-edit = say it anew; Esc leaves it as it was
tui-hint-react = react with an emoji, :name: or a word, - takes yours back: { $line }
tui-hint-delete = ask all to forget this, which nobody has to? Enter yes · Esc no · { $line }
tui-not-sent = NOT SENT: the disk takes nothing
tui-not-kept = NOT KEPT: the disk takes nothing
tui-only-this-machine = OFFLINE: only this machine
tui-offline = OFFLINE: no network
tui-repairing =
    { $count ->
        [one] 1 line missing, asking for it
       *[other] { $count } lines missing, asking for them
    }
tui-members =
    { $count ->
        [one] alone here
       *[other] { $count } here
    }
tui-you-are-away = you are away
tui-lost = { $count } not sent by this machine
tui-loss = { $percent }% lost on the way and repaired
tui-all-here = nothing missing
tui-ephemeral = nothing is kept
tui-help =
    Type a line and Enter says it to all. Nothing else needs to be known.

    Enter            send; Alt-Enter or Ctrl-J begins a new row; a paste is one message
    Tab              complete a name, a command, a room or :emoji:; once more for the next
    ↑ ↓              what you typed before
    Tab, Ctrl-N/P    next conversation, with nothing typed; Alt-1 to Alt-9 one of them
    Ctrl-G           to where somebody speaks to you, or something is new
    PgUp PgDn        back and forth in the conversation; Esc to its end
    Esc              choose a line: r reply, x react, e edit, d and Enter delete; who has it shows below
    Ctrl-F           find; Enter goes on to older lines
    Ctrl-T           show or hide the lists of rooms and people
    Ctrl-A E W U K Y  begin, end, cut a word, all before, all behind, put back; Ctrl-_ undoes
    Ctrl-C           clear the line; twice leaves; so does Ctrl-D
    Ctrl-Z           suspend, fg goes on; Ctrl-L draws anew

    @N counts lines that speak to you. 2/3: two of the three others have that line of yours.
    ○ somebody is away, ✓ somebody is verified.
