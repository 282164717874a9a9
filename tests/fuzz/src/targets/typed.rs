//! Whatever is typed: what comes of it is said in one sentence

use std::{
    ffi::OsString,
    net::{Ipv4Addr, SocketAddrV4},
};

use lanchat::{
    app,
    cli::Cli,
    command::Command,
    raw::{
        charset::Charset,
        encodings::{Choice, Encodings},
        talk::Talk,
    },
    settings::{Login, Settings},
};

use lanchat_protocol::RoomCode;

use super::assert_sentence;

/// A line in a chat, or of a script
pub(crate) fn command(bytes: &[u8]) {
    let line = String::from_utf8_lossy(bytes);
    let line = line.lines().next().unwrap_or("");
    if let Err(error) = Command::parse_scripted(line) {
        assert_sentence(&error.to_string());
    }
    match Command::parse(line) {
        Err(error) => assert_sentence(&error.to_string()),
        Ok(None) => assert!(line.trim().is_empty()),
        Ok(Some(command)) => {
            assert!(!line.trim().is_empty());
            match &command {
                Command::Say { text } => {
                    let escape = if text.starts_with('/') { "/" } else { "" };
                    assert_eq!(format!("{escape}{text}"), line);
                }
                Command::Whisper { text: given, .. }
                | Command::Reply { text: given, .. }
                | Command::Edit { text: given, .. }
                | Command::React { with: given, .. }
                | Command::Topic { text: Some(given) }
                | Command::Away { note: Some(given), auto: false }
                | Command::Part { room: Some(given) }
                | Command::Raw { text: given, .. }
                | Command::Rename { name: given }
                | Command::Join { room: given, .. }
                | Command::NewRoom { room: given, .. }
                | Command::Verify { who: given }
                | Command::Trust { who: given }
                | Command::Block { who: given }
                | Command::Unblock { who: given } => {
                    assert!(!given.is_empty() && line.contains(given.as_str()), "{given:?} was not typed");
                }
                Command::Typing { .. } | Command::Away { auto: true, .. } => {
                    panic!("nobody types that: {command:?}");
                }
                Command::Peers
                | Command::Blocked
                | Command::Quit
                | Command::Help
                | Command::Delete { .. }
                | Command::Topic { text: None }
                | Command::Away { note: None, .. }
                | Command::Part { room: None }
                | Command::Back
                | Command::Received
                | Command::Rooms => {
                    assert!(line.starts_with('/'));
                }
            }
            let json = serde_json::to_string(&command).unwrap_or_default();
            assert_eq!(serde_json::from_str::<Command>(&json).ok(), Some(command));
        }
    }
}

/// Lines in a talk in plain UDP, and datagrams between them: those behind a NUL
pub(crate) fn raw(bytes: &[u8]) {
    let bind = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8_899);
    let encodings = Encodings::new(Choice::default(), Charset::UTF_8);
    let mut talk = Talk::new(bind, None, encodings, false);
    for (number, line) in bytes.split(|byte| *byte == b'\n').take(32).enumerate() {
        if let Some((0, datagram)) = line.split_first() {
            let from = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 9_000 + u16::from(number % 2 == 0));
            talk.handle_datagram(from, datagram);
            continue;
        }
        match talk.handle_line(&String::from_utf8_lossy(line)) {
            Err(error) => assert_sentence(&error.to_string()),
            Ok(Some(lanchat::raw::talk::Action::Send { to, text })) => {
                if let Err(error) = talk.compose(to, &text) {
                    assert_sentence(&error.to_string());
                }
            }
            Ok(_) => {}
        }
        assert!(!talk.status().encoding.is_empty());
    }
}

/// The code of a private room, as it is typed or stands in a file
pub(crate) fn code(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match RoomCode::new(&text) {
        Err(error) => assert_sentence(&error.to_string()),
        Ok(code) => {
            let again = RoomCode::new(code.as_str());
            assert_eq!(again.as_ref().map(RoomCode::as_str), Ok(code.as_str()), "a code has one spelling");
            let is_long = code.as_str().len() > 20;
            assert!(!is_long || !format!("{code:?}").contains(code.as_str()), "a code is not printed");
        }
    }
}

/// Arguments, one a line
pub(crate) fn arguments(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let arguments = text.split('\n').take(32).map(OsString::from);
    match Cli::read(std::iter::once(OsString::from("lanchat")).chain(arguments)) {
        Err(error) if error.use_stderr() => assert_sentence(&app::sentence(&error)),
        Err(help) => assert!(!help.to_string().is_empty()),
        Ok(mut cli) => {
            // Nothing that is typed here names a file to be read.
            cli.globals.config = None;
            if let Err(error) = Settings::resolve(cli.globals, &Login::default()) {
                assert_sentence(&error.to_string());
            }
        }
    }
}
