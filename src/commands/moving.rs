//! The way into a further room, while one goes on talking in the others

use anyhow::anyhow;
use tokio::task::JoinHandle;

use super::entrance::{Destination, Opened};
use crate::lang::tell;

/// A room whose key is being derived, by another thread
#[derive(Debug)]
pub(super) struct Moving(JoinHandle<anyhow::Result<Opened>>);

impl Moving {
    pub(super) fn to(destination: Destination) -> Self {
        Self(tokio::task::spawn_blocking(|| destination.open()))
    }

    /// Waits until it can be entered, or cannot be; for ever where nobody goes anywhere; cancel-safe until then
    pub(super) async fn opened(moving: &mut Option<Self>) -> anyhow::Result<Opened> {
        match moving {
            Some(Self(task)) => match task.await {
                Ok(outcome) => outcome,
                Err(error) => Err(anyhow!(tell!("room-not-opened", reason = %error))),
            },
            None => std::future::pending().await,
        }
    }
}
