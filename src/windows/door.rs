//! Where windows come in: connections as lines, each of which is read and written beside all else

use std::{path::Path, pin::pin, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    sync::mpsc::{Receiver, Sender, UnboundedSender, channel},
    task::{JoinHandle, JoinSet},
};
use tracing::{debug, warn};

use super::lines::{Ask, MAX_LINE, Told, VERSION, line};
use crate::{
    lang::tell,
    platform::local::{self, Listener, RecvHalf, SendHalf, Stream},
};

/// How many lines may wait for a window to take them; one that is slower attaches again, and misses nothing
const QUEUE: usize = 4_096;
/// How many asks may wait for the node
const ASKS: usize = 256;
/// How many windows there can be at once
const MAX_WINDOWS: usize = 64;

/// Something at the door
#[derive(Debug)]
pub(super) enum Knock {
    /// A window came, with what it asks for first
    Came(u64, Sender<Arc<str>>, Ask),
    /// A window asks for something
    Asked(u64, Ask),
    /// A window is gone
    Went(u64),
}

/// Hears windows until it is dropped
#[derive(Debug)]
pub(super) struct Door {
    knocks: Receiver<Knock>,
    hearing: JoinHandle<()>,
}

impl Door {
    /// Opens it for the profile in this directory; where it cannot be, there is one window only
    pub(super) fn open(directory: &Path) -> Option<Self> {
        let listener = Listener::open(directory);
        let listener = listener.inspect_err(|error| warn!(%error, "no other lanchat can attach")).ok()?;
        let (knock, knocks) = channel(ASKS);
        let hearing = tokio::spawn(hear(listener, knock));
        Some(Self { knocks, hearing })
    }

    /// What happens next at the door; never where there is none; cancel-safe
    pub(super) async fn knock(door: &mut Option<Self>) -> Knock {
        let knock = match door {
            Some(door) => door.knocks.recv().await,
            None => None,
        };
        match knock {
            Some(knock) => knock,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

async fn hear(listener: Listener, knock: Sender<Knock>) {
    let mut windows = JoinSet::new();
    let mut number = 0;
    loop {
        tokio::select! {
            came = listener.accept() => match came {
                Ok(stream) if windows.len() < MAX_WINDOWS => {
                    number += 1;
                    windows.spawn(serve(number, stream, knock.clone()));
                }
                Ok(_) => warn!("too many windows at once"),
                // It may be for want of files, which others give back.
                Err(error) => {
                    warn!(%error, "a window cannot come in");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = windows.join_next() => {}
        }
    }
}

async fn serve(number: u64, stream: Stream, knock: Sender<Knock>) {
    let (from, mut to) = local::split(stream);
    let mut from = BufReader::new(from);
    let (line_to, lines) = channel(QUEUE);
    match read::<Ask>(&mut from).await {
        Some(ask @ Ask::Attach { version: VERSION, .. }) => {
            if knock.send(Knock::Came(number, line_to, ask)).await.is_err() {
                return;
            }
        }
        Some(Ask::Attach { .. }) => {
            let refused =
                Told::Refused { message: tell!("window-version", pid = std::process::id().to_string()) };
            // Whoever is gone already need not be told.
            let _ = to.write_all(line(&refused).as_bytes()).await;
            return;
        }
        Some(_) | None => return debug!("somebody came in and asked for nothing"),
    }
    let mut listening = pin!(listen_to(number, &mut from, &knock));
    tokio::select! {
        () = &mut listening => {}
        // Who takes nothing any more may have asked for something last.
        is_cut_off = speak_to(&mut to, lines) => if !is_cut_off { listening.await },
    }
    // The node is gone if nobody hears it.
    let _ = knock.send(Knock::Went(number)).await;
}

async fn listen_to(number: u64, from: &mut BufReader<RecvHalf>, knock: &Sender<Knock>) {
    while let Some(ask) = read(from).await {
        if knock.send(Knock::Asked(number, ask)).await.is_err() {
            return;
        }
    }
}

/// Until the window takes no more, or the node has no more for it: then it is cut off
async fn speak_to(to: &mut SendHalf, mut lines: Receiver<Arc<str>>) -> bool {
    while let Some(line) = lines.recv().await {
        if to.write_all(line.as_bytes()).await.is_err() {
            return false;
        }
    }
    true
}

/// Writes what is asked, until nothing more is or nobody reads it
pub(super) async fn ask_all(to: &mut SendHalf, mut asks: tokio::sync::mpsc::UnboundedReceiver<Ask>) {
    while let Some(ask) = asks.recv().await {
        if to.write_all(line(&ask).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// One line, if there is a whole one that makes sense
pub(super) async fn read<T: serde::de::DeserializeOwned>(from: &mut BufReader<RecvHalf>) -> Option<T> {
    let mut text = Vec::new();
    let read = from.take(MAX_LINE).read_until(b'\n', &mut text).await;
    match read {
        Ok(_) if text.last() == Some(&b'\n') => {}
        Ok(_) | Err(_) => return None,
    }
    serde_json::from_slice(&text).inspect_err(|error| warn!(%error, "a line makes no sense")).ok()
}

/// What is asked of the node, without waiting
pub(super) type Asking = UnboundedSender<Ask>;
