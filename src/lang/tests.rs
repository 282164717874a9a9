//! That the code and the languages have the same messages, with the same arguments

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};

use super::*;

/// The arguments of each message
type Messages = BTreeMap<String, BTreeSet<String>>;

#[test]
fn all_languages_have_the_same_messages_with_the_same_arguments() {
    let english = messages(Language::English);
    for language in Language::ALL {
        let messages = messages(language);
        for (id, arguments) in &english {
            assert_eq!(messages.get(id), Some(arguments), "{id} in {language}");
        }
        let more: Vec<_> = messages.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(more.is_empty(), "only in {language}: {more:?}");
    }
}

#[test]
fn what_the_code_says_is_there_and_what_is_there_is_said() {
    let english = messages(Language::English);
    let mut said: BTreeSet<String> = crate::cli::ids().into_iter().collect();
    assert!(said.iter().all(|id| english.contains_key(id)), "{said:?}");
    for call in calls() {
        let Some(arguments) = english.get(&call.id) else {
            panic!("{} is no message: {}", call.id, call.file)
        };
        assert_eq!(&call.arguments, arguments, "{} in {}", call.id, call.file);
        said.insert(call.id);
    }
    assert!(said.contains("language-unknown"), "nothing was found");
    let unsaid: Vec<_> = english.keys().filter(|id| !said.contains(*id)).collect();
    assert!(unsaid.is_empty(), "said by nobody: {unsaid:?}");
}

#[test]
fn chinese_has_chinese_punctuation() {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    for line in Language::Chinese.source().lines() {
        if line.starts_with('#') || line.trim_start().starts_with("lanchat ") {
            continue;
        }
        let characters: Vec<char> = line.chars().collect();
        for pair in characters.windows(2) {
            assert!(!(is_chinese(pair[0]) && ",.;:!?()\"".contains(pair[1])), "{line}");
            assert!(!(",;!?()\"".contains(pair[0]) && is_chinese(pair[1])), "{line}");
        }
    }
}

#[test]
fn arguments_stand_in_a_message_as_they_are() {
    let told = message(Language::Chinese, "language-unknown", vec![("given", "{ $x } \u{202a}嗨".into())]);
    assert!(told.contains("{ $x } \u{202a}嗨") && !told.contains('\u{2068}'), "{told}");
    assert!(told.chars().any(|c| c == '：'), "{told}");
}

#[test]
fn what_no_language_has_is_told_by_its_name() {
    assert_eq!(message(Language::Chinese, "no-such-message", Vec::new()), "no-such-message");
}

fn messages(language: Language) -> Messages {
    let resource =
        parser::parse(language.source()).unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
    assert!(language.tag().parse::<unic_langid::LanguageIdentifier>().is_ok());
    let mut messages = Messages::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let mut arguments = BTreeSet::new();
                collect(&message.value.unwrap(), &mut arguments);
                let id = message.id.name.to_owned();
                assert!(message.attributes.is_empty(), "{id} has attributes");
                assert!(messages.insert(id, arguments).is_none(), "{} is there twice", message.id.name);
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Term(_) | Entry::Junk { .. } => panic!("no message: {entry:?}"),
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(inline) => collect_inline(inline, arguments),
            Expression::Select { selector, variants } => {
                collect_inline(selector, arguments);
                variants.iter().for_each(|variant| collect(&variant.value, arguments));
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        arguments.insert(id.name.to_owned());
    } else {
        assert!(
            matches!(inline, InlineExpression::StringLiteral { .. }),
            "more than texts and arguments: {inline:?}"
        );
    }
}

/// One place where a message is said
struct Call {
    file: String,
    id: String,
    arguments: BTreeSet<String>,
}

fn calls() -> Vec<Call> {
    let mut files = Vec::new();
    find(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.iter().flat_map(|file| calls_in(file)).collect()
}

fn find(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => find(&path, files),
            false if path.ends_with("lang/tests.rs") => {}
            false => files.push(path),
        }
    }
}

fn calls_in(file: &Path) -> Vec<Call> {
    let text = fs::read_to_string(file).unwrap();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let macros = code.match_indices(BEGINNING).map(|(at, _)| code[at + BEGINNING.len()..].trim_start());
    let macros = macros.filter(|rest| rest.starts_with('"'));
    let call = |rest: &str| {
        let arguments = split(rest);
        let names = arguments.iter().skip(1).filter_map(|argument| argument.split_once('='));
        Call {
            file: file.display().to_string(),
            id: arguments[0].trim_matches('"').to_owned(),
            arguments: names.map(|(name, _)| name.trim().to_owned()).collect(),
        }
    };
    macros.map(call).collect()
}

const BEGINNING: &str = "tell!(";

/// What stands between the commas until the parenthesis is closed
fn split(rest: &str) -> Vec<&str> {
    let (mut depth, mut is_quoted, mut begin, mut parts) = (0, false, 0, Vec::new());
    let mut characters = rest.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if is_quoted => drop(characters.next()),
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                parts.push(rest[begin..at].trim());
                return parts;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(rest[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    panic!("not closed: {rest}")
}
