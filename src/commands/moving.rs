//! From one room to another in one program: one stays until the other is open and all is said

use std::time::Duration;

use anyhow::anyhow;
use tokio::{task::JoinHandle, time::Instant};

use super::entrance::{Destination, Opened};
use crate::lang::tell;

/// Another room on the way
#[derive(Debug)]
pub(super) enum Moving {
    /// Its key is being derived, by another thread
    Opening(JoinHandle<anyhow::Result<Opened>>),
    /// It can be gone to, at the latest then
    Open(Box<Opened>, Instant),
}

/// How long what was said before may take
const SAYING: Duration = Duration::from_secs(2);

impl Moving {
    pub(super) fn to(destination: Destination) -> Self {
        Self::Opening(tokio::task::spawn_blocking(|| destination.open()))
    }

    pub(super) fn open(opened: Opened) -> Self {
        Self::Open(Box::new(opened), Instant::now() + SAYING)
    }

    /// Waits until it is open, or cannot be; cancel-safe until then
    pub(super) async fn opened(moving: &mut Option<Self>) -> anyhow::Result<Opened> {
        match moving {
            Some(Self::Opening(task)) => match task.await {
                Ok(outcome) => outcome,
                Err(error) => Err(anyhow!(tell!("room-not-opened", reason = %error))),
            },
            Some(Self::Open(..)) | None => std::future::pending().await,
        }
    }

    /// When to go at the latest
    pub(super) fn due(moving: Option<&Self>) -> Option<Instant> {
        match moving {
            Some(Self::Open(_, by)) => Some(*by),
            Some(Self::Opening(_)) | None => None,
        }
    }

    /// The room, if it is time to go
    pub(super) fn take(moving: &mut Option<Self>, all_is_said: bool) -> Option<Opened> {
        let is_time = Self::due(moving.as_ref()).is_some_and(|by| all_is_said || by <= Instant::now());
        match moving.take_if(|_| is_time) {
            Some(Self::Open(opened, _)) => Some(*opened),
            Some(Self::Opening(_)) | None => None,
        }
    }
}
