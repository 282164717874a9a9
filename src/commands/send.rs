//! `lanchat send`: one line or whisper, and out

mod sending;

use tokio::time::Instant;

use self::sending::Sending;
use super::stay::{OFFLINE, Stay, Turn};
use crate::{
    cli::SendArgs,
    exit::{ExitCode, Failure},
    session::Role,
    settings::{Format, Settings},
};

pub(crate) async fn run(settings: &Settings, args: SendArgs) -> anyhow::Result<ExitCode> {
    let deadline = Instant::now() + args.timeout;
    let mut sending = Sending::new(args, !settings.ephemeral)?;
    let mut stay = Stay::enter(settings, Role::Member)?;
    let outcome = loop {
        let (view, complete) = (stay.session.view(), stay.session.complete());
        match sending.speak(view, complete, Instant::now()) {
            Ok(Some(command)) => stay.session.execute(command),
            Ok(None) => {}
            Err(failure) => break Err(failure),
        }
        let wake = sending.settled_at().map_or(deadline, |settled| settled.min(deadline));
        match stay.next(Some(wake)).await {
            Turn::Event(event) => {
                if settings.format == Format::Json && !event.is_past() {
                    stay.show(&event);
                }
                if let Some(outcome) = sending.on_event(&event) {
                    break outcome;
                }
            }
            Turn::Timeout if Instant::now() < deadline => {}
            Turn::Timeout if stay.session.is_offline() => break Err(Failure::failed(OFFLINE)),
            Turn::Timeout => break Err(sending.too_late()),
            Turn::Interrupted => break Err(sending.interrupted()),
        }
    };
    stay.leave().await?;
    outcome?;
    Ok(ExitCode::Done)
}
