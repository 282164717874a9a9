//! A small file of a profile that is replaced as a whole, without keeping anybody waiting for the disk

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::task::JoinHandle;
use tracing::warn;

use crate::platform::files;

/// Writes the file when something else is to stand in it, the latest last
#[derive(Debug)]
pub(crate) struct Notes {
    directory: PathBuf,
    file: &'static str,
    noted: Option<String>,
    /// How many times something was to be noted, and was
    count: u64,
    written: Arc<Mutex<u64>>,
    latest: Option<JoinHandle<()>>,
}

impl Notes {
    pub(crate) fn new(directory: &Path, file: &'static str) -> Self {
        let directory = directory.to_owned();
        Self { directory, file, noted: None, count: 0, written: Arc::default(), latest: None }
    }

    pub(crate) fn write(&mut self, text: String) {
        if self.noted.as_ref() == Some(&text) {
            return;
        }
        self.noted = Some(text.clone());
        self.count += 1;
        let (count, written) = (self.count, Arc::clone(&self.written));
        let (directory, file) = (self.directory.clone(), self.file);
        self.latest = Some(tokio::task::spawn_blocking(move || {
            let mut latest = written.lock().unwrap_or_else(PoisonError::into_inner);
            if count > *latest {
                *latest = count;
                if let Err(error) = files::replace_private(&directory, file, text.as_bytes()) {
                    warn!(%error, file, "it is not noted");
                }
            }
        }));
    }

    /// Waits until the latest is noted
    pub(crate) async fn finish(self) {
        if let Some(latest) = self.latest
            && let Err(error) = latest.await
        {
            warn!(%error, file = self.file, "it is not noted");
        }
    }
}
