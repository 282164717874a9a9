//! What a program does by the library, as the built program shows it

use std::{thread, time::Duration};

use lanchat::{Chat, ChatError, Event, Uuid};
use lanchat_harness::{Loopback, SOON, json, left, renamed, said};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn what_a_bot_does_about_lines_reaches_those_who_sit_at_the_program() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").chat_ready();
    let (port, runtime) = (lan.port(), tokio::runtime::Builder::new_current_thread().enable_all().build());
    let runtime = runtime.unwrap();
    // In a thread of its own, since nothing else may keep it from the network.
    let bot = thread::spawn(move || runtime.block_on(answer_one_question(port)));
    ann.expect(json!({"event": "peer", "change": "joined", "name": "bot"}), SOON);
    ann.say("shall we?");
    let question = json!({"event": "message", "text": "shall we?"});
    let question = ann.expect(question, SOON)["id"].clone();
    let answer = ann.expect(json!({"event": "message", "text": "one moment", "reply_to": question}), SOON);
    ann.expect(json!({"event": "reaction", "target": question, "with": "👍"}), SOON);
    ann.expect(json!({"event": "edited", "target": answer["id"], "text": "yes"}), SOON);
    ann.expect(json!({"event": "topic", "text": "yes or no"}), SOON);
    let oops = ann.expect(said("bot", "oops"), SOON);
    ann.expect(json!({"event": "deleted", "target": oops["id"]}), SOON);
    ann.expect(renamed("yes"), SOON);
    ann.say("thanks");
    ann.expect(left("yes"), SOON);
    bot.join().unwrap().unwrap();
}

async fn answer_one_question(port: u16) -> Result<(), ChatError> {
    let mut chat = Chat::builder("bot").port(port).interface("lo").join().await?;
    chat.meet(Duration::from_secs(10)).await;
    let question = next_line(&mut chat).await;
    let answer = chat.reply(question, "one moment").await?;
    chat.react(question, ":+1:").await?;
    chat.edit(answer, "yes").await?;
    chat.set_topic("yes or no").await?;
    let oops = chat.say("oops").await?;
    chat.delete(oops).await?;
    chat.rename("yes").await?;
    next_line(&mut chat).await;
    chat.leave().await;
    Ok(())
}

async fn next_line(chat: &mut Chat) -> Uuid {
    loop {
        if let Event::Message { id, .. } = chat.next().await {
            return id;
        }
    }
}
