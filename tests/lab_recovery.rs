//! What gets lost on the way arrives all the same, for everyone, in the same order

use std::time::Duration;

use lanchat_harness::{
    Lab, Program, SOON, all_agree, all_expect, all_meet, gone, json, lab_or_skip, said, said_by_me,
    start_all, talk_together,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const SIX: [&str; 6] = ["ann", "bob", "cleo", "dan", "eve", "finn"];

/// Longer than what is promised of a network that loses so much
const IN_THE_END: Duration = Duration::from_secs(60);

#[test]
fn all_talk_at_30_percent_loss_and_end_with_one_transcript() {
    let Some((mut lab, mut programs)) = room() else {
        return;
    };
    lab.loss(30);
    let count = talk_together(&mut programs, Duration::from_secs(10));
    all_agree(&mut programs, count, IN_THE_END);
}

#[test]
fn a_line_that_only_one_heard_before_its_author_was_killed_reaches_all() {
    let Some((lab, mut programs)) = room() else {
        return;
    };
    lab.muffle("ann", &["bob"]);
    programs[0].say("only you");
    programs[0].expect(said_by_me("only you"), SOON);
    programs[0].kill9();
    all_expect(&mut programs[1..], said("ann", "only you"), IN_THE_END);
    programs[1].say("did you hear?");
    all_agree(&mut programs[1..], 2, IN_THE_END);
}

#[test]
fn both_sides_of_a_partition_talk_and_end_with_one_transcript() {
    let Some((lab, mut programs)) = room() else {
        return;
    };
    programs[0].say("before");
    all_expect(&mut programs, said("ann", "before"), SOON);
    lab.partition(&[&SIX[..3], &SIX[3..]]);
    let mut count = 1 + talk_together(&mut programs, Duration::from_secs(2));
    programs[0].expect(gone("finn"), 2 * SOON);
    count += talk_together(&mut programs, Duration::from_secs(2));
    programs[0].say("on this side");
    all_expect(&mut programs[..3], said("ann", "on this side"), SOON);
    for program in &mut programs[3..] {
        program.assert_never(said("ann", "on this side"));
    }
    lab.heal();
    all_agree(&mut programs, count + 1, IN_THE_END);
}

#[test]
fn a_newcomer_gets_all_that_is_kept_at_30_percent_loss() {
    let Some(mut lab) = lab_or_skip(LANCHAT) else {
        return;
    };
    let mut programs = start_all(&lab.hosts(&["ann", "bob"]));
    all_meet(&mut programs, SOON);
    for number in 0..500 {
        programs[number % 2].say(&format!("line {number}"));
    }
    all_agree(&mut programs, 500, SOON);
    lab.loss(30);
    let mut cleo = lab.host("cleo").chat_ready();
    cleo.expect(json!({"event": "message", "past": true}), IN_THE_END);
    programs.push(cleo);
    all_agree(&mut programs, 500, IN_THE_END);
}

#[test]
fn who_was_unplugged_while_others_talked_gets_it_all() {
    let Some((lab, mut programs)) = room() else {
        return;
    };
    lab.unplug("finn");
    let mut count = talk_together(&mut programs[..5], Duration::from_secs(3));
    programs[5].say("anybody?");
    count += 1;
    lab.plug("finn");
    all_agree(&mut programs, count, IN_THE_END);
}

/// Six hosts that know each other
fn room() -> Option<(Lab, Vec<Program>)> {
    let mut lab = lab_or_skip(LANCHAT)?;
    let mut programs = start_all(&lab.hosts(&SIX));
    all_meet(&mut programs, SOON);
    Some((lab, programs))
}
