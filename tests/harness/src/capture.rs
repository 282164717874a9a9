use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::{OrFail, Program, SOON};

/// All that passes the switch of a [`Lab`](crate::Lab), as tshark writes it down
pub struct Capture {
    tshark: Program,
    file: PathBuf,
}

impl Capture {
    /// Begins; `tshark` is the program in the switch's namespace
    pub(crate) fn begin(mut tshark: Command, file: &Path) -> Self {
        tshark.args(["-q", "-i", "br0", "-F", "pcap", "-w"]).arg(file);
        let capture = Self { tshark: Program::start("tshark", tshark), file: file.to_owned() };
        capture.wait_until("write", |bytes| bytes.len() >= FILE_HEADER);
        capture
    }

    /// Ends once something was caught that was sent after this was called; every frame, in order
    #[track_caller]
    pub fn end(mut self) -> Vec<Vec<u8>> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).or_fail("a clock before 1970");
        self.wait_until("catch a frame", |bytes| frames(bytes).last().is_some_and(|(at, _)| *at > now));
        self.tshark.interrupt();
        self.tshark.wait();
        let bytes = fs::read(&self.file).or_fail("cannot read what tshark wrote");
        frames(&bytes).into_iter().map(|(_, frame)| frame.to_vec()).collect()
    }

    #[track_caller]
    fn wait_until(&self, what: &str, is_there: impl Fn(&[u8]) -> bool) {
        let deadline = Instant::now() + SOON;
        while !fs::read(&self.file).is_ok_and(|bytes| is_there(&bytes)) {
            assert!(Instant::now() < deadline, "tshark did not {what} within {SOON:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Whether tshark is here, having said so if this test is skipped
///
/// Under `CI=true` it fails instead.
pub fn tshark_or_skip() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(
        env::var("CI").as_deref() != Ok("true"),
        "captures must be tried under CI=true, but there is no tshark"
    );
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _written = io::stderr().write_all(format!("skipped: {test}: no tshark here\n").as_bytes());
    false
}

const FILE_HEADER: usize = 24;

/// The frames of a pcap file and when each was caught, as far as they are written
fn frames(mut bytes: &[u8]) -> Vec<(Duration, &[u8])> {
    bytes = bytes.get(FILE_HEADER..).unwrap_or_default();
    let mut frames = Vec::new();
    while let Some(([seconds, micros, length, _], rest)) = record(bytes)
        && let Some((frame, rest)) =
            usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length))
    {
        let at = Duration::from_secs(seconds.into()) + Duration::from_micros(micros.into());
        frames.push((at, frame));
        bytes = rest;
    }
    frames
}

fn record(bytes: &[u8]) -> Option<([u32; 4], &[u8])> {
    let (header, rest) = bytes.split_at_checked(16)?;
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(header.chunks_exact(4)) {
        *word = u32::from_ne_bytes(bytes.try_into().ok()?);
    }
    Some((words, rest))
}
