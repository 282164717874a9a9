//! What `--help` tells, in the chosen language

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};
use unicode_width::UnicodeWidthStr;

use crate::lang::{self, Language, tell};

/// The command line with its texts
///
/// Around them clap writes words of its own, and breaks lines only where there are spaces: so what it makes of them is
/// for English alone.
pub(super) fn worded(command: Command) -> Command {
    let mut command = with_texts(command, ROOT).mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        with_texts(sub, &name)
    });
    if lang::chosen() == Language::English {
        return command;
    }
    command.build();
    let command = command.mut_subcommands(with_page);
    with_page(command)
}

/// What the messages of the whole program are called instead of the name of a command
const ROOT: &str = "lanchat";

fn with_texts(command: Command, name: &str) -> Command {
    let about = text(&about_id(name));
    let command = match name {
        ROOT => command.long_about(format!("{about}\n\n{}", tell!("help-start"))),
        _ => command,
    };
    let examples = text(&examples_id(name));
    command.about(about).after_help(examples).mut_args(|arg| {
        let help = text(&option_id(name, &arg));
        match value_name(&arg) {
            Some(name) => arg.help(help).value_name(name),
            None => arg.help(help),
        }
    })
}

fn text(id: &str) -> String {
    lang::message(lang::chosen(), id, Vec::new())
}

fn about_id(command: &str) -> String {
    format!("about-{command}")
}

fn examples_id(command: &str) -> String {
    format!("examples-{command}")
}

fn option_id(command: &str, arg: &Arg) -> String {
    let name = arg.get_id().as_str().replace('_', "-");
    if command == ROOT { format!("option-{name}") } else { format!("of-{command}-{name}") }
}

fn choice_id(arg: &Arg, choice: &str) -> String {
    format!("choice-{}-{choice}", arg.get_id())
}

/// The name of an option's value, which has to say what is meant
fn value_name(arg: &Arg) -> Option<String> {
    Some(match arg.get_value_names()?.first()?.as_str() {
        "NAME" => tell!("value-name"),
        "NICK" => tell!("value-nick"),
        "P" => tell!("value-port"),
        "IF" => tell!("value-interface"),
        "IP[:PORT]" => tell!("value-peer"),
        "IP:PORT" => tell!("value-address"),
        "DIR" => tell!("value-directory"),
        "FILE" => tell!("value-file"),
        "LANG" => tell!("value-language"),
        "TIME" => tell!("value-time"),
        "TEXT" => tell!("value-text"),
        "N" => tell!("value-number"),
        "BOOL" => tell!("value-switch"),
        "WAIT" => tell!("value-wait"),
        other => other.to_owned(),
    })
}

fn with_page(command: Command) -> Command {
    let page = page(&command);
    command.override_help(page)
}

/// All that is to be known of a command, in lines that fit on a terminal
fn page(command: &Command) -> String {
    let is_help = command.get_name() == "help";
    let is_root = command.get_name() == ROOT;
    let about = command.get_long_about().or_else(|| command.get_about());
    let about =
        if is_help { tell!("help-about-help") } else { about.map(ToString::to_string).unwrap_or_default() };
    let mut page = format!("{about}\n\n{}\n", tell!("help-usage", usage = usage(command)));
    if is_root {
        let _ = write!(page, "\n{}\n{}", tell!("help-commands"), commands(command));
    }
    let arguments = command.get_arguments().filter(|arg| !arg.is_global_set());
    let (positional, own): (Vec<_>, Vec<_>) =
        arguments.filter(|arg| !is_of_clap(arg)).partition(|arg| arg.is_positional());
    if !positional.is_empty() {
        let _ = write!(page, "\n{}\n{}", tell!("help-arguments"), options(&positional));
    }
    if is_help {
        return page;
    }
    let _ = write!(page, "\n{}\n{}", tell!("help-options"), options(&own));
    page += &entry("-h, --help", &tell!("help-help"), &[]);
    if is_root {
        page += &entry("-V, --version", &tell!("help-version"), &[]);
    }
    let globals: Vec<_> = command.get_arguments().filter(|arg| arg.is_global_set()).collect();
    let _ = write!(page, "\n{}\n{}", tell!("help-global-options"), options(&globals));
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    page + &format!("\n{examples}\n")
}

fn is_of_clap(arg: &Arg) -> bool {
    ["help", "version"].contains(&arg.get_id().as_str())
}

fn usage(command: &Command) -> String {
    let name = command.get_name();
    match name {
        ROOT => format!("{ROOT} {} {}", tell!("help-some-options"), tell!("help-some-command")),
        "help" => format!("{ROOT} help {}", tell!("help-some-command")),
        _ => {
            let positional = command.get_positionals().map(|arg| format!(" {arg}")).collect::<String>();
            format!("{ROOT} {name} {}{positional}", tell!("help-some-options"))
        }
    }
}

fn commands(command: &Command) -> String {
    let width = command.get_subcommands().map(|sub| sub.get_name().len()).max().unwrap_or_default();
    let line = |sub: &Command| {
        let about = match sub.get_name() {
            "help" => tell!("help-about-help"),
            _ => sub.get_about().map(ToString::to_string).unwrap_or_default(),
        };
        format!("  {:width$}  {about}\n", sub.get_name())
    };
    command.get_subcommands().map(line).collect()
}

fn options(args: &[&Arg]) -> String {
    let described = |arg: &&Arg| {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let mut name = arg.to_string();
        if let (Some(short), true) = (arg.get_short(), arg.get_long().is_some()) {
            name = format!("-{short}, {name}");
        }
        entry(&name, &help, &notes(arg))
    };
    args.iter().map(described).collect()
}

/// Where else an option is set, what it is otherwise, and what it can be
fn notes(arg: &Arg) -> Vec<String> {
    let mut notes = Vec::new();
    let takes_value = !matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count);
    if let Some(variable) = arg.get_env() {
        notes.push(tell!("help-variable", name = %variable.to_string_lossy()));
    }
    if let (Some(value), true) = (arg.get_default_values().first(), takes_value) {
        notes.push(tell!("help-default", value = %value.to_string_lossy()));
    }
    let mut choices = if takes_value { arg.get_possible_values() } else { Vec::new() };
    choices.retain(|choice| !choice.is_hide_set());
    if choices.iter().any(|choice| choice.get_help().is_some()) {
        let described = |name: &str| tell!("help-choice", name = name, help = text(&choice_id(arg, name)));
        notes.extend(choices.iter().map(|choice| described(choice.get_name())));
    } else if !choices.is_empty() {
        let names: Vec<_> = choices.iter().map(|choice| choice.get_name()).collect();
        notes.push(tell!("help-choices", names = names.join(&tell!("list-comma"))));
    }
    notes
}

fn entry(name: &str, help: &str, notes: &[String]) -> String {
    let gap = tell!("help-gap");
    let mut lines: Vec<String> = help.lines().map(str::to_owned).collect();
    for note in notes {
        match lines.last_mut() {
            Some(line) if INDENT.len() + line.width() + gap.width() + note.width() <= COLUMNS => {
                *line += &gap;
                *line += note;
            }
            _ => lines.push(note.clone()),
        }
    }
    lines.iter().fold(format!("  {name}\n"), |entry, line| entry + INDENT + line + "\n")
}

const INDENT: &str = "      ";
const COLUMNS: usize = 80;

/// The messages that are found by what the options are called
#[cfg(test)]
pub(crate) fn ids() -> Vec<String> {
    use clap::CommandFactory;

    let command = super::Cli::command();
    let all =
        [(ROOT, &command)].into_iter().chain(command.get_subcommands().map(|sub| (sub.get_name(), sub)));
    all.flat_map(|(name, command)| {
        let options = command.get_arguments().map(|arg| option_id(name, arg));
        let choices = command.get_arguments().flat_map(|arg| {
            let choices = arg.get_possible_values().into_iter().filter(|choice| choice.get_help().is_some());
            choices.map(|choice| choice_id(arg, choice.get_name())).collect::<Vec<_>>()
        });
        let own = [about_id(name), examples_id(name)];
        own.into_iter().chain(options).chain(choices).collect::<Vec<_>>()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    /// Whoever reads the code and whoever reads the help are to be told the same
    #[test]
    fn the_texts_are_those_of_the_code() {
        let (plain, worded) = (Cli::command(), worded(Cli::command()));
        let pairs = plain.get_subcommands().zip(worded.get_subcommands()).chain([(&plain, &worded)]);
        for (plain, worded) in pairs {
            let told = |command: &Command| {
                let args = command.get_arguments();
                let helps: Vec<_> = args
                    .map(|arg| (arg.get_help().cloned(), arg.get_value_names().map(<[_]>::to_vec)))
                    .collect();
                ([command.get_about(), command.get_long_about()].map(|about| about.cloned()), helps)
            };
            assert_eq!(told(plain), told(worded), "{}", plain.get_name());
            for arg in plain.get_arguments() {
                for choice in arg.get_possible_values() {
                    let told = text(&choice_id(arg, choice.get_name()));
                    assert!(choice.get_help().is_none_or(|help| help.to_string() == told), "{told}");
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_beside_the_help_stands_below() {
        let notes = ["[one]".to_owned(), "[two]".to_owned()];
        assert_eq!(entry("--a", "help", &notes), "  --a\n      help [one] [two]\n");
        let long = "选".repeat(36);
        assert_eq!(entry("--a", &long, &notes), format!("  --a\n      {long}\n      [one] [two]\n"));
    }
}
