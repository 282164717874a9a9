//! Whatever a datagram claims, reading it allocates little and never panics

#![cfg(test)]

mod vectors;

use std::alloc::System;

use alloc_tracker::{Allocator, Session};
use lanchat_protocol::{
    Room, RoomName, RoomTag,
    wire::{Confidence, Header, MAX_DATAGRAM_BYTES, Packet},
};
use proptest::prelude::*;
use vectors::vector;

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

/// All that reading one datagram may allocate, freed or not: the list of entries and their bytes, then for each entry
/// the list of its items and theirs, all while growing
const MOST_BYTES: u64 = 20 * 1_024;

const KINDS: [u8; 12] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x10, 0x11, 0x12, 0x13, 0x30, 0x31, 0x32];

const FRAMES: [&str; 15] = [
    "announce",
    "announce-extended",
    "announce-with-logs",
    "announce-with-whisper-key",
    "bye",
    "ping",
    "pong",
    "ping-request",
    "heads",
    "heads-request",
    "want",
    "handshake-init",
    "handshake-response",
    "sealed-whisper",
    "data",
];

fn tag() -> RoomTag {
    Room::open(RoomName::lobby()).tag()
}

/// Bytes allocated while `datagram` is read as far as it can be without looking at signatures
fn allocated(datagram: &[u8]) -> u64 {
    let tag = tag();
    allocated_by(|| {
        if let Ok(Packet::Data(entries)) = Packet::decode(datagram, tag) {
            for entry in &entries {
                let _claim = entry.claim();
            }
        }
    })
}

fn allocated_by(read: impl Fn()) -> u64 {
    let session = Session::new().no_stdout().no_file();
    {
        let operation = session.operation("read");
        let _span = operation.measure_thread().iterations(1);
        read();
    }
    session.to_report().operations().map(|(_, operation)| operation.total_bytes_allocated()).sum()
}

fn assert_little(datagram: &[u8]) -> Result<(), TestCaseError> {
    let bytes = allocated(datagram);
    prop_assert!(bytes <= MOST_BYTES, "{bytes} bytes for a datagram of {}", datagram.len());
    Ok(())
}

/// Bytes among which the beginnings of long integers are frequent
fn noise(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => any::<u8>(), 2 => 0_u8..3, 1 => 250_u8..];
    prop::collection::vec(byte, 0..=most)
}

proptest! {
    #[test]
    fn noise_allocates_little(bytes in noise(2 * MAX_DATAGRAM_BYTES)) {
        assert_little(&bytes)?;
    }

    #[test]
    fn noise_behind_a_good_header_allocates_little(
        kind in prop::sample::select(&KINDS),
        bytes in noise(MAX_DATAGRAM_BYTES),
    ) {
        let header = Header { kind, is_sealed: false, room: tag() }.encode();
        assert_little(&[header.as_slice(), &bytes].concat())?;
    }

    #[test]
    fn noise_in_a_good_frame_allocates_little(
        frame in prop::sample::select(&FRAMES),
        at in any::<prop::sample::Index>(),
        cut in 0..20_usize,
        bytes in noise(20),
    ) {
        let mut datagram = vector(frame);
        let at = at.index(datagram.len());
        let end = datagram.len().min(at + cut);
        datagram.splice(at..end, bytes);
        assert_little(&datagram)?;
    }

    #[test]
    fn a_name_of_combining_characters_allocates_little(
        marks in prop::collection::vec(prop::sample::select(vec!['\u{301}', '\u{fdfa}', '\u{1d160}', 'é']), 0..600),
    ) {
        let name: String = marks.into_iter().collect();
        let mut datagram = vector("announce");
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let encoded = [&[251], length.as_slice(), name.as_bytes()].concat();
        datagram.splice(80..84, encoded);
        assert_little(&datagram)?;
    }
}

/// A frame of this kind, signed by nobody
fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let header = Header { kind, is_sealed: false, room: tag() }.encode();
    [header.as_slice(), &[0; 48], body, &[0; 64]].concat()
}

#[test]
fn as_many_logs_as_fit_into_a_frame_allocate_little() {
    let heads = [vec![14], vec![0; 14 * 36], vec![0]].concat();
    let want = [vec![16], vec![0; 16 * 35]].concat();
    let heads_request = vec![0; 33];
    for (kind, body) in [(0x11, heads), (0x12, want), (0x13, heads_request)] {
        let datagram = frame(kind, &body);
        assert!(matches!(Packet::decode(&datagram, tag()), Ok(Packet::Frame(_))), "{kind:#x} is not read");
        let bytes = allocated(&datagram);
        assert!(bytes <= 2 * 1_024, "{bytes} bytes for a frame of kind {kind:#x}");
    }
}

#[test]
fn a_list_of_logs_of_any_length_allocates_nothing() {
    for kind in [0x11, 0x12] {
        for longest in [&[0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..], &[250], &[17]] {
            let bytes = allocated(&frame(kind, &[longest, &[0; 900]].concat()));
            assert!(bytes <= 256, "{bytes} bytes for a frame of kind {kind:#x}");
        }
    }
}

/// A Data frame with these entries, signed by nobody
fn data(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut datagram = Header { kind: 0x10, is_sealed: false, room: tag() }.encode().to_vec();
    datagram.push(u8::try_from(entries.len()).unwrap());
    for entry in entries {
        datagram.push(u8::try_from(entry.len()).unwrap());
        datagram.extend_from_slice(entry);
        datagram.extend_from_slice(&[0; 64]);
    }
    datagram
}

/// Everything in an entry before its items
fn place() -> Vec<u8> {
    vector("entry")[..84].to_vec()
}

#[test]
fn what_is_measured_is_what_reading_allocates() {
    let bytes = vector("data").len() as u64;
    assert!((bytes / 2..MOST_BYTES).contains(&allocated(&vector("data"))));
    assert_eq!(allocated(&vector("ping")), 0);
    assert_eq!(allocated(&[0; 4_000]), 0);
}

#[test]
fn as_many_items_as_fit_into_a_datagram_allocate_little() {
    for item in [[1, 0].as_slice(), &[1, 1, b'x']] {
        let entry = |count: u8| [place(), vec![count], item.repeat(count.into())].concat();
        let most_items = if item.len() == 2 { [64, 64, 64, 64] } else { [55, 55, 55, 10] };
        let datagram = data(&most_items.map(entry));
        assert!((1_100..=MAX_DATAGRAM_BYTES).contains(&datagram.len()), "{}", datagram.len());
        let Ok(Packet::Data(entries)) = Packet::decode(&datagram, tag()) else { panic!("it is not read") };
        assert!(entries.iter().all(|entry| entry.claim().is_some()));
        let bytes = allocated(&datagram);
        assert!((1_024..=MOST_BYTES).contains(&bytes), "{bytes} bytes");
    }
}

#[test]
fn a_length_of_any_size_allocates_nothing() {
    let longest = [0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let of_name = ("announce", 80);
    let of_extensions = ("announce-extended", 112);
    let of_extension = ("announce-extended", 114);
    let of_noise = ("handshake-init", 105);
    let of_entries = ("data", 16);
    let of_entry = ("data", 17);
    let of_lists = [("heads", 64), ("want", 64), of_entries];
    for (frame, at) in [of_name, of_extensions, of_extension, of_noise, of_entry].into_iter().chain(of_lists)
    {
        let mut datagram = vector(frame);
        datagram.splice(at..=at, longest);
        let bytes = allocated(&datagram);
        assert!(bytes <= 256, "{bytes} bytes for {frame} with a length of 2^64 - 1 at {at}");
    }
    let mut text = vector("whisper");
    let length = text.len() - 5;
    text.splice(length..=length, longest);
    assert!(Confidence::decode(&text).is_err());
    assert!(allocated_by(|| drop(Confidence::decode(&text))) <= 256);
    for items in [longest.to_vec(), [&[1, 1], longest.as_slice()].concat()] {
        let datagram = data(&[[place(), items].concat()]);
        assert!(matches!(Packet::decode(&datagram, tag()), Ok(Packet::Data(entries)) if entries.len() == 1));
        let bytes = allocated(&datagram);
        assert!(bytes <= 1_024, "{bytes} bytes for an entry with a length of 2^64 - 1");
    }
}
