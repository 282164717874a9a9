//! What a half-typed word may become: commands, people, rooms, emoji

use std::ops::Range;

use super::room::Person;
use crate::sanitize::clean;

/// What there is to choose from for the word before the cursor
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Completion {
    /// Where the word stands, in bytes
    pub(super) range: Range<usize>,
    pub(super) choices: Vec<Choice>,
    /// Which one stands in the line already
    pub(super) taken: Option<usize>,
    /// Whether it is shown before anybody asks
    pub(super) is_offered: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// What stands in the line then
    pub(super) text: String,
    /// What is listed
    pub(super) shown: String,
}

/// Who and what can be named
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) people: &'a [Person],
    /// Those of other rooms as well, and those who are not there now
    pub(super) anyone: &'a [&'a str],
    pub(super) rooms: &'a [&'a str],
    /// Whether only an emoji is asked for
    pub(super) only_emoji: bool,
}

/// The commands, and what follows them
const COMMANDS: [(&str, Argument); 23] = [
    ("msg", Argument::Anyone),
    ("reply", Argument::Person),
    ("react", Argument::Person),
    ("edit", Argument::Text),
    ("delete", Argument::None),
    ("received", Argument::None),
    ("peers", Argument::None),
    ("topic", Argument::Text),
    ("away", Argument::Text),
    ("back", Argument::None),
    ("name", Argument::Text),
    ("rooms", Argument::None),
    ("join", Argument::Room),
    ("part", Argument::Room),
    ("room", Argument::Text),
    ("verify", Argument::Anyone),
    ("trust", Argument::Anyone),
    ("block", Argument::Anyone),
    ("unblock", Argument::Anyone),
    ("blocked", Argument::None),
    ("raw", Argument::Text),
    ("help", Argument::None),
    ("quit", Argument::None),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Argument {
    None,
    Text,
    Person,
    /// Whatever room they are in
    Anyone,
    Room,
}

/// More than anybody looks through
const MAX_CHOICES: usize = 50;

/// What the word that ends here may become; nothing if nobody knows
pub(super) fn complete(text: &str, cursor: usize, known: Known<'_>) -> Option<Completion> {
    let before = &text[..cursor];
    if known.only_emoji {
        return emoji(before, 0, true);
    }
    if let Some(command) = before.strip_prefix('/').filter(|rest| !rest.starts_with('/')) {
        match command.split_once(' ') {
            None => return commands(command),
            Some((word, rest)) => match argument(word) {
                Argument::Person if !closes(rest) => return people(rest, cursor - rest.len(), " ", known),
                Argument::Anyone if !closes(rest) => {
                    return named(rest, cursor - rest.len(), " ", known.anyone.iter().copied());
                }
                Argument::Room => return rooms(rest, cursor - rest.len(), known),
                Argument::None | Argument::Text | Argument::Person | Argument::Anyone => {}
            },
        }
    }
    let start = before
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
    let word = &before[start..];
    if word.starts_with(':') {
        return emoji(word, start, false);
    }
    match word.strip_prefix('@') {
        Some(name) => people(name, start + 1, " ", known),
        None if word.is_empty() => None,
        None if start == 0 => people(word, start, ": ", known),
        None => people(word, start, " ", known).map(marked),
    }
}

/// Whether a name is typed already, with its quotes if it has some
fn closes(rest: &str) -> bool {
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.contains('"'),
        None => rest.contains(' '),
    }
}

fn argument(word: &str) -> Argument {
    COMMANDS.iter().find(|(command, _)| *command == word).map_or(Argument::Text, |(_, argument)| *argument)
}

fn commands(typed: &str) -> Option<Completion> {
    let fitting = COMMANDS.iter().filter(|(command, _)| command.starts_with(typed));
    let choices = fitting.map(|(command, argument)| {
        let space = if *argument == Argument::None { "" } else { " " };
        Choice { text: format!("/{command}{space}"), shown: format!("/{command}") }
    });
    found(0..typed.len() + 1, choices.collect(), true)
}

fn people(typed: &str, start: usize, after: &str, known: Known<'_>) -> Option<Completion> {
    named(typed, start, after, known.people.iter().map(|person| person.label.as_str()))
}

fn named<'a>(
    typed: &str,
    start: usize,
    after: &str,
    names: impl Iterator<Item = &'a str>,
) -> Option<Completion> {
    let typed_name = typed.trim_start_matches('"').to_lowercase();
    let is_meant = |name: &str| name.trim_start_matches('"').to_lowercase().starts_with(&typed_name);
    let fitting = names.filter(|name| is_meant(name));
    let choices = fitting.map(|name| Choice { text: format!("{name}{after}"), shown: name.to_owned() });
    found(start..start + typed.len(), choices.collect(), false)
}

/// In the midst of a line, a name counts only with its mark
fn marked(mut completion: Completion) -> Completion {
    completion.choices.iter_mut().for_each(|choice| choice.text.insert(0, '@'));
    completion
}

fn rooms(typed: &str, start: usize, known: Known<'_>) -> Option<Completion> {
    let fitting = known.rooms.iter().filter(|room| room.starts_with(typed));
    let choices = fitting.map(|room| Choice { text: (*room).to_owned(), shown: (*room).to_owned() });
    found(start..start + typed.len(), choices.collect(), true)
}

fn emoji(word: &str, start: usize, is_alone: bool) -> Option<Completion> {
    let typed = word.trim_start_matches(':').trim_end_matches(':').to_lowercase();
    if typed.is_empty() && !is_alone {
        return None;
    }
    if typed.is_empty() {
        let choices = USUAL.iter().filter_map(|code| emojis::get_by_shortcode(code)).map(choice);
        return found(start..start + word.len(), choices.collect(), true);
    }
    let has = |emoji: &&emojis::Emoji, is_meant: fn(&str, &str) -> bool| {
        emoji.shortcodes().any(|code| is_meant(code, &typed))
    };
    let begins = emojis::iter().filter(|emoji| has(emoji, |code, typed| code.starts_with(typed)));
    let contains = emojis::iter()
        .filter(|emoji| has(emoji, |code, typed| code.contains(typed) && !code.starts_with(typed)));
    let choices = begins.chain(contains).take(MAX_CHOICES).map(choice).collect();
    found(start..start + word.len(), choices, true)
}

/// What people react with most
const USUAL: [&str; 8] = ["+1", "heart", "joy", "tada", "open_mouth", "cry", "pray", "eyes"];

fn choice(emoji: &emojis::Emoji) -> Choice {
    let code = emoji.shortcode().unwrap_or_default();
    let shown = format!("{} :{code}:", clean(emoji.as_str()));
    Choice { text: emoji.as_str().to_owned(), shown }
}

fn found(range: Range<usize>, mut choices: Vec<Choice>, is_offered: bool) -> Option<Completion> {
    choices.truncate(MAX_CHOICES);
    (!choices.is_empty()).then_some(Completion { range, choices, taken: None, is_offered })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::sanitize::clean_name;

    fn choices(text: &str) -> Vec<String> {
        let person = |name: &str| Person {
            id: Uuid::nil(),
            label: clean_name(name),
            is_away: false,
            note: None,
            is_verified: false,
        };
        let people = ["bob", "Bobby", "Mary Ann", "张伟"].map(person);
        let known = Known {
            people: &people,
            anyone: &["bob", "Bobby", "\"Mary Ann\"", "张伟", "cleo"],
            rooms: &["lobby", "attic"],
            only_emoji: false,
        };
        let Some(completion) = complete(text, text.len(), known) else { return Vec::new() };
        let whole = |choice: Choice| {
            let mut text = text.to_owned();
            text.replace_range(completion.range.clone(), &choice.text);
            text
        };
        completion.choices.into_iter().map(whole).collect()
    }

    #[test]
    fn commands_and_what_they_take() {
        assert_eq!(choices("/jo"), ["/join "]);
        assert_eq!(choices("/join at"), ["/join attic"]);
        assert_eq!(choices("/msg b"), ["/msg bob ", "/msg Bobby "]);
        assert_eq!(choices("/msg c"), ["/msg cleo "], "who is elsewhere");
        assert_eq!(choices("/reply c"), [""; 0]);
        assert_eq!(choices("/msg m"), ["/msg \"Mary Ann\" "]);
        assert_eq!(choices("/msg \"Mar"), ["/msg \"Mary Ann\" "]);
        assert_eq!(choices("/msg bob hi 张"), ["/msg bob hi @张伟 "]);
        assert_eq!(choices("/block 张"), ["/block 张伟 "]);
        assert_eq!(choices("/dance"), [""; 0]);
    }

    #[test]
    fn people_are_spoken_to() {
        assert_eq!(choices("BOBB"), ["Bobby: "]);
        assert_eq!(choices("hi bobb"), ["hi @Bobby "]);
        assert_eq!(choices("hi @张"), ["hi @张伟 "]);
        assert_eq!(choices("hi "), [""; 0]);
    }

    #[test]
    fn emoji_have_short_codes() {
        assert_eq!(choices("nice :tada")[0], "nice 🎉");
        assert_eq!(choices(":+1")[0], "👍");
        assert_eq!(choices("at 10:3"), [""; 0]);
        assert_eq!(choices(":"), [""; 0]);
    }

    #[test]
    fn every_command_is_one() {
        for (command, _) in COMMANDS {
            let line = format!("/{command} new a b");
            assert!(crate::command::Command::parse(&line).is_ok() || command == "delete", "{line}");
        }
    }
}
