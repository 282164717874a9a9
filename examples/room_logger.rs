//! Prints what is said in a room and who comes and goes: `room_logger ROOM DIRECTORY`
//!
//! In the directory it keeps who it is and what was said, and begins with the last 20 lines of before.

use std::io::{self, Write};

use lanchat::{Chat, Event, PeerChange};

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(room), Some(directory)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("which room, and where is it to be kept? room_logger ROOM DIRECTORY");
    };
    let mut chat = Chat::builder("logger").room(room).data_dir(directory).join().await?;
    for event in chat.history(20) {
        log(&event)?;
    }
    let mut end = std::pin::pin!(tokio::signal::ctrl_c());
    while let Some(event) = tokio::select! { event = chat.next() => Some(event), _ = &mut end => None } {
        log(&event)?;
    }
    chat.leave().await;
    Ok(())
}

/// One line for what people read in the log, nothing for the rest
fn log(event: &Event) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Event::Message { from, text, sent_at, .. } = event {
        // Clean text has no character that could forge a line of somebody else.
        writeln!(out, "{sent_at:.0} {}: {}", from.called().clean_name(), text.clean_lines("  "))?;
    } else if let Event::Peer { change: PeerChange::Joined, name, .. } = event {
        writeln!(out, "{} came", name.clean_name())?;
    } else if let Event::Peer { change: PeerChange::Left | PeerChange::Gone, name, .. } = event {
        writeln!(out, "{} went", name.clean_name())?;
    }
    out.flush()
}
