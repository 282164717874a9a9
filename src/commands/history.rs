//! `lanchat history`: what was said before, as far as it is kept here

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use jiff::tz::TimeZone;
use lanchat_protocol::{PeerKey, Room};

use super::{entrance::enter_one, stay::unwritable};
use crate::{
    cli::HistoryArgs,
    event::{Event, Peer},
    exit::{ExitCode, Failure},
    house::Happening,
    lang::tell,
    profile, recall,
    rooms::keys,
    sanitize::clean,
    settings::{Access, Format, ProfileName, Settings, WantedRoom},
    store::{self, History, Kind, Person, Query, Said},
    trust::Acquaintance,
    ui::{history::Transcript, json, output, plain::Quote},
    view::View,
};

/// Reads beside another lanchat of the profile, and opens no socket
pub(crate) fn run(settings: &Settings, args: &HistoryArgs) -> anyhow::Result<ExitCode> {
    if settings.ephemeral {
        return Err(Failure::usage(tell!("history-ephemeral")).into());
    }
    let directory = profile::directory(settings)?;
    if settings.profile != ProfileName::default() && directory.try_exists().is_ok_and(|exists| !exists) {
        return Err(no_such_profile(settings.profile.as_str(), &profile::names(settings)).into());
    }
    let rooms = settings.rooms_or_lobby();
    let mut lines = String::new();
    for room in &rooms {
        if rooms.len() > 1 && settings.format == Format::Plain {
            lines += &format!("-- {}\n", tell!("history-room", room = %clean(room.name.as_str())));
        }
        lines += &lines_of(settings, room, args, &directory)?;
    }
    match output::stdout()(&lines) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(unwritable(&error)),
        Ok(()) | Err(_) => Ok(ExitCode::Done),
    }
}

/// What was said in one room
fn lines_of(
    settings: &Settings,
    wanted: &WantedRoom,
    args: &HistoryArgs,
    directory: &Path,
) -> anyhow::Result<String> {
    let is_asked_for_some = args.search.is_some() || args.with.is_some();
    let limit = Some(args.limit).filter(|limit| *limit > 0);
    let query = Query { search: args.search.clone(), with: args.with.clone(), limit, ..Query::default() };
    let mut said = Vec::new();
    let mut is_kept = false;
    for room in &rooms(settings, wanted, directory)? {
        let Some(history) = History::open(directory, room)? else { continue };
        is_kept = true;
        said.extend(history.read(&query)?);
    }
    let too_many = query.limit.map_or(0, |limit| said.len().saturating_sub(limit));
    said.drain(..too_many);
    let room = wanted.name.as_str();
    let mut view = view(&said, store::acquaintances(directory)?);
    Ok(match settings.format {
        Format::Json => said.into_iter().map(|said| json_lines(said, room, &mut view)).collect(),
        Format::Plain if said.is_empty() => nothing(room, is_kept && is_asked_for_some),
        Format::Plain => transcript(said, room, TimeZone::system(), &view),
    })
}

/// The room, and those that had its name with another code before, the latest last
fn rooms(settings: &Settings, wanted: &WantedRoom, directory: &Path) -> anyhow::Result<Vec<Room>> {
    if wanted.access == (Access::Private { code_file: None }) {
        let keys = keys::recall_all(directory, &wanted.name)?;
        if !keys.is_empty() {
            return Ok(keys.iter().map(|key| Room::private(wanted.name.clone(), key)).collect());
        }
    }
    Ok(vec![enter_one(wanted, settings.weak_code, Some(directory))?.room().clone()])
}

fn no_such_profile(name: &str, others: &[String]) -> Failure {
    let remedy = match others {
        [] => tell!("history-usual-profile"),
        others => {
            let others: Vec<_> = others.iter().map(|name| format!("--profile {name}")).collect();
            tell!("history-other-profiles", options = others.join(&tell!("list-or")))
        }
    };
    Failure::usage(tell!("history-no-profile", name = name, remedy = remedy))
}

fn nothing(room: &str, is_asked_for_some: bool) -> String {
    let room = clean(room);
    if is_asked_for_some {
        format!("-- {}\n", tell!("history-no-match", room = %room))
    } else {
        format!("-- {}\n", tell!("history-empty", room = %room))
    }
}

fn json_lines(said: Said, room: &str, view: &mut View) -> String {
    let mut events = recall::events(said, room);
    events.iter_mut().for_each(|event| view.tell_apart(event));
    let line = |event| json::line(&Happening { room: room.to_owned(), event });
    events.into_iter().map(line).collect()
}

fn transcript(said: Vec<Said>, room: &str, zone: TimeZone, view: &View) -> String {
    let mut transcript = Transcript::new(zone, view);
    let lines = said.into_iter().map(|mut said| {
        let quote = said.about.quote.take();
        let quote = quote.map(|quote| Quote { from: recall::person(quote.author), text: quote.text.into() });
        transcript.render(&recall::events(said, room), quote.as_ref())
    });
    lines.collect()
}

/// Who is called what, of all who said or were told something, and of those who are known
fn view(said: &[Said], acquaintances: Vec<(PeerKey, Acquaintance)>) -> View {
    let people = said.iter().flat_map(|said| {
        let to = match &said.kind {
            Kind::Whispered { to, .. } => Some(to),
            Kind::Line { .. } | Kind::Heard => None,
        };
        let quoted = said.about.quote.as_ref().map(|quote| &quote.author);
        let under = said.about.reactions.iter().map(|reacted| &reacted.author);
        [Some(&said.author), to, quoted].into_iter().flatten().chain(under)
    });
    let peers = people.filter_map(peer).collect();
    let mut view = View::default();
    view.apply(&Event::Peers { peers });
    acquaintances.into_iter().for_each(|(key, who)| view.know(key.id().as_uuid(), who));
    view
}

fn peer(person: &Person) -> Option<Peer> {
    let addr = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
    Some(Peer::new(person.id.as_uuid(), person.name.clone()?, addr))
}

#[cfg(test)]
mod tests {
    use lanchat_protocol::{MessageId, Order, PeerId, PeerKey, WallTime};
    use uuid::Uuid;

    use super::*;
    use crate::{
        event::Trust,
        store::{About, Fate},
    };

    fn person(id: u128, name: Option<&str>) -> Person {
        Person { id: PeerId::from_uuid(Uuid::from_u128(id)), name: name.map(str::to_owned) }
    }

    fn line() -> Kind {
        let author = PeerKey::from_bytes([1; 32]);
        Kind::Line { order: Order { lamport: 1, author, epoch: 1, seq: 1, index: 0 } }
    }

    fn said(author: Person, kind: Kind, text: &str) -> Said {
        Said {
            id: MessageId::from_uuid(Uuid::from_u128(1)),
            author,
            own: false,
            kind,
            text: text.to_owned(),
            sent_at: WallTime::from_unix_millis(0),
            about: About::default(),
        }
    }

    #[test]
    fn namesakes_are_told_apart_and_whispers_say_what_became_of_them() {
        let bob = |fate| Kind::Whispered { to: person(0xbeef << 112, Some("bob")), fate };
        let lines = [
            said(person(0xcafe << 112, Some("Bob")), line(), "hi"),
            said(person(0xbeef << 112, Some("bob")), line(), "hi"),
            said(person(0xfeed_beef << 96, None), Kind::Heard, "hi"),
            said(person(1, Some("ann")), bob(Fate::Waiting), "hi"),
            said(person(1, Some("ann")), bob(Fate::Expired), "hi"),
            said(person(1, Some("ann")), bob(Fate::Delivered), "hi"),
        ];
        let expected = "\
-- Thursday, 1970-01-01
00:00 Bob~cafe: hi
00:00 bob~beef: hi
00:00 ~feedbeef whispers: hi
00:00 you whisper to bob~beef (waiting): hi
00:00 you whisper to bob~beef (expired): hi
00:00 you whisper to bob~beef: hi
";
        let nobody_is_known = view(&lines, Vec::new());
        assert_eq!(transcript(lines.to_vec(), "lobby", TimeZone::UTC, &nobody_is_known), expected);
    }

    #[test]
    fn who_took_the_name_of_a_contact_who_is_silent_does_not_pass_for_them() {
        let (key, name) = (PeerKey::from_bytes([7; 32]), "bob".to_owned());
        let bob = Acquaintance {
            pinned: vec![name.clone()],
            trust: Some(Trust::Pinned),
            name,
            ..Default::default()
        };
        let line = said(person(0xbeef << 112, Some("Bob")), line(), "hi");
        let mut view = view(std::slice::from_ref(&line), vec![(key, bob)]);
        assert!(transcript(vec![line.clone()], "lobby", TimeZone::UTC, &view).contains("Bob~beef: hi"));
        assert!(json_lines(line, "lobby", &mut view).contains(r#""label":"Bob~beef""#));
    }
}
