//! Typing what nobody may see

use std::{borrow::Cow, io};

use lanchat_protocol::{RoomCode, RoomName};
use rustyline::{
    ColorMode, Config, Editor, Helper,
    completion::Completer,
    config::Configurer,
    error::ReadlineError,
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    history::MemHistory,
    validate::Validator,
};
use unicode_width::UnicodeWidthStr;

use crate::{
    lang::{Told as _, tell},
    platform::terminal::HiddenTyping,
    rooms::code::weakness,
};

/// A line editor that can hide what is typed
pub(super) type LineEditor = Editor<Mask, MemHistory>;

/// What was typed when a code was asked for
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A code; a weak one was confirmed
    Code(RoomCode),
    /// Nothing, where that was offered
    Nothing,
    /// Ctrl-C or Ctrl-D
    Cancelled,
}

/// Asks for the code of a room on the terminal, before anything else is typed there
///
/// # Errors
/// When standard input and output are not a terminal that the editor can use
pub fn ask_for_code(room: &RoomName) -> io::Result<Answer> {
    ask_with(&mut editor()?, room, &tell!("code-prompt", room = room.as_str()), false)
}

/// Asks whether a room is a private one, by its code
pub(super) fn ask_whether_private(editor: &mut LineEditor, room: &RoomName) -> io::Result<Answer> {
    ask_with(editor, room, &tell!("code-prompt-any"), true)
}

pub(super) fn editor() -> io::Result<LineEditor> {
    let config = Config::builder().build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history).map_err(io::Error::other)?;
    editor.set_helper(Some(Mask::default()));
    Ok(editor)
}

fn ask_with(
    editor: &mut LineEditor,
    room: &RoomName,
    prompt: &str,
    may_be_empty: bool,
) -> io::Result<Answer> {
    ask(room, prompt, may_be_empty, |prompt, visibility| match visibility {
        Visibility::Hidden => {
            let _hidden = HiddenTyping::start();
            mask(editor, true);
            let typed = read(editor, prompt);
            mask(editor, false);
            typed
        }
        Visibility::Shown => read(editor, prompt),
    })
}

/// Whether what is typed can be seen
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visibility {
    Hidden,
    Shown,
}

fn ask(
    room: &RoomName,
    usual: &str,
    may_be_empty: bool,
    mut read: impl FnMut(&str, Visibility) -> io::Result<Option<String>>,
) -> io::Result<Answer> {
    let mut prompt = usual.to_owned();
    loop {
        let Some(typed) = read(&prompt, Visibility::Hidden)? else { return Ok(Answer::Cancelled) };
        if may_be_empty && typed.trim().is_empty() {
            return Ok(Answer::Nothing);
        }
        let code = match RoomCode::new(&typed) {
            Ok(code) => code,
            Err(error) => {
                prompt = tell!("code-prompt-again", error = error.told(), prompt = usual);
                continue;
            }
        };
        let Some(cost) = weakness(&code, room) else { return Ok(Answer::Code(code)) };
        let question = tell!("code-weak-question", cost = cost);
        match read(&question, Visibility::Shown)? {
            None => return Ok(Answer::Cancelled),
            Some(answer) if answer.trim().eq_ignore_ascii_case("yes") => return Ok(Answer::Code(code)),
            Some(_) => usual.clone_into(&mut prompt),
        }
    }
}

fn read(editor: &mut LineEditor, prompt: &str) -> io::Result<Option<String>> {
    loop {
        match editor.readline(prompt) {
            Ok(line) => return Ok(Some(line)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(None),
            // The window changed its size.
            Err(ReadlineError::Signal(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

fn mask(editor: &mut LineEditor, is_on: bool) {
    if let Some(mask) = editor.helper_mut() {
        mask.is_on = is_on;
    }
    // Where colours are switched off, nothing would be masked.
    editor.set_color_mode(if is_on { ColorMode::Forced } else { ColorMode::Enabled });
}

/// Shows spaces instead of what is typed while it is on
#[derive(Debug, Default)]
pub(super) struct Mask {
    is_on: bool,
}

impl Highlighter for Mask {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.is_on { Cow::Owned(" ".repeat(line.width())) } else { Cow::Borrowed(line) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.is_on && kind != CmdKind::MoveCursor
    }
}

impl Completer for Mask {
    type Candidate = String;
}

impl Hinter for Mask {
    type Hint = String;
}

impl Validator for Mask {}

impl Helper for Mask {}

#[cfg(test)]
mod tests {
    use super::*;

    const STRONG: &str = "7c9e6679f0b84c1a9d3be2f5a6071d48";

    fn attic() -> RoomName {
        RoomName::new("attic").unwrap()
    }

    fn code(code: &str) -> Answer {
        Answer::Code(RoomCode::new(code).unwrap())
    }

    /// What comes of typing these lines, and the prompts that they answer; Ctrl-D at the end
    fn typing(lines: &[&str], may_be_empty: bool) -> (Answer, Vec<(String, Visibility)>) {
        let (mut lines, mut prompts) = (lines.iter(), Vec::new());
        let answer = ask(&attic(), "code: ", may_be_empty, |prompt, visibility| {
            prompts.push((prompt.to_owned(), visibility));
            Ok(lines.next().map(ToString::to_string))
        });
        (answer.unwrap(), prompts)
    }

    #[test]
    fn a_strong_code_is_taken_without_a_word_and_typed_unseen() {
        let (answer, prompts) = typing(&[STRONG], false);
        assert_eq!((answer, prompts), (code(STRONG), vec![("code: ".to_owned(), Visibility::Hidden)]));
    }

    #[test]
    fn a_weak_code_is_taken_only_when_its_cost_is_accepted() {
        let (answer, prompts) = typing(&["secret", "yes"], false);
        assert_eq!(answer, code("secret"));
        assert!(prompts[1].0.contains("0.25 s and 64 MiB a guess"), "{prompts:?}");
        let (answer, prompts) = typing(&["secret", "", STRONG], false);
        assert_eq!((answer, prompts[2].0.as_str()), (code(STRONG), "code: "));
        assert_eq!(typing(&["secret"], false).0, Answer::Cancelled);
    }

    #[test]
    fn nothing_is_an_answer_only_where_it_is_offered() {
        assert_eq!(typing(&[" "], true).0, Answer::Nothing);
        let (answer, prompts) = typing(&[" ", STRONG], false);
        assert_eq!(answer, code(STRONG));
        assert!(prompts[1].0.contains("at least one visible character; code: "), "{prompts:?}");
        assert_eq!(typing(&[], true).0, Answer::Cancelled);
    }

    #[test]
    fn the_mask_hides_every_character() {
        let hidden = Mask { is_on: true };
        assert_eq!(hidden.highlight("張x", 0), "   ");
        assert!(
            hidden.highlight_char("x", 0, CmdKind::Other)
                && hidden.highlight_char("x", 0, CmdKind::ForcedRefresh)
        );
        assert_eq!(Mask::default().highlight("x", 0), "x");
    }
}
