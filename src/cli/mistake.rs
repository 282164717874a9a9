//! What is wrong with a command line, in one sentence

use std::{error::Error as _, num::ParseIntError};

use clap::{
    Error,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::number;
use crate::lang::{self, Language, tell};

/// What is wrong with the command line, and what tells more
pub fn sentence(error: &Error) -> String {
    let mistake = mistake(error).unwrap_or_else(|| tell!("usage-other"));
    let clauses = [one_line(mistake.trim_end_matches('.'))].into_iter().chain(suggestions(error));
    let mistake = clauses.reduce(|mistake, tip| tell!("usage-tip", mistake = mistake, tip = tip));
    tell!("usage-mistake", mistake = mistake.unwrap_or_default())
}

fn mistake(error: &Error) -> Option<String> {
    let argument = || text(error, ContextKind::InvalidArg);
    let value = || text(error, ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument => Some(tell!("usage-unknown-argument", argument = argument()?)),
        ErrorKind::InvalidSubcommand => {
            Some(tell!("usage-unknown-command", command = text(error, ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingRequiredArgument => {
            Some(tell!("usage-missing", arguments = texts(error, ContextKind::InvalidArg).join(" ")))
        }
        ErrorKind::ArgumentConflict => conflict(error),
        ErrorKind::InvalidValue => {
            let mistake = match value()? {
                "" => tell!("usage-no-value", argument = argument()?),
                value => tell!("usage-value", value = value, argument = argument()?),
            };
            let possible = texts(error, ContextKind::ValidValue).join(&tell!("list-comma"));
            Some(match possible.as_str() {
                "" => mistake,
                possible => tell!("usage-possible", mistake = mistake, values = possible),
            })
        }
        ErrorKind::ValueValidation => {
            let (value, argument) = (value()?, argument()?);
            Some(tell!("usage-value-because", value = value, argument = argument, reason = reason(error)?))
        }
        ErrorKind::TooManyValues => Some(tell!("usage-too-many", value = value()?, argument = argument()?)),
        ErrorKind::InvalidUtf8 => Some(tell!("usage-utf8")),
        // With lanchat's options none of these can happen.
        ErrorKind::NoEquals
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => None,
    }
}

fn conflict(error: &Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    match text(error, ContextKind::PriorArg) {
        Some(other) if other == argument => Some(tell!("usage-repeated", argument = argument)),
        Some(other) => Some(tell!("usage-conflict", argument = argument, other = other)),
        None => {
            let others = texts(error, ContextKind::PriorArg).join(" ");
            Some(tell!("usage-conflicts", argument = argument, others = others))
        }
    }
}

/// Why a value cannot be; errors of lanchat's own say that in the chosen language
fn reason(error: &Error) -> Option<String> {
    let source = error.source()?;
    let number = source.downcast_ref::<ParseIntError>().map(number::unreadable);
    Some(number.unwrap_or_else(|| source.to_string()))
}

/// What may have been meant
fn suggestions(error: &Error) -> Vec<String> {
    let mut tips = Vec::new();
    let listed = |kind| {
        let quoted: Vec<_> =
            texts(error, kind).into_iter().map(|name| tell!("usage-quoted", name = name)).collect();
        (quoted.len(), quoted.join(&tell!("list-comma")))
    };
    match listed(ContextKind::SuggestedSubcommand) {
        (0, _) => {}
        (count, names) => tips.push(tell!("usage-similar-command", count = count, names = names)),
    }
    match listed(ContextKind::SuggestedArg) {
        (0, _) => {}
        (count, names) => tips.push(tell!("usage-similar-argument", count = count, names = names)),
    }
    match listed(ContextKind::SuggestedValue) {
        (0, _) => {}
        (count, names) => tips.push(tell!("usage-similar-value", count = count, names = names)),
    }
    // These come as finished English sentences, and none of them is the only hint.
    if let (Language::English, Some(ContextValue::StyledStrs(more))) =
        (lang::chosen(), error.get(ContextKind::Suggested))
    {
        tips.extend(more.iter().map(|tip| one_line(&tip.to_string())));
    }
    tips
}

fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    let Some(ContextValue::String(text)) = error.get(kind) else { return None };
    Some(text)
}

fn texts(error: &Error, kind: ContextKind) -> Vec<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text],
        Some(ContextValue::Strings(texts)) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_wrong_command_line_makes_one_line() {
        let said = |args: &[&str]| sentence(&Cli::read(args.iter().map(OsString::from)).unwrap_err());
        assert_eq!(
            said(&["lanchat", "--rooom", "x"]),
            "unexpected argument '--rooom' found; a similar argument exists: '--room'; --help tells more"
        );
        let missing = said(&["lanchat", "send"]);
        assert!(
            missing.contains("<TEXT>") && !missing.contains('\n') && !missing.contains("Usage"),
            "{missing}"
        );
    }

    #[test]
    fn in_english_it_is_what_clap_says() {
        for line in [
            "dance",
            "perrs",
            "p",
            "--rooom x",
            "-x",
            "--port 0",
            "--port x",
            "--port 70000",
            "--port=",
            "--port",
            "send",
            "send --wait x hi",
            "send --wait",
            "send --wait snt hi",
            "send --timeout soon hi",
            "peers hi",
            "listen --count 0",
            "listen --count 99999999999999999999",
            "listen --coun 1",
            "history --limit -1",
            "--json --json",
            "raw --listen-only --to 1.2.3.4:5 hi",
            "raw --listen-only hi",
            "raw --to x",
            "raw hi",
            "raw --encoding klingon",
            "--verbose=3",
            "-- peers",
            "send --room",
            "help dance",
            "peers --limit 3",
        ] {
            let words = std::iter::once("lanchat").chain(line.split_whitespace()).map(OsString::from);
            let error = Cli::read(words).unwrap_err();
            let rendered = one_line(&error.to_string());
            let theirs =
                rendered.split(" Usage:").next().and_then(|text| text.split(" For more information").next());
            let theirs = theirs.and_then(|text| text.strip_prefix("error: ")).unwrap();
            let theirs = theirs.trim_end_matches('.').replace(" tip: ", "; ");
            assert_eq!(sentence(&error), format!("{theirs}; --help tells more"), "{line}");
        }
    }
}
