//! `lanchat peers`: who is here

use std::time::Duration;

use anyhow::bail;
use tokio::time::Instant;

use super::stay::{Stay, Turn, offline};
use crate::{
    cli::PeersArgs,
    event::Event,
    exit::{ExitCode, Failure},
    lang::tell,
    session::Role,
    settings::{Access, Format, Settings},
    ui::plain,
};

pub(crate) async fn run(settings: &Settings, args: &PeersArgs) -> anyhow::Result<ExitCode> {
    let mut stay = Stay::enter(settings, Role::Visitor)?;
    let deadline = Instant::now() + args.timeout;
    let was_interrupted = loop {
        match stay.next(Some(deadline)).await {
            Turn::Event(_) if stay.session.view().peers().is_empty() || !stay.session.complete() => {}
            Turn::Event(_) | Turn::Timeout => break false,
            Turn::Interrupted => break true,
        }
    };
    let (view, peers) = (stay.session.view(), stay.session.peers());
    let (is_empty, is_offline) = (peers.is_empty(), stay.session.is_offline());
    match settings.format {
        Format::Plain => stay.screen.print(&plain::table(&peers, view, "")),
        Format::Json => stay.show(&Event::Peers { peers }),
    }
    stay.leave().await?;
    match (is_empty, was_interrupted) {
        (false, _) => Ok(ExitCode::Done),
        (true, false) if is_offline => bail!(offline()),
        (true, false) => Err(nobody(settings, args.timeout).into()),
        (true, true) => bail!(tell!("peers-interrupted")),
    }
}

fn nobody(settings: &Settings, timeout: Duration) -> Failure {
    let (room, timeout, port) = (settings.room.as_str(), format!("{timeout:?}"), settings.port);
    Failure::nobody(match settings.access {
        Access::Open => tell!("peers-nobody", room = room, timeout = timeout, port = port),
        Access::Private { .. } => tell!("peers-nobody-private", room = room, timeout = timeout, port = port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::Globals, settings::Login};

    #[test]
    fn being_alone_says_where_one_looked_and_what_to_check() {
        let settings = Settings::resolve(Globals::default(), &Login::default()).unwrap();
        let failure = nobody(&settings, Duration::from_secs(1));
        assert_eq!(failure.code, ExitCode::Nobody);
        assert!(failure.message.contains("room lobby within 1s"), "{failure}");
        assert!(failure.message.contains("25252"), "{failure}");
    }
}
