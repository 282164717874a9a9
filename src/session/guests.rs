//! Plain datagrams beside the room: guests, who have no identity and are never peers

use std::{
    net::{Ipv4Addr, SocketAddrV4},
    time::Instant,
};

use super::Session;
use crate::{
    event::{Datagram, ErrorCode, Event},
    exit::Failure,
    lang::tell,
    net::{OpenError, OpenRawError, RAW_BUFFER_BYTES, RawSettings, RawSocket},
    raw::{address::address, charset::Charset, encodings::Encodings, relay::Relay},
    settings::Settings,
};

/// How many are taken in before the node and the front ends have their turn
const GUESTS_PER_TURN: usize = 16;

/// The plain socket, once there is one
#[derive(Debug)]
pub(super) struct Guests {
    open: Option<Open>,
    interfaces: Vec<String>,
    encodings: Encodings,
    relay: Option<Relay>,
}

#[derive(Debug)]
struct Open {
    socket: RawSocket,
    buffer: Box<[u8]>,
}

/// The length and the sender of a datagram in the buffer
type Arrived = (usize, SocketAddrV4);

impl Session {
    /// Shows from now on as [`Event::Guest`] what arrives at the raw port of the settings, if they have one
    ///
    /// # Errors
    /// When the port cannot be opened, in one sentence.
    pub fn invite_guests(&mut self, settings: &Settings) -> anyhow::Result<()> {
        let Some(port) = settings.plain_udp.port else { return Ok(()) };
        self.guests.open(port).map_err(|error| match error {
            OpenRawError::Interfaces(OpenError::UnknownInterface { .. }) => {
                Failure::usage(error.to_string()).into()
            }
            OpenRawError::Taken { .. } => {
                anyhow::anyhow!(tell!("guests-port-taken", error = %error, port = settings.port))
            }
            OpenRawError::Foreign { .. } | OpenRawError::Refused { .. } | OpenRawError::Interfaces(_) => {
                anyhow::Error::from(error)
            }
        })
    }

    /// Takes over the plain socket of a room that is being left, so that guests go on being heard once
    pub fn take_over_guests(&mut self, from: &mut Self) {
        std::mem::swap(&mut self.guests, &mut from.guests);
    }

    /// Ends with one own [`Event::Datagram`], or one error of the kind [`ErrorCode::NotSent`]
    pub(super) fn send_raw(&mut self, to: &str, text: &str) {
        match self.guests.send(to, text) {
            Ok(events) => self.waiting.extend(events),
            Err(sentence) => self.tell_error(ErrorCode::NotSent, sentence),
        }
    }

    /// Takes in a datagram and others that arrived with it
    pub(super) fn take_in_guests(&mut self, first: Arrived) {
        self.on_guest(first);
        for _ in 1..GUESTS_PER_TURN {
            let Some(arrived) = self.guests.try_receive() else { return };
            self.on_guest(arrived);
        }
    }

    pub(super) fn tell_what_was_not_relayed(&mut self) {
        let relay = self.guests.relay.as_mut();
        if let Some(left_out) = relay.and_then(|relay| relay.poll_left_out(Instant::now())) {
            let sentence = tell!("guests-left-out", count = left_out);
            self.tell_error(ErrorCode::NotRelayed, sentence);
        }
    }

    fn on_guest(&mut self, arrived: Arrived) {
        let Some(mut guest) = self.guests.read(arrived) else { return };
        let relay = self.guests.relay.as_mut().zip(guest.from);
        let said =
            relay.and_then(|(relay, from)| relay.handle_guest(Instant::now(), from, guest.text.as_written()));
        guest.relayed = said.is_some();
        self.waiting.push_back(Event::Guest(guest));
        if let Some(line) = said {
            self.say(&line);
        }
    }
}

impl Guests {
    pub(super) fn new(settings: &Settings) -> Self {
        let legacy = Charset::legacy(|name| std::env::var(name).ok());
        Self {
            open: None,
            interfaces: settings.interfaces.clone(),
            encodings: Encodings::new(settings.plain_udp.encoding, legacy),
            relay: settings.plain_udp.relay.then(Relay::default),
        }
    }

    /// Waits for a datagram, forever while there is no socket; cancel-safe
    pub(super) async fn receive(&mut self) -> Arrived {
        match &mut self.open {
            Some(open) => open.socket.receive(&mut open.buffer).await,
            None => std::future::pending().await,
        }
    }

    /// When there is something to tell although nothing has arrived
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.relay.as_ref().and_then(Relay::poll_timeout)
    }

    fn try_receive(&mut self) -> Option<Arrived> {
        let open = self.open.as_mut()?;
        open.socket.try_receive(&mut open.buffer)
    }

    fn read(&mut self, (len, from): Arrived) -> Option<Datagram> {
        let bytes = self.open.as_ref()?.buffer.get(..len)?;
        Some(self.encodings.read(from, bytes, false))
    }

    fn open(&mut self, port: u16) -> Result<(), OpenRawError> {
        let socket = RawSocket::open(RawSettings {
            bind: SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port),
            interfaces: self.interfaces.clone(),
            neighbours_only: true,
        })?;
        self.open = Some(Open { socket, buffer: vec![0; RAW_BUFFER_BYTES].into_boxed_slice() });
        Ok(())
    }

    /// Sends from the raw port, or else from one that stays open for the answers
    fn send(&mut self, to: &str, text: &str) -> Result<Vec<Event>, String> {
        let to = address(to, None).map_err(|error| error.to_string())?;
        let outgoing = self.encodings.write(to, text, "").map_err(|error| error.to_string())?;
        if self.open.is_none() {
            self.open(0).map_err(|error| error.to_string())?;
        }
        if let Some(open) = &mut self.open {
            open.socket.send(to, &outgoing.bytes).map_err(|error| error.to_string())?;
        }
        Ok(outgoing.notice.into_iter().chain([Event::Datagram(outgoing.shown)]).collect())
    }
}
