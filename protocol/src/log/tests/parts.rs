//! Lines in several parts, and what stands between them

use super::*;

#[test]
fn a_line_in_parts_is_told_once_all_of_it_is_here() {
    let long = "é".repeat(3 * MAX_ITEM_BYTES / 2);
    let written = {
        let mut journal = Journal::new(id().author, 1);
        journal.say(&Text::new(&long).unwrap(), WallTime::default());
        (1..).map_while(|lamport| next(&mut journal, lamport)).collect::<Vec<_>>()
    };
    assert!(written.len() > 2);
    let mut log = met(9);
    for genuine in written.iter().rev() {
        assert_eq!(told(&mut log), Vec::<String>::new());
        offer(&mut log, Time::ZERO, genuine);
    }
    let facts = facts(&mut log);
    let [Fact::Line { line, order, is_past: true }] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((line.text.as_str(), order.seq, order.index), (long.as_str(), 1, 0));
    assert_eq!(line.id, MessageId::of_item(written[0].hash.as_bytes(), 0));
}

#[test]
fn an_entry_of_nothing_but_unknown_items_does_not_hide_the_line_around_it() {
    let parts = [item(Item::TEXT_BEGIN, "a"), item(99, "?"), item(Item::TEXT_END, "b")];
    let written = write(parts.map(|part| vec![part]).to_vec());
    let mut log = met(3);
    [0, 2, 1].iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
    assert_eq!(told(&mut log), ["ab"]);
}

#[test]
fn a_line_of_empty_parts_takes_nothing_of_the_next() {
    let parts = [item(Item::TEXT_BEGIN, ""), item(Item::TEXT_END, ""), item(Item::TEXT, "x")];
    let written = write(parts.map(|part| vec![part]).to_vec());
    let mut log = met(3);
    written.iter().rev().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    assert_eq!(told(&mut log), ["x"]);
}

#[test]
fn a_line_goes_on_over_the_end_of_an_earlier_run() {
    let parts = [Item::TEXT_BEGIN, Item::TEXT_MORE, Item::TEXT_END].map(|kind| vec![item(kind, "x")]);
    let written = write(parts.to_vec());
    for restored in [vec![0], vec![0, 1], vec![2], vec![0, 2], vec![1, 2]] {
        let mut log = Log::new(id(), Time::ZERO);
        restored.iter().for_each(|index| assert!(restore(&mut log, &written[*index])));
        log.want_from(1);
        written.iter().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
        assert_eq!(told(&mut log), ["xxx"], "{restored:?}");
    }
}

#[test]
fn a_line_over_very_many_entries_is_not_looked_for() {
    let mut parts = vec![vec![item(99, "?")]; 1_000];
    parts[0] = vec![item(Item::TEXT_BEGIN, "a")];
    parts[999] = vec![item(Item::TEXT_END, "b")];
    let written = write(parts);
    let mut log = log();
    written.iter().for_each(|genuine| offer(&mut log, Time::ZERO, genuine));
    assert_eq!(told(&mut log), Vec::<String>::new());
}
