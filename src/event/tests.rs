//! The contract, and events for the tests of others

use super::*;

/// One of each, in the words of the contract
pub(crate) const CONTRACT: [&str; 39] = [
    r#"{"event":"ready","id":"00000000-0000-8000-8000-00000000000a","name":"alice","room":"lobby","port":25252}"#,
    r#"{"event":"peer","change":"joined","id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}"#,
    r#"{"event":"peer","change":"gone","id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}"#,
    r#"{"event":"peer","change":"renamed","id":"00000000-0000-8000-8000-00000000000b","name":"rob","was":"bob","addr":"198.18.0.2:25253"}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000001","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"hi","sent_at":"2026-11-23T12:03:04.567Z","order":"0000000000000007-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000003-00000000"}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000002","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"text":"ho","sent_at":"2026-11-23T12:03:05Z","order":"0000000000000009-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000001-00000000","own":true}"#,
    r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000003","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"psst","sent_at":"2026-11-23T12:03:06Z"}"#,
    r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000004","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"to":"00000000-0000-8000-8000-00000000000b","text":"what","sent_at":"2026-11-23T12:03:07Z","own":true}"#,
    r#"{"event":"delivery","id":"00000000-0000-8000-8000-000000000004","to":"00000000-0000-8000-8000-00000000000b","state":"delivered"}"#,
    r#"{"event":"gap","room":"lobby","id":"0000000000008000800000000000000b-193574b4d07-4","author":"00000000-0000-8000-8000-00000000000b","name":"bob","missing":3}"#,
    r#"{"event":"error","code":"unknown_peer","message":"nobody here is called bob"}"#,
    r#"{"event":"peers","peers":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253"}]}"#,
    r#"{"event":"raw","bind":"0.0.0.0:8899","to":"198.18.0.2:8899","encoding":"auto","fallback":"gbk"}"#,
    r#"{"event":"datagram","from":"198.18.0.2:8899","text":"你好","bytes":4,"encoding":"gbk","hex":"c4e3bac3","at":"2026-11-23T12:03:08Z"}"#,
    r#"{"event":"datagram","to":"198.18.0.2:8899","text":"hi","bytes":2,"encoding":"utf-8","own":true,"at":"2026-11-23T12:03:09Z"}"#,
    r#"{"event":"guest","from":"198.18.0.9:8899","text":"hi","bytes":3,"encoding":"utf-8","replaced":true,"relayed":true,"at":"2026-11-23T12:03:10Z"}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000005","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"hello?","sent_at":"2026-11-23T12:03:04.6Z","order":"0000000000000008-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000004-00000000","late":true}"#,
    r#"{"event":"gap","room":"lobby","id":"0000000000008000800000000000000b-193574b4d07-4","author":"00000000-0000-8000-8000-00000000000b","name":"bob","missing":0}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000006","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"text":"yesterday","sent_at":"2026-11-22T12:03:04Z","order":"0000000000000002-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-0000019352248d07-0000000000000001-00000000","own":true,"past":true}"#,
    r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000007","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"psst","sent_at":"2026-11-22T12:03:06Z","past":true}"#,
    r#"{"event":"whisper","id":"00000000-0000-8000-8000-000000000008","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"to":"00000000-0000-8000-8000-00000000000b","text":"well?","sent_at":"2026-11-22T12:03:07Z","own":true,"past":true,"state":"queued"}"#,
    r#"{"event":"contact","change":"pinned","id":"00000000-0000-8000-8000-00000000000b","name":"bob","trust":"pinned"}"#,
    r#"{"event":"verify","id":"00000000-0000-8000-8000-00000000000b","name":"bob","words":["abandon","ability","able","about","above","absent","absorb","abstract"]}"#,
    r#"{"event":"warning","code":"key_changed","id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","contact":"00000000-0000-8000-8000-00000000000b","message":"somebody else calls themselves Bob"}"#,
    r#"{"event":"contact","change":"blocked","id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","blocked":true}"#,
    r#"{"event":"blocked","people":[{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob"}]}"#,
    r#"{"event":"peers","peers":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob","addr":"198.18.0.2:25253","trust":"verified"},{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob","addr":"198.18.0.3:25253","label":"Bob~c000","blocked":true}]}"#,
    r#"{"event":"ready","id":"00000000-0000-8000-8000-00000000000a","name":"alice","room":"attic","port":25252,"private":true}"#,
    r#"{"event":"alone","room":"attic","message":"nobody answers with this code"}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"tea?","sent_at":"2026-11-23T12:04:00Z","order":"0000000000000010-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000009-00000000","reply_to":"00000000-0000-8000-8000-000000000002"}"#,
    r#"{"event":"edited","room":"lobby","id":"00000000-0000-8000-8000-000000000012","target":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"coffee?","sent_at":"2026-11-23T12:04:01Z","order":"0000000000000011-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000a-00000000"}"#,
    r#"{"event":"reaction","room":"lobby","target":"00000000-0000-8000-8000-000000000011","from":{"id":"00000000-0000-8000-8000-00000000000a","name":"alice"},"with":"👍","order":"0000000000000012-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000004-00000000","own":true}"#,
    r#"{"event":"deleted","room":"lobby","target":"00000000-0000-8000-8000-000000000001","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"order":"0000000000000013-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000b-00000000"}"#,
    r#"{"event":"topic","room":"lobby","text":"cats","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"sent_at":"2026-11-23T12:04:02Z","order":"0000000000000014-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-000000000000000c-00000000"}"#,
    r#"{"event":"peer","change":"away","id":"00000000-0000-8000-8000-00000000000b","name":"bob","note":"at lunch","addr":"198.18.0.2:25253"}"#,
    r#"{"event":"typing","id":"00000000-0000-8000-8000-00000000000b","name":"bob"}"#,
    r#"{"event":"holds","peer":"00000000-0000-8000-8000-00000000000b","upto":"0000000000000009-0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a-00000193574b4d07-0000000000000001-00000000"}"#,
    r#"{"event":"received","id":"00000000-0000-8000-8000-000000000002","by":[{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"}],"not_by":[{"id":"c0000000-0000-8000-8000-00000000000c","name":"Bob"}]}"#,
    r#"{"event":"message","room":"lobby","id":"00000000-0000-8000-8000-000000000013","from":{"id":"00000000-0000-8000-8000-00000000000b","name":"bob"},"text":"so there","sent_at":"2026-11-22T12:04:00Z","order":"0000000000000003-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000001-00000000","edited":true,"edited_order":"0000000000000004-0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b-00000193574b4d07-0000000000000002-00000000","past":true}"#,
];

pub(crate) fn contract() -> Vec<Event> {
    CONTRACT.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A line of bob's with this id and at this place
pub(crate) fn line(number: u64, text: &str) -> Event {
    let mut event: Event = serde_json::from_str(CONTRACT[4]).unwrap();
    if let Event::Message { id, text: said, order, .. } = &mut event {
        *id = Uuid::from_u128(number.into());
        *said = text.into();
        *order = format!("{number:016x}{}", &order.to_string()[16..]).parse().unwrap();
    }
    event
}

/// The same, said before this node was there
pub(crate) fn past_line(number: u64, text: &str) -> Event {
    let mut event = line(number, text);
    if let Event::Message { past, .. } = &mut event {
        *past = true;
    }
    event
}

#[test]
fn every_line_of_the_contract_is_read_and_written_back_to_the_byte() {
    for line in CONTRACT {
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), line);
    }
}

#[test]
fn fields_and_error_codes_of_a_newer_version_are_accepted() {
    let line = r#"{"event":"error","code":"moon_phase","message":"wait","more":1}"#;
    let event: Event = serde_json::from_str(line).unwrap();
    assert_eq!(event, Event::error(ErrorCode::Other, "wait"));
}
