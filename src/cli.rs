//! The command line as it is typed

mod generated;
mod help;
mod mistake;
mod number;
mod raw;
mod room;

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{
    ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::FalseyValueParser, parser::ValueSource,
};
use clap_complete::Shell;
use jiff::SignedDuration;

use crate::lang::tell;

pub use generated::{completions, manual};
#[cfg(test)]
pub(crate) use help::ids;
pub use mistake::sentence;
pub use raw::{PlainUdpOptions, RawArgs, USUAL_PORT};
pub use room::RoomOptions;

/// A chat room for a local network that needs no server, no account and no set-up
///
/// Start it on several machines of one network: they find each other and are in the same room. A line typed is said
/// to all, /msg NAME TEXT whispers, /help lists more.
#[derive(Clone, Debug, Parser)]
#[command(name = "lanchat", version)]
pub struct Cli {
    /// Options of every command
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; chat when left out
    #[command(subcommand)]
    pub action: Option<Action>,
}

impl Cli {
    /// Reads the arguments, the first of which is the program's own name, and the variables
    ///
    /// # Errors
    /// When they make no sense, or help was asked for
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let matches = help::worded(Self::command()).try_get_matches_from(args)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if matches.value_source("room") == Some(ValueSource::EnvVariable) {
            let rooms = cli.globals.room.iter().flat_map(|rooms| rooms.split_whitespace());
            cli.globals.room = rooms.map(str::to_owned).collect();
        }
        let is_typed = |option| matches.value_source(option) == Some(ValueSource::CommandLine);
        match (is_typed("json"), is_typed("plain")) {
            (true, false) => cli.globals.plain = None,
            (false, true) => cli.globals.json = None,
            (true, true) | (false, false) => {}
        }
        Ok(cli)
    }
}

/// Options of every command: before or after it, as a variable, or in the config file
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
    /// The room to be in; repeat it for more, the first is where what you type is said; in the variable with spaces between
    /// them [default: when you chat those of the last time, else lobby]
    #[arg(long, global = true, env = "LANCHAT_ROOM", value_name = "NAME")]
    pub room: Vec<String>,
    /// Whether the room is private
    #[command(flatten)]
    pub privacy: RoomOptions,
    /// What others call you [default: the profile, the login or the machine]
    #[arg(long, global = true, env = "LANCHAT_NAME", value_name = "NICK")]
    pub name: Option<String>,
    /// The UDP port that all of the room share [default: 25252]
    #[arg(long, global = true, env = "LANCHAT_PORT", value_name = "P", value_parser = number::port)]
    pub port: Option<u16>,
    /// Use this network interface only; repeat it for more [default: all but loopback]
    #[arg(long, global = true, env = "LANCHAT_INTERFACE", value_name = "IF", value_delimiter = ',')]
    pub interface: Vec<String>,
    /// Also talk to this address, which broadcasts do not reach; repeat it for more
    #[arg(long, global = true, env = "LANCHAT_PEER", value_name = "IP[:PORT]", value_delimiter = ',')]
    pub peer: Vec<String>,
    /// The person to be: a key and a history [default: default]
    #[arg(long, global = true, env = "LANCHAT_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// The directory that holds the profiles
    #[arg(long, global = true, env = "LANCHAT_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// How to speak with programs that are not lanchat
    #[command(flatten)]
    pub raw: PlainUdpOptions,
    /// Be a new person and leave nothing on the disk
    #[arg(long, global = true, env = "LANCHAT_EPHEMERAL", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub ephemeral: Option<bool>,
    /// Print one JSON object a line
    #[arg(long, global = true, env = "LANCHAT_JSON", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub json: Option<bool>,
    /// Print plain lines, on a terminal too
    #[arg(long, global = true, env = "LANCHAT_PLAIN", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = FalseyValueParser::new())]
    pub plain: Option<bool>,
    /// How whispers and mentions call you while you look elsewhere: desktop, bell, both, or off [default: desktop,bell]
    #[arg(long, global = true, env = "LANCHAT_NOTIFY", value_name = "WAYS")]
    pub notify: Option<String>,
    /// Whether others see that you are typing [default: true]
    #[arg(long, global = true, env = "LANCHAT_TYPING", value_name = "BOOL", value_parser = FalseyValueParser::new())]
    pub typing: Option<bool>,
    /// Read this config file instead of the usual one
    #[arg(long, global = true, env = "LANCHAT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The language: en or zh-CN [default: that of the locale]
    #[arg(long, global = true, env = "LANCHAT_LANG", value_name = "LANG")]
    pub lang: Option<String>,
    /// Tell on standard error what goes on; repeat it for more
    #[arg(short, long, global = true, env = "LANCHAT_VERBOSE", action = ArgAction::Count)]
    pub verbose: u8,
}

/// A command
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// List who is here
    Peers(PeersArgs),
    /// Say a line to all, or whisper it to one, and end
    Send(SendArgs),
    /// Print what is said, without saying anything
    Listen(ListenArgs),
    /// Print what was said before, as far as it is kept here
    History(HistoryArgs),
    /// Find out why somebody is not seen
    Doctor(DoctorArgs),
    /// Talk in plain UDP with netcat, network debug assistants, scripts and devices
    Raw(RawArgs),
    /// Stay in the rooms without a window, for those that you open
    Daemon,
    /// Print your name, id and profile
    Id,
    /// Print what a shell needs to complete commands and options
    Completions(CompletionsArgs),
    /// Print the manual page
    Man(ManArgs),
}

/// Options of `completions`
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL", value_parser = clap::builder::EnumValueParser::<Shell>::new())]
    pub shell: Shell,
}

/// Options of `man`
#[derive(Clone, Debug, Args)]
pub struct ManArgs {
    /// That of a command
    #[arg(value_name = "COMMAND", value_parser = generated::commands())]
    pub command: Option<String>,
}

/// Options of `peers`
#[derive(Clone, Debug, Args)]
pub struct PeersArgs {
    /// How long to look, such as 500ms or 3s
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub timeout: Duration,
}

/// Options of `send`
#[derive(Clone, Debug, Args)]
pub struct SendArgs {
    /// Whisper it to this one only: a name, NAME~abcd or an id
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// When to end: once it is sent, or once the other side has it
    #[arg(long, value_enum, default_value_t = Wait::Sent)]
    pub wait: Wait,
    /// How long to try, such as 500ms or 1m
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = duration)]
    pub timeout: Duration,
    /// What to say; several words are joined by spaces, and - is each line of standard input
    #[arg(required = true, value_name = "TEXT")]
    pub text: Vec<String>,
}

/// When `send` is done
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wait {
    /// It is on the network
    Sent,
    /// The recipient has acknowledged it
    Delivered,
}

/// Options of `listen`
#[derive(Clone, Debug, Args)]
pub struct ListenArgs {
    /// End after so many lines and whispers
    #[arg(long, value_name = "N", value_parser = number::count)]
    pub count: Option<u64>,
    /// Print what was said before, too, as it becomes known
    #[arg(long)]
    pub past: bool,
    /// Run this command for each line and whisper, with its JSON event on standard input
    #[arg(long, value_name = "CMD")]
    pub exec: Option<String>,
    /// How long to listen, such as 30s or 5m; forever when left out
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// Options of `history`
#[derive(Clone, Debug, Args)]
pub struct HistoryArgs {
    /// Only what has this text in it, in upper or lower case
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// Only whispers from and to this one: a name, NAME~abcd or an id
    #[arg(long, value_name = "NAME")]
    pub with: Option<String>,
    /// Only so many lines and whispers, the newest; 0 for all
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
}

/// Options of `doctor`
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// How long to look, 3s at least: longer where much is lost
    #[arg(long, value_name = "TIME", default_value = "6s", value_parser = duration)]
    pub timeout: Duration,
}

/// Reads `500ms`, `3s`, `1m 30s`, or a bare number of seconds
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<u32>().ok().map(|seconds| Duration::from_secs(seconds.into()));
    let parsed =
        || text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    seconds
        .or_else(parsed)
        .filter(|duration| *duration <= MAX_DURATION)
        .ok_or_else(|| tell!("duration-wrong"))
}

const MAX_DURATION: Duration = Duration::from_secs(366 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &str) -> Result<Cli, clap::Error> {
        Cli::read(std::iter::once("lanchat").chain(args.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        for args in ["--room attic --json peers --timeout 2s", "peers --timeout 2 --json --room attic"] {
            let cli = parse(args).unwrap();
            assert_eq!((cli.globals.room, cli.globals.json), (vec!["attic".to_owned()], Some(true)));
            assert!(
                matches!(cli.action, Some(Action::Peers(args)) if args.timeout == Duration::from_secs(2))
            );
        }
    }

    #[test]
    fn a_switch_can_be_switched_off() {
        assert_eq!(parse("peers").unwrap().globals.json, None);
        assert_eq!(parse("--json=false --ephemeral=0 peers").unwrap().globals.json, Some(false));
        assert!(parse("--json --plain=no send hi").unwrap().action.is_some());
    }

    #[test]
    fn options_that_repeat_add_up() {
        let cli =
            parse("--interface lo --interface eth0 --peer 198.18.0.2,198.18.0.3:7 --room a --room b,c -vv")
                .unwrap();
        assert_eq!(cli.globals.room, ["a", "b,c"]);
        assert_eq!(cli.globals.interface, ["lo", "eth0"]);
        assert_eq!(cli.globals.peer, ["198.18.0.2", "198.18.0.3:7"]);
        assert_eq!(cli.globals.verbose, 2);
        assert!(cli.action.is_none());
    }

    #[test]
    fn send_takes_its_words_and_its_waiting() {
        let cli = parse("send --to bob --wait delivered --timeout 500ms hi there").unwrap();
        let Some(Action::Send(send)) = cli.action else { panic!("not send") };
        assert_eq!((send.to.as_deref(), send.wait), (Some("bob"), Wait::Delivered));
        assert_eq!((send.timeout, send.text.join(" ").as_str()), (Duration::from_millis(500), "hi there"));
    }

    #[test]
    fn listen_leaves_the_past_out_unless_asked() {
        for (args, past) in [("listen --count 1", false), ("listen --past", true)] {
            assert!(matches!(parse(args).unwrap().action, Some(Action::Listen(args)) if args.past == past));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for args in [
            "send",
            "--port 0",
            "--port 70000",
            "peers --timeout soon",
            "peers --timeout -1s",
            "listen --count 0",
            "dance",
        ] {
            assert!(parse(args).is_err(), "{args}");
        }
    }

    #[test]
    fn every_command_has_an_example() {
        let command = help::worded(Cli::command());
        let examples = command.get_subcommands().map(|sub| (sub.get_name(), sub.get_after_help()));
        for (name, help) in examples {
            assert!(help.unwrap().to_string().contains(&format!("lanchat {name}")), "{name}");
        }
    }
}
