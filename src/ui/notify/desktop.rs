//! The desktop's notifications, shown by a thread of its own: a desktop that does not answer holds nobody up

use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

use notify_rust::Notification;
use tracing::info;

use super::Notice;

/// Where notices go; those that the desktop is too slow for are left out
#[derive(Debug)]
pub struct Desktop {
    notices: Option<SyncSender<Notice>>,
}

/// How many may wait for the desktop
const QUEUE: usize = 8;

impl Desktop {
    /// Starts the thread; without one nothing is shown
    pub fn start() -> Self {
        let (notices, queue) = sync_channel::<Notice>(QUEUE);
        let show_all = move || {
            for notice in queue {
                if let Err(error) = show(&notice) {
                    // There is no desktop here, or none that shows any.
                    info!(%error, "the desktop shows no notifications");
                    return;
                }
            }
        };
        let started = thread::Builder::new().name("notices".to_owned()).spawn(show_all);
        Self { notices: started.ok().map(|_| notices) }
    }

    /// Shows it soon; never blocks
    pub fn show(&self, notice: Notice) {
        if let Some(notices) = &self.notices {
            // One too many, or there is no desktop.
            let _ = notices.try_send(notice);
        }
    }
}

fn show(notice: &Notice) -> notify_rust::error::Result<()> {
    let (summary, body) = (first_of(&notice.summary), escaped(&first_of(notice.body.as_str())));
    Notification::new().appname("lanchat").summary(&summary).body(&body).show().map(|_| ())
}

/// As much as one reads at a glance
fn first_of(text: &str) -> String {
    const GLANCE: usize = 200;
    let mut shown: String = text.chars().take(GLANCE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Some desktops read a body as markup
fn escaped(text: &str) -> String {
    if cfg!(all(unix, not(target_os = "macos"))) {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_short_and_no_markup() {
        assert_eq!(first_of("hi"), "hi");
        assert_eq!(first_of(&"界".repeat(300)), "界".repeat(200) + "…");
        if cfg!(target_os = "linux") {
            assert_eq!(escaped("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
        }
    }
}
