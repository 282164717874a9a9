//! The events of `--json`, as patterns

use serde_json::{Value, json};

/// The first line of every program that chats
pub fn ready() -> Value {
    json!({"event": "ready"})
}

/// Somebody called `name` has come
pub fn joined(name: &str) -> Value {
    changed("joined", name)
}

/// Somebody called `name` has said goodbye
pub fn left(name: &str) -> Value {
    changed("left", name)
}

/// Somebody called `name` does not answer any more
pub fn gone(name: &str) -> Value {
    changed("gone", name)
}

/// Somebody is called `name` now
pub fn renamed(name: &str) -> Value {
    changed("renamed", name)
}

/// A peer event with this `change` about somebody called `name`
pub fn changed(change: &str, name: &str) -> Value {
    json!({"event": "peer", "change": change, "name": name})
}

/// Any line said by `name`
pub fn message(name: &str) -> Value {
    json!({"event": "message", "from": {"name": name}})
}

/// The line `text`, said to all by `name`
pub fn said(name: &str, text: &str) -> Value {
    json!({"event": "message", "from": {"name": name}, "text": text})
}

/// The echo of one's own line
pub fn said_by_me(text: &str) -> Value {
    json!({"event": "message", "text": text, "own": true})
}

/// The whisper `text` from `name`
pub fn whispered(name: &str, text: &str) -> Value {
    json!({"event": "whisper", "from": {"name": name}, "text": text})
}

/// The echo of one's own whisper
pub fn whisper_to(text: &str) -> Value {
    json!({"event": "whisper", "text": text, "own": true})
}

/// What became of the whisper with this id
pub fn delivery(id: &Value, state: &str) -> Value {
    json!({"event": "delivery", "id": id, "state": state})
}

/// Any error
pub fn error() -> Value {
    json!({"event": "error"})
}
