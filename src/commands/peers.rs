//! `lanchat peers`: who is here

use std::time::Duration;

use anyhow::bail;
use tokio::time::Instant;

use super::stay::{Stay, Turn, offline};
use crate::{
    cli::PeersArgs,
    event::{Event, Peer},
    exit::{ExitCode, Failure},
    house::Happening,
    lang::tell,
    sanitize::clean_name,
    session::Role,
    settings::{Access, Format, Settings},
    ui::plain,
    windows::Sight,
};

pub(crate) async fn run(settings: &Settings, args: &PeersArgs) -> anyhow::Result<ExitCode> {
    let mut stay = Stay::enter(settings, Role::Visitor, false).await?;
    let deadline = Instant::now() + args.timeout;
    let was_interrupted = loop {
        match stay.next(Some(deadline)).await {
            Turn::Event(_) if !stay.house.rooms().into_iter().all(is_known) => {}
            Turn::Event(_) | Turn::Timeout => break false,
            Turn::Interrupted => break true,
        }
    };
    let (is_empty, is_offline) = (show(&mut stay, settings.format), stay.session().is_offline());
    stay.leave().await?;
    match (is_empty, was_interrupted) {
        (false, _) => Ok(ExitCode::Done),
        (true, false) if is_offline => bail!(offline()),
        (true, false) => Err(nobody(settings, args.timeout).into()),
        (true, true) => bail!(tell!("peers-interrupted")),
    }
}

/// Whether somebody is there, and nobody else is to be expected
fn is_known(session: Sight<'_>) -> bool {
    !session.view().peers().is_empty() && session.complete()
}

/// Shows who is in which room; whether that is nobody
fn show(stay: &mut Stay, format: Format) -> bool {
    let lists: Vec<(String, Vec<Peer>)> = stay
        .house
        .rooms()
        .into_iter()
        .map(|session| (session.room().name().to_string(), session.peers()))
        .collect();
    let (is_empty, is_one) = (lists.iter().all(|(_, peers)| peers.is_empty()), lists.len() == 1);
    for (room, peers) in lists {
        match format {
            Format::Json => stay.show(&Happening { room, event: Event::Peers { peers } }),
            Format::Plain => {
                let Some(session) = stay.house.session(&room) else { continue };
                let heading = if is_one { String::new() } else { format!("-- {}\n", clean_name(&room)) };
                stay.screen.print(&(heading + &plain::table(&peers, session.view(), "")));
            }
        }
    }
    is_empty
}

fn nobody(settings: &Settings, timeout: Duration) -> Failure {
    let rooms = settings.rooms_or_lobby();
    let is_open = rooms.iter().all(|room| room.access == Access::Open);
    let names: Vec<_> = rooms.iter().map(|room| room.name.as_str()).collect();
    let (room, timeout) = (names.join(&tell!("list-or")), format!("{timeout:?}"));
    Failure::nobody(match is_open {
        true => tell!("peers-nobody", room = room, timeout = timeout, port = settings.port),
        false => tell!("peers-nobody-private", room = room, timeout = timeout, port = settings.port),
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
