# What lanchat says, in English: the language that the others follow. CONTRIBUTING.md has what to keep in mind.

## The language itself

language-unknown = there is no language { $given } here: write en or zh-CN

## Settings

settings-lang = --lang cannot be used: { $error }

## The help of the command line

about-lanchat = A chat room for a local network that needs no server, no account and no set-up
about-peers = List who is here
about-send = Say a line to all, or whisper it to one, and end
about-listen = Print what is said, without saying anything
about-history = Print what was said before, as far as it is kept here
about-raw = Talk in plain UDP with netcat, network debug assistants, scripts and devices
about-id = Print your name, id and profile

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
help-variable = [env: { $name }]
help-default = [default: { $value }]
help-choices = [possible values: { $names }]
help-choice = [{ $name }: { $help }]

option-room = The room to be in [default: lobby]
option-private = The room is private: its code is asked for, unless this profile was in it before
option-room-code-file = The room is private, and this file holds its code
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
option-config = Read this config file instead of the usual one
option-lang = The language: en or zh-CN [default: that of the locale]
option-verbose = Tell on standard error what goes on; repeat it for more

of-peers-timeout = How long to look, such as 500ms or 3s
of-send-to = Whisper it to this one only: a name, NAME~abcd or an id
of-send-wait = When to end: once it is sent, or once the other side has it
choice-wait-sent = It is on the network
choice-wait-delivered = The recipient has acknowledged it
of-send-timeout = How long to try, such as 500ms or 1m
of-send-text = What to say; several words are joined by spaces
of-listen-count = End after so many lines and whispers
of-listen-past = Print what was said before, too, as it becomes known
of-listen-timeout = How long to listen, such as 30s or 5m; forever when left out
of-history-search = Only what has this text in it, in upper or lower case
of-history-with = Only whispers from and to this one: a name, NAME~abcd or an id
of-history-limit = Only so many lines and whispers, the newest; 0 for all
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
examples-listen =
    Example:
      lanchat listen --json --count 1 --timeout 1m
examples-history =
    Examples:
      lanchat history --search dinner
      lanchat history --limit 0 --json >lobby.jsonl   export all
examples-raw =
    Examples:
      lanchat raw --encoding gbk --to 198.18.0.2:8899   talk to a script that speaks GBK
      lanchat raw --to 198.18.0.2:9999 "hello"           send one datagram and end
examples-id =
    Example:
      lanchat id --profile bob

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
list-comma = ,{" "}

duration-wrong = write it like 500ms, 3s or 2m, at most a year
number-empty = cannot parse integer from empty string
number-digit = invalid digit found in string
number-large = number too large to fit in target type
number-small = number too small to fit in target type
number-port = { $given } is not in 1..=65535
number-count = { $given } is not in 1..18446744073709551615
