use std::net::UdpSocket;

use super::*;
use crate::event::{DeliveryState, PeerChange};

#[tokio::test]
async fn a_line_and_a_whisper_are_told_by_their_ids_on_both_sides() {
    let port = free_port();
    let (mut ann, mut bob) = (join("ann", port).await, join("bob", port).await);
    assert_eq!(meet(&mut ann, &mut bob).await, (1, 1));
    let said = ann.say("hi").await.unwrap();
    let whispered = ann.whisper("bob", "psst").await.unwrap();
    let id = ann.id();
    let both = async {
        let (mut heard, mut told) = (None, None);
        while heard.is_none() || told.is_none() {
            let event = bob.next().await;
            if let Event::Message { id, from, text, .. } = event {
                assert_eq!(text, "hi");
                heard = Some((id, from.id));
            } else if let Event::Whisper { id, from, text, .. } = event {
                assert_eq!(text, "psst");
                told = Some((id, from.id));
            }
        }
        (heard, told)
    };
    let delivered = async {
        loop {
            let event = ann.next().await;
            if let Event::Delivery { id, state: DeliveryState::Delivered, .. } = event {
                return id;
            }
            let is_echo =
                matches!(event, Event::Message { own: true, .. } | Event::Whisper { own: true, .. });
            assert!(!is_echo, "told twice");
        }
    };
    let ((heard, told), delivered) = tokio::join!(both, delivered);
    assert_eq!((heard, told), (Some((said, id)), Some((whispered, id))));
    assert_eq!(delivered, whispered);
    ann.leave().await;
    bob.leave().await;
}

#[tokio::test]
async fn what_is_refused_says_why_and_what_happened_meanwhile_still_comes() {
    let port = free_port();
    let (mut ann, mut bob) = (join("ann", port).await, join("bob", port).await);
    meet(&mut ann, &mut bob).await;
    assert_eq!(code(ann.whisper("cleo", "hi").await), ErrorCode::UnknownPeer);
    assert_eq!(code(ann.say("").await), ErrorCode::InvalidText);
    assert_eq!(code(ann.say("x".repeat(8_001)).await), ErrorCode::InvalidText);
    ann.say("x".repeat(8_000)).await.unwrap();
    assert!(matches!(ann.next().await, Event::Ready { .. }));
    loop {
        let event = ann.next().await;
        assert!(!matches!(event, Event::Error { code, .. } if code.refuses_a_line()), "{event:?}");
        if let Event::Peer { change: PeerChange::Joined, name, .. } = event {
            assert_eq!(name, "bob");
            break;
        }
    }
    assert_eq!(ann.peers()[0].id, bob.id());
}

#[tokio::test]
async fn what_is_done_about_lines_is_told_by_their_ids_and_not_again() {
    let port = free_port();
    let (mut ann, mut bob) = (join("ann", port).await, join("bob", port).await);
    meet(&mut ann, &mut bob).await;
    let said = ann.say("tea?").await.unwrap();
    let answer = ann.reply(said, "anybody?").await.unwrap();
    assert_ne!(answer, said);
    ann.edit(said, "coffee?").await.unwrap();
    for with in [":+1:", ":+1:", "wow", "-", "-"] {
        ann.react(said, with).await.unwrap();
    }
    ann.delete(answer).await.unwrap();
    assert_eq!(code(ann.delete(answer).await), ErrorCode::UnknownLine, "it is deleted already");
    assert_eq!(ann.topic(), None);
    for topic in ["cats", "cats"] {
        ann.set_topic(topic).await.unwrap();
    }
    assert_eq!(ann.topic().unwrap().text, "cats");
    for name in ["anna", "anna"] {
        ann.rename(name).await.unwrap();
        assert_eq!(ann.name(), name);
    }
    loop {
        let event = bob.next().await;
        if let Event::Message { id, reply_to: Some(to), .. } = event {
            assert_eq!((id, to), (answer, said));
        } else if let Event::Edited(edited) = event {
            assert_eq!((edited.target, edited.text), (said, "coffee?".into()));
        } else if let Event::Reaction(reaction) = event {
            assert_eq!(reaction.target, said);
        } else if let Event::Topic(_) = event {
            break;
        }
    }
    let whispered = bob.whisper(ann.id(), "psst").await.unwrap();
    assert_eq!(code(bob.edit(said, "no").await), ErrorCode::NotYours);
    assert_eq!(code(bob.delete(Uuid::nil()).await), ErrorCode::UnknownLine);
    assert_eq!(code(bob.reply(whispered, "no").await), ErrorCode::UnknownLine);
    assert_eq!(code(bob.react(said, ":no_such_thing:").await), ErrorCode::InvalidText);
    assert_eq!(code(bob.set_topic("").await), ErrorCode::InvalidText);
    assert_eq!(code(bob.rename("").await), ErrorCode::InvalidName);
    ann.hold_what_waits();
    assert!(matches!(ann.next().await, Event::Ready { .. }));
    while let Some(event) = ann.held.pop() {
        let is_own =
            matches!(event, Event::Ready { .. } | Event::Error { .. } | Event::Message { own: true, .. });
        assert!(!is_own, "{event:?}");
    }
}

fn code<T: std::fmt::Debug>(refused: Result<T, ChatError>) -> ErrorCode {
    match &refused {
        Err(ChatError::Refused { code, .. }) => *code,
        Err(ChatError::NotJoined { .. }) | Ok(_) => panic!("{refused:?}"),
    }
}

#[tokio::test]
async fn with_a_data_directory_one_is_the_same_person_and_has_a_history() {
    let (port, directory) = (free_port(), tempfile::tempdir().unwrap());
    let builder = || builder("ann", port).room("kitchen").data_dir(directory.path());
    let mut ann = builder().join().await.unwrap();
    let (id, said) = (ann.id(), ann.say("soup").await.unwrap());
    let Err(ChatError::NotJoined { message }) = builder().join().await else { panic!("twice the same") };
    assert!(!message.is_empty());
    ann.leave().await;
    let mut ann = builder().join().await.unwrap();
    assert_eq!((ann.id(), ann.room()), (id, "kitchen"));
    let history = ann.history(10);
    assert!(matches!(history.as_slice(), [Event::Message { id, past: true, .. }] if *id == said));
}

#[tokio::test]
async fn only_who_has_the_code_is_in_a_private_room() {
    let port = free_port();
    let private = |name, code: &str| builder(name, port).private_room("attic", code);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "One Two\n").unwrap();
    let (ann, bob, eve) = tokio::join!(
        private("ann", "one two").join(),
        builder("bob", port).private_room_from("attic", file.path()).join(),
        private("eve", "three").join()
    );
    let (mut ann, mut bob, eve) = (ann.unwrap(), bob.unwrap(), eve.unwrap());
    assert_eq!(meet(&mut ann, &mut bob).await, (1, 1));
    assert_eq!(ann.peers()[0].name, "bob");
    assert!(eve.peers().is_empty());
}

#[tokio::test]
async fn what_cannot_be_says_so_without_an_option() {
    let builders = [
        builder("", 1),
        builder("a\u{1b}b", 1),
        builder("ann", 1).room("two words"),
        builder("ann", 1).private_room("lobby", "one two"),
        builder("ann", 1).private_room("attic", " "),
        builder("ann", 1).private_room_from("attic", "/nowhere/at all"),
    ];
    for builder in builders {
        let Err(ChatError::NotJoined { message }) = builder.join().await else { panic!("is in") };
        assert!(!message.contains("--") && message.lines().count() == 1, "{message}");
    }
}

#[test]
fn it_can_be_a_task_of_its_own_and_does_not_print_codes() {
    fn is_send<T: Send>(_: &T) {}
    let builder = builder("ann", 1).private_room("attic", "one two");
    assert!(!format!("{builder:?}").contains("one two"));
    is_send(&async {
        let mut chat = builder.join().await.unwrap();
        chat.say("hi").await.unwrap();
        chat.next().await;
        chat.leave().await;
    });
}

async fn meet(one: &mut Chat, other: &mut Chat) -> (usize, usize) {
    let within = Duration::from_secs(10);
    tokio::join!(one.meet(within), other.meet(within))
}

async fn join(name: &str, port: u16) -> Chat {
    builder(name, port).join().await.unwrap()
}

/// On this machine alone
fn builder(name: &str, port: u16) -> ChatBuilder {
    Chat::builder(name).port(port).interface("127.0.0.1")
}

fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
