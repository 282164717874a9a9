//! The connection of an attached window to the program that runs the node

use std::{path::Path, time::Duration};

use anyhow::anyhow;
use tokio::{
    io::BufReader,
    sync::mpsc::{Receiver, channel, unbounded_channel},
    task::JoinHandle,
};

use super::{
    Wants,
    door::{self, Asking},
    lines::{Ask, Told, VERSION, Way},
};
use crate::{lang::tell, platform::local};

/// The connection to the program that runs the node
#[derive(Debug)]
pub(super) struct Link {
    told: Receiver<Told>,
    asks: Asking,
    /// Whether the program ends, and hears no more
    is_ending: bool,
    reading: JoinHandle<()>,
    writing: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// How long a link may take to hand over what was asked for last
const CLOSING: Duration = Duration::from_secs(2);
/// How long rooms that were asked for may take to be entered
const ENTERING: Duration = Duration::from_secs(20);

impl Link {
    /// Connects to whoever runs the node of the profile in this directory, and gives back what it tells first
    ///
    /// # Errors
    /// When it does not want this window, or is stuck; `Ok(None)` where nobody runs it
    pub(super) async fn open(directory: &Path, wants: &Wants) -> anyhow::Result<Option<(Self, Vec<Told>)>> {
        let Ok(stream) = local::connect(directory).await else { return Ok(None) };
        let mut link = Self::on(stream);
        let rooms = wants.rooms.iter().map(Way::of).collect();
        link.ask(Ask::Attach { version: VERSION, rooms, all: wants.all, sits: wants.sits && wants.all });
        let (mut all, mut refused) = (Vec::new(), None);
        loop {
            match tokio::time::timeout(ENTERING, link.told.recv()).await {
                Ok(Some(Told::Attached)) => return Ok(Some((link, all))),
                Ok(Some(told)) => {
                    if let Told::Refused { message } = &told {
                        refused = Some(message.clone());
                    }
                    all.push(told);
                }
                Ok(None) => return refused.map_or(Ok(None), |message| Err(anyhow!("{message}"))),
                Err(_) => return Err(anyhow!(tell!("window-silent"))),
            }
        }
    }

    /// What it tells next, or nothing where it has ended; never where there is no connection; cancel-safe
    pub(super) async fn told(link: &mut Option<Self>) -> Option<Told> {
        match link {
            Some(link) => link.told.recv().await,
            None => std::future::pending().await,
        }
    }

    fn on(stream: local::Stream) -> Self {
        let (from, mut to) = local::split(stream);
        let (asks, asked) = unbounded_channel();
        let (tell, told) = channel(1_024);
        let reading = tokio::spawn(async move {
            let mut from = BufReader::new(from);
            while let Some(line) = door::read::<Told>(&mut from).await {
                if tell.send(line).await.is_err() {
                    return;
                }
            }
        });
        let writing = tokio::spawn(async move { door::ask_all(&mut to, asked).await });
        Self { told, asks, is_ending: false, reading, writing }
    }

    /// Asks for the last thing: to go on with the node
    pub(super) fn go_on(&mut self) {
        self.ask(Ask::GoOn);
        self.is_ending = true;
    }

    /// Whether what is asked is still heard
    pub(super) fn is_open(&self) -> bool {
        !self.is_ending
    }

    pub(super) fn ask(&self, ask: Ask) {
        // Whoever does not hear it any more is noticed by what it tells.
        let _ = self.asks.send(ask);
    }

    /// Ends once all that was asked is handed over
    pub(super) async fn close(mut self) {
        self.asks = unbounded_channel().0;
        // Otherwise nobody takes it.
        let _ = tokio::time::timeout(CLOSING, &mut self.writing).await;
    }
}
