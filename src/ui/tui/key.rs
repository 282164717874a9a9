//! Keys as the interface knows them, whatever terminal library reads them

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// A key that was pressed, with what was held down
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Which
    pub code: Code,
    /// Whether Ctrl was held down
    pub ctrl: bool,
    /// Whether Alt was held down, or Esc typed before it
    pub alt: bool,
    /// Whether Shift was held down, where that is not in the character already
    pub shift: bool,
}

/// Which key
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// A character
    Char(char),
    /// Return
    Enter,
    /// Esc
    Esc,
    /// Tab, forward; with `shift` back
    Tab,
    /// Backspace
    Backspace,
    /// Delete
    Delete,
    /// Left
    Left,
    /// Right
    Right,
    /// Up
    Up,
    /// Down
    Down,
    /// Home
    Home,
    /// End
    End,
    /// Page up
    PageUp,
    /// Page down
    PageDown,
    /// A function key
    Function(u8),
}

impl Key {
    /// A key alone
    pub fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// What a terminal reported, unless that is the release of a key or one that means nothing here
    pub fn read(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let code = match event.code {
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab | KeyCode::BackTab => Code::Tab,
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::F(number) => Code::Function(number),
            KeyCode::Insert
            | KeyCode::Null
            | KeyCode::CapsLock
            | KeyCode::ScrollLock
            | KeyCode::NumLock
            | KeyCode::PrintScreen
            | KeyCode::Pause
            | KeyCode::Menu
            | KeyCode::KeypadBegin
            | KeyCode::Media(_)
            | KeyCode::Modifier(_) => return None,
        };
        let held = |modifier| event.modifiers.contains(modifier);
        let shift = event.code == KeyCode::BackTab || held(KeyModifiers::SHIFT);
        Some(Self { code, ctrl: held(KeyModifiers::CONTROL), alt: held(KeyModifiers::ALT), shift })
    }

    /// The character that it types
    pub fn typed(self) -> Option<char> {
        let Code::Char(c) = self.code else { return None };
        (!self.ctrl && !self.alt).then_some(c)
    }

    /// The character that is held down with Ctrl
    pub fn with_ctrl(self) -> Option<char> {
        let Code::Char(c) = self.code else { return None };
        (self.ctrl && !self.alt).then_some(c.to_ascii_lowercase())
    }

    /// The character that is held down with Alt
    pub fn with_alt(self) -> Option<char> {
        let Code::Char(c) = self.code else { return None };
        (self.alt && !self.ctrl).then_some(c)
    }
}

/// The keys of a script such as `hello<ret>/msg bob psst<ret>`, for tests
///
/// What stands in angle brackets is a key by its name, with `C-`, `A-` or `S-` before it for what is held down; `<lt>` is `<`.
#[cfg(test)]
pub(crate) fn script(keys: &str) -> Vec<Key> {
    let (mut rest, mut script) = (keys, Vec::new());
    while let Some(c) = rest.chars().next() {
        if c == '<' {
            let end = rest.find('>').expect("a key is closed");
            script.push(named(&rest[1..end]));
            rest = &rest[end + 1..];
        } else {
            script.push(Key::plain(Code::Char(c)));
            rest = &rest[c.len_utf8()..];
        }
    }
    script
}

#[cfg(test)]
fn named(name: &str) -> Key {
    for (prefix, ctrl, alt, shift) in
        [("C-", true, false, false), ("A-", false, true, false), ("S-", false, false, true)]
    {
        if let Some(rest) = name.strip_prefix(prefix) {
            let key = named(rest);
            return Key { ctrl: key.ctrl | ctrl, alt: key.alt | alt, shift: key.shift | shift, ..key };
        }
    }
    let code = match name {
        "ret" => Code::Enter,
        "esc" => Code::Esc,
        "tab" => Code::Tab,
        "bs" => Code::Backspace,
        "del" => Code::Delete,
        "left" => Code::Left,
        "right" => Code::Right,
        "up" => Code::Up,
        "down" => Code::Down,
        "home" => Code::Home,
        "end" => Code::End,
        "pgup" => Code::PageUp,
        "pgdn" => Code::PageDown,
        "f1" => Code::Function(1),
        "lt" => Code::Char('<'),
        "space" => Code::Char(' '),
        one if one.chars().count() == 1 => Code::Char(one.chars().next().expect("one")),
        other => panic!("no key is called {other}"),
    };
    Key::plain(code)
}
