//! `lanchat daemon`: the rooms without a window, for those that attach to it

use anyhow::Context;

use super::{entrance::enter_unattended, stay::no_signals};
use crate::{
    event::Event,
    exit::{ExitCode, Failure},
    lang::tell,
    platform::signals::Shutdown,
    settings::Settings,
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    if settings.ephemeral {
        return Err(Failure::usage(tell!("daemon-ephemeral")).into());
    }
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let (mut window, refused) = enter_unattended(settings).await?;
    refused.iter().for_each(note);
    loop {
        tokio::select! {
            () = shutdown.requested() => break,
            happening = window.next() => note(&happening.event),
        }
    }
    window.leave().await;
    Ok(ExitCode::Done)
}

/// Nobody reads what a daemon prints, but some read its log
fn note(event: &Event) {
    if let Event::Error { message, .. } = event {
        tracing::warn!("{message}");
    }
}
