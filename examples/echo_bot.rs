//! Answers every whisper with what it says
use lanchat::{Chat, ChatError, Event};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ChatError> {
    let mut chat = Chat::builder("echo").join().await?;
    let mut end = std::pin::pin!(tokio::signal::ctrl_c());
    while let Some(event) = tokio::select! { event = chat.next() => Some(event), _ = &mut end => None } {
        if let Event::Whisper { from, text, own: false, past: false, .. } = event {
            chat.whisper(from.id, text).await.ok();
        }
    }
    chat.leave().await;
    Ok(())
}
