//! `lanchat send`: one line or whisper, and out

mod sending;
mod stream;

use tokio::time::Instant;

use self::sending::{Sending, is_stream};
use super::stay::{Stay, Turn, offline};
use crate::{
    cli::SendArgs,
    event::ErrorCode,
    exit::{ExitCode, Failure},
    lang::tell,
    session::Role,
    settings::{Format, Settings},
};

pub(crate) async fn run(settings: &Settings, args: SendArgs) -> anyhow::Result<ExitCode> {
    let deadline = Instant::now() + args.timeout;
    if settings.rooms.len() > 1 {
        return Err(Failure::usage(tell!("send-one-room")).into());
    }
    if is_stream(&args) {
        return stream::run(settings, args, deadline).await;
    }
    let mut sending = Sending::new(args, !settings.ephemeral, deadline)?;
    let mut stay = Stay::enter(settings, Role::Member, false).await?;
    sending.begin(stay.session().room().is_private(), Instant::now());
    let outcome = loop {
        let (view, complete) = (stay.session().view(), stay.session().complete());
        match sending.speak(view, complete, Instant::now()) {
            Ok(Some(command)) => {
                let room = stay.house.current().to_string();
                stay.house.execute(&room, command);
            }
            Ok(None) => {}
            Err(failure) => break Err(failure),
        }
        match stay.next(Some(sending.wake_at())).await {
            Turn::Event(happening) => {
                if settings.format == Format::Json && !happening.event.is_past() {
                    stay.show(&happening);
                }
                if let Some(outcome) = sending.on_event(&happening.event) {
                    break outcome;
                }
            }
            Turn::Timeout if Instant::now() < sending.give_up_at() => {}
            Turn::Timeout if stay.session().is_offline() && !sending.is_left() => {
                break Err(Failure::failed(offline()));
            }
            Turn::Timeout => break Err(sending.too_late()),
            Turn::Interrupted => break Err(sending.interrupted()),
        }
    };
    stay.leave().await?;
    outcome?;
    Ok(ExitCode::Done)
}

/// What an error of the session means here; some are about something else
fn failure(code: ErrorCode, message: &str) -> Option<Failure> {
    let code = match code {
        ErrorCode::InvalidText | ErrorCode::AmbiguousPeer => ExitCode::Usage,
        ErrorCode::UnknownPeer => ExitCode::Nobody,
        ErrorCode::Busy
        | ErrorCode::NotStored
        | ErrorCode::KeyChanged
        | ErrorCode::Blocked
        | ErrorCode::NotJoined => ExitCode::Failed,
        ErrorCode::NotKept
        | ErrorCode::InvalidName
        | ErrorCode::UnknownContact
        | ErrorCode::UnknownLine
        | ErrorCode::NotYours
        | ErrorCode::InvalidCommand
        | ErrorCode::Unsupported
        | ErrorCode::Network
        | ErrorCode::StoreDamaged
        | ErrorCode::Forked
        | ErrorCode::KeyInUse
        | ErrorCode::NotSent
        | ErrorCode::Replaced
        | ErrorCode::NotRelayed
        | ErrorCode::OutputTooSlow
        | ErrorCode::Other => return None,
    };
    Some(Failure { code, message: message.to_owned() })
}
