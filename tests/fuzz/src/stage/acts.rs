//! What can happen on a stage

use std::{net::SocketAddr, time::Duration};

use lanchat_protocol::{
    Away, Cast, Change, Event, MessageId, Note, Reaction, Text, Topic,
    wire::{Body, Header, SealedFrame},
};

use uuid::Uuid;

use super::{Stage, stranger};
use crate::draw::Draw;

/// Time passes
pub(crate) fn wait(stage: &mut Stage, draw: &mut Draw<'_>) {
    let unit = if draw.is() { 50 } else { 1 };
    stage.lan.run(Duration::from_millis(unit * u64::from(draw.byte())));
}

/// One of the two says a line
pub(crate) fn say(stage: &mut Stage, draw: &mut Draw<'_>) {
    let host = stage.hosts[draw.below(2)];
    stage.say(host, "line");
}

/// One of the two whispers to the other
pub(crate) fn whisper(stage: &mut Stage, draw: &mut Draw<'_>) {
    let from = draw.below(2);
    stage.lines += 1;
    let line = format!("whispered {}", stage.lines);
    stage.lan.whisper(stage.hosts[from], stage.hosts[1 - from], &line);
}

/// One of the two changes something, perhaps of the other's or of nobody's, or is away, or types
pub(crate) fn change(stage: &mut Stage, draw: &mut Draw<'_>) {
    let host = stage.hosts[draw.below(2)];
    let told: Vec<_> = stage.lan.told(host).iter().filter_map(|(_, event)| message(event)).collect();
    let target = told.get(draw.below(told.len() + 1)).copied();
    let target = target.unwrap_or_else(|| MessageId::from_uuid(Uuid::from_u128(draw.number().into())));
    let words = String::from_utf8_lossy(draw.bytes(64)).into_owned();
    match draw.below(7) {
        0 => Text::new(&words)
            .into_iter()
            .for_each(|text| stage.lan.change(host, Change::Edit { target, text })),
        1 => stage.lan.change(host, Change::Delete { target }),
        2 => stage.lan.change(host, Change::React { target, with: Reaction::new(&words).ok() }),
        3 => stage.lan.change(host, Change::Topic(Topic::new(&words).ok())),
        4 => stage.lan.type_to(host, None),
        5 => stage.lan.be(host, None),
        _ => {
            let away = Away { by_itself: draw.is(), note: Note::new(&words).ok() };
            stage.lan.be(host, Some(away));
        }
    }
}

fn message(event: &Event) -> Option<MessageId> {
    if let Event::Message { id, .. } = event { Some(*id) } else { None }
}

/// The program of one of the two is killed and starts again
pub(crate) fn restart(stage: &mut Stage, draw: &mut Draw<'_>) {
    let host = stage.hosts[draw.below(2)];
    stage.lan.crash(host);
    stage.lan.run(Duration::from_millis(draw.byte().into()));
    stage.lan.restart(host);
    // What was said just before, or only in memory, may be gone; what is shown anew is shown again.
    stage.said.clear();
}

/// Something that one of the two sent comes again
pub(crate) fn replay(stage: &mut Stage, draw: &mut Draw<'_>) {
    let Some(bytes) = recorded(stage, draw) else { return };
    arrive(stage, draw, &bytes);
}

/// Something like what one of the two sent comes
pub(crate) fn alter(stage: &mut Stage, draw: &mut Draw<'_>) {
    let Some(mut bytes) = recorded(stage, draw) else { return };
    for _ in 0..=draw.below(3) {
        let at = draw.below(bytes.len().max(1));
        match draw.byte() {
            how @ 0..0xc0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= how.max(1)),
            0xc0..0xd0 => bytes.truncate(at),
            0xd0..0xe0 => drop(bytes.splice(at..at, draw.bytes(16).iter().copied())),
            _ => {
                let other = recorded(stage, draw).unwrap_or_default();
                drop(bytes.splice(at.., other.into_iter().skip(at)));
            }
        }
    }
    arrive(stage, draw, &bytes);
}

/// Bytes behind a header that is as it should be
pub(crate) fn noise(stage: &mut Stage, draw: &mut Draw<'_>) {
    const KINDS: [u8; 14] = [1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x30, 0x31, 0x32];
    let kind = KINDS.get(draw.below(KINDS.len() + 1)).copied().unwrap_or_else(|| draw.byte());
    let header = Header { kind, is_sealed: draw.is(), room: stage.lan.room().tag() }.encode();
    let bytes = [header.as_slice(), draw.bytes(200)].concat();
    arrive(stage, draw, &bytes);
}

/// A frame of a session that there may be
pub(crate) fn confide(stage: &mut Stage, draw: &mut Draw<'_>) {
    let sent = recorded(stage, draw).unwrap_or_default();
    let session = if draw.is() { draw.number() } else { first_number(sent.get(Header::LEN..)) };
    let frame = SealedFrame { session, nonce: draw.number(), ciphertext: draw.bytes(200) };
    let bytes = frame.encode(stage.lan.room());
    let bytes = travelling(stage, draw, bytes);
    arrive(stage, draw, &bytes);
}

fn first_number(bytes: Option<&[u8]>) -> u64 {
    bytes.and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// A stranger announces something
pub(crate) fn announce(stage: &mut Stage, draw: &mut Draw<'_>) {
    let people = stage.people();
    let who = draw.below(stage.strangers.len());
    let Some(announce) = stage.strangers[who].announcement(draw, &people) else { return };
    send(stage, draw, who, Body::Announce(announce));
}

/// A stranger comes in as others do
pub(crate) fn greet(stage: &mut Stage, draw: &mut Draw<'_>) {
    let who = draw.below(stage.strangers.len());
    let plain = &mut Draw::new(&[0, 0, 1, 0x80, 2]);
    let Some(announce) = stage.strangers[who].announcement(plain, &[]) else { return };
    send(stage, draw, who, Body::Announce(announce));
}

/// A stranger says something else about themselves or asks for something
pub(crate) fn frame(stage: &mut Stage, draw: &mut Draw<'_>) {
    let people = stage.people();
    let who = draw.below(stage.strangers.len());
    let Some(body) = stranger::body(draw, &people) else { return };
    send(stage, draw, who, body);
}

/// A stranger says something to all
pub(crate) fn entries(stage: &mut Stage, draw: &mut Draw<'_>) {
    let who = draw.below(stage.strangers.len());
    let room = stage.lan.room().clone();
    let bytes = stage.strangers[who].entries(draw, &room);
    let bytes = travelling(stage, draw, bytes);
    arrive(stage, draw, &bytes);
}

fn send(stage: &mut Stage, draw: &mut Draw<'_>, who: usize, body: Body) {
    let room = stage.lan.room().clone();
    let bytes = stage.strangers[who].seal(draw, body, &room);
    let bytes = travelling(stage, draw, bytes);
    arrive(stage, draw, &bytes);
}

fn recorded(stage: &Stage, draw: &mut Draw<'_>) -> Option<Vec<u8>> {
    const MAX_RECORDED: usize = 1_024;
    let recorded = stage.lan.recording();
    let which = draw.below(MAX_RECORDED) % recorded.len().max(1);
    recorded.get(which).map(|(.., datagram)| datagram.clone())
}

/// As somebody sends it who has the key of the room, if it has one
fn travelling(stage: &Stage, draw: &mut Draw<'_>, bytes: Vec<u8>) -> Vec<u8> {
    stage.lan.room().seal(bytes, || [draw.byte(); _])
}

/// At one of the two, from an address of a stranger or, falsely, of the other
fn arrive(stage: &mut Stage, draw: &mut Draw<'_>, bytes: &[u8]) {
    let how = draw.byte();
    let to = usize::from(how & 1);
    let cast = if how & 2 == 0 { Cast::Broadcast } else { Cast::Unicast };
    let from = match how >> 2 & 3 {
        0 => stage.lan.addr(stage.hosts[1 - to]),
        place => SocketAddr::from(([198, 18, 255, place], 25_253)),
    };
    stage.lan.forge(stage.hosts[to], from, cast, bytes);
}
