//! `lanchat doctor`: why A does not see B

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddrV4},
    time::Duration,
};

use anyhow::{Context, bail};
use jiff::Timestamp;
use lanchat_protocol::{Identity, Room, RoomName};
use tokio::time::Instant;

use super::{
    entrance::enter_one,
    stay::{close, no_signals, no_thread},
};
use crate::{
    cli::DoctorArgs,
    doctor::{
        diagnosis::{Facts, diagnose},
        firewall::Firewall,
        look::{Look, Output, Visitor},
        sockets::{self, Holders, UdpSocket},
    },
    exit::{ExitCode, Failure},
    lang::tell,
    net::{self, InterfaceStatus, Net, NetSettings, OpenError, Received},
    platform::{
        firewall::Signs,
        programs::{self, Program},
        signals::Shutdown,
    },
    profile,
    rooms::Entrance,
    sanitize::clean_name,
    settings::{Format, Settings},
    ui::Screen,
};

pub(crate) async fn run(settings: &Settings, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let timeout = args.timeout.max(LEAST);
    let interfaces = net::interfaces(&settings.interfaces).map_err(refused)?;
    let room = room(settings)?;
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let screen = Screen::open(settings.format).with_context(no_thread)?;
    if settings.format == Format::Plain {
        let (name, time) = (clean_name(room.name().as_str()), format!("{timeout:?}"));
        let begins = tell!("doctor-begins", room = %name, port = settings.port, time = time);
        screen.print(&format!("-- {begins}\n"));
    }
    let facts = tokio::select! {
        () = shutdown.requested() => bail!(tell!("doctor-interrupted")),
        facts = examine(settings, room, interfaces, timeout) => facts?,
    };
    let (findings, code) = diagnose(&facts);
    for finding in findings {
        screen.print(&match settings.format {
            Format::Json => finding.json(),
            Format::Plain => finding.plain(),
        });
    }
    close(screen, &mut shutdown).await?;
    Ok(code)
}

/// What is sent has to be able to come back
const LEAST: Duration = Duration::from_secs(3);

fn refused(error: OpenError) -> anyhow::Error {
    match error {
        OpenError::UnknownInterface { .. } => Failure::usage(error.to_string()).into(),
        OpenError::PortTaken { .. } | OpenError::Port { .. } | OpenError::Interfaces(_) => error.into(),
    }
}

/// The first of the rooms; the profile is only asked for its keys, since another program may have it
fn room(settings: &Settings) -> anyhow::Result<Room> {
    let directory = profile::directory(settings).ok().filter(|_| !settings.ephemeral);
    let entrance = match settings.rooms.first() {
        Some(room) => enter_one(room, settings.weak_code, directory.as_deref())?,
        None => Entrance::open(RoomName::lobby()),
    };
    Ok(entrance.room().clone())
}

/// Finds out all there is
async fn examine(
    settings: &Settings,
    room: Room,
    interfaces: Vec<InterfaceStatus>,
    timeout: Duration,
) -> anyhow::Result<Facts> {
    let peers: Vec<SocketAddrV4> = settings.peers.iter().map(|peer| peer.or_port(settings.port)).collect();
    let opened = Net::open(NetSettings {
        port: settings.port,
        interfaces: settings.interfaces.clone(),
        peers: peers.clone(),
    });
    let mut net = match opened {
        Ok(net) => Some(net),
        Err(OpenError::PortTaken { .. }) => None,
        Err(error) => return Err(refused(error)),
    };
    let before = Tables::read();
    let mut look = Look::new(visitor(settings, room)?, timeout);
    let signs = match &mut net {
        Some(net) => tokio::join!(look_around(net, &mut look), Signs::read()).1,
        None => Signs::read().await,
    };
    let after = Tables::read();
    let own: Vec<Ipv4Addr> = interfaces.iter().map(|interface| interface.addr).collect();
    let configured: Vec<Ipv4Addr> = peers.iter().map(|peer| *peer.ip()).collect();
    let seen = look.peers(&own, &configured);
    let is_silent = |peer: &SocketAddrV4| seen.iter().all(|seen| seen.addr.ip() != IpAddr::V4(*peer.ip()));
    Ok(Facts {
        port: settings.port,
        is_chosen: !settings.interfaces.is_empty(),
        is_told_of_peers: !peers.is_empty(),
        interfaces,
        links: net.as_ref().map(Net::links).unwrap_or_default(),
        is_port_taken: net.is_none(),
        holders: Holders::of(settings.port, &after.sockets, &after.owners, std::process::id()),
        missed: sockets::missed(settings.port, (&before.sockets, &after.sockets), &after.owners),
        sights: look.sights(),
        silent: peers.iter().copied().filter(|peer| net.is_some() && is_silent(peer)).collect(),
        peers: seen,
        firewall: Firewall::of(&signs, settings.port),
    })
}

/// Somebody new, so that it does not matter who else uses the profile
fn visitor(settings: &Settings, room: Room) -> anyhow::Result<Visitor> {
    let (mut secret, mut seed) = ([0; 32], [0; 16]);
    getrandom::fill(&mut secret)
        .and_then(|()| getrandom::fill(&mut seed))
        .with_context(|| tell!("no-randomness"))?;
    let now = Timestamp::now().as_millisecond().try_into().unwrap_or_default();
    Ok(Visitor { identity: Identity::from_secret(secret), name: settings.name.clone(), room, now, seed })
}

async fn look_around(net: &mut Net, look: &mut Look) {
    let (start, mut buffer) = (Instant::now(), vec![0; BUFFER_BYTES]);
    while let Some(due) = look.poll_timeout(start.elapsed()) {
        tokio::select! {
            () = tokio::time::sleep_until(start + due) => look.handle_timeout(start.elapsed()),
            arrival = net.watch(&mut buffer) => {
                if let Received::Datagram { from, cast, len } = arrival.received {
                    look.handle_datagram(start.elapsed(), (from, cast, arrival.origin), &buffer[..len]);
                }
            }
        }
        while let Some(output) = look.poll_output() {
            match output {
                Output::Broadcast(datagram) => net.broadcast(&datagram),
                Output::Send(to, datagram) => net.send(to, &datagram),
            }
        }
    }
}

/// A datagram of the protocol has at most 1,200 bytes; a longer one shows by not fitting either
const BUFFER_BYTES: usize = 2_048;

/// Which sockets there are and whose, as far as the system tells
struct Tables {
    sockets: Vec<UdpSocket>,
    owners: BTreeMap<u64, Program>,
}

impl Tables {
    fn read() -> Self {
        let sockets = programs::udp_tables().map(|table| sockets::parse(&table)).unwrap_or_default();
        Self { sockets, owners: programs::owners_of_sockets() }
    }
}
