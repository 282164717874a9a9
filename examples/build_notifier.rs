//! Runs a command and tells the room how it ended, and one person alone if it failed: `build_notifier NAME COMMAND…`
//!
//! It ends once that person has the whisper, or after ten seconds, and as the command did.

use std::{
    process::{Command, ExitCode},
    time::Duration,
};

use lanchat::{Chat, DeliveryState, Event, Uuid};
use tokio::{task::spawn_blocking, time::timeout};

/// How long others may take to be found, and a whisper to be delivered
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(program)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("whom to tell, and what to run? build_notifier NAME COMMAND…");
    };
    let mut command = Command::new(&program);
    command.args(arguments);
    let status = spawn_blocking(move || command.status()).await??;

    let mut chat = Chat::builder("build").join().await?;
    chat.meet(PATIENCE).await;
    if status.success() {
        chat.say(format!("{program} is done")).await?;
    } else {
        chat.say(format!("{program} has failed")).await?;
        let id = chat.whisper(name, format!("{program} ended with {status}")).await?;
        // Whoever does not have it in time reads it in the room.
        timeout(PATIENCE, delivered(&mut chat, id)).await.ok();
    }
    chat.leave().await;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn delivered(chat: &mut Chat, whisper: Uuid) {
    loop {
        if let Event::Delivery { id, state: DeliveryState::Delivered, .. } = chat.next().await
            && id == whisper
        {
            return;
        }
    }
}
