//! Who is there, who said goodbye, and who is gone

use std::time::Duration;

use lanchat_harness::{
    Lab, Program, SOON, all_expect, all_meet, changed, gone, joined, json, lab_or_skip, left, ready,
    start_all, until_heard,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");
const SIX: [&str; 6] = ["ann", "bob", "cleo", "dan", "eve", "finn"];

/// Longer than it takes to be sure that somebody is gone
const GONE: Duration = Duration::from_secs(15);

#[test]
fn who_is_killed_is_gone_for_all() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let mut finn = programs.pop().unwrap();
    finn.kill9();
    all_expect(&mut programs, gone("finn"), GONE);
    for program in &mut programs {
        program.assert_never(left("finn"));
    }
}

#[test]
fn who_says_goodbye_has_left_and_is_not_gone() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let mut finn = programs.pop().unwrap();
    finn.terminate();
    all_expect(&mut programs, left("finn"), SOON);
    finn.wait().assert_code(0);
    for program in &mut programs {
        program.assert_never(gone("finn"));
    }
}

#[test]
fn who_is_unplugged_is_gone_and_comes_back() {
    let Some((lab, mut programs)) = room() else { return };
    let finn = programs.len() - 1;
    lab.unplug("finn");
    all_expect(&mut programs[..finn], gone("finn"), GONE);
    for name in &SIX[..finn] {
        programs[finn].expect(gone(name), GONE);
    }
    programs[finn].expect(json!({"event": "error", "code": "network"}), SOON);
    lab.plug("finn");
    all_expect(&mut programs[..finn], joined("finn"), GONE);
    for name in &SIX[..finn] {
        programs[finn].expect(joined(name), GONE);
    }
    for name in &SIX[1..finn] {
        programs[0].assert_never(gone(name));
    }
    let [ann, .., finn] = programs.as_mut_slice() else { panic!("six programs") };
    until_heard(finn, ann, SOON);
    until_heard(ann, finn, SOON);
}

#[test]
fn both_sides_of_a_partition_miss_each_other_and_meet_again() {
    let Some((lab, mut programs)) = room() else { return };
    lab.partition(&[&SIX[..3], &SIX[3..]]);
    let other_side = |index: usize| if index < 3 { &SIX[3..] } else { &SIX[..3] };
    for (index, program) in programs.iter_mut().enumerate() {
        for name in other_side(index) {
            program.expect(gone(name), GONE);
        }
    }
    lab.heal();
    for (index, program) in programs.iter_mut().enumerate() {
        for name in other_side(index) {
            program.expect(joined(name), GONE);
        }
        let same_side = if index < 3 { &SIX[..3] } else { &SIX[3..] };
        for name in same_side {
            program.assert_never(gone(name));
        }
    }
    let [ann, .., finn] = programs.as_mut_slice() else { panic!("six programs") };
    until_heard(ann, finn, SOON);
}

#[test]
fn a_restart_is_the_same_person_and_not_a_second_one() {
    let Some((mut lab, mut programs)) = room() else {
        return;
    };
    let mut finn = programs.pop().unwrap();
    let id = finn.events(ready())[0]["id"].clone();
    finn.kill9();
    let mut finn = lab.host("finn").chat();
    assert_eq!(finn.expect(ready(), SOON)["id"], id);
    for name in &SIX[..5] {
        finn.expect(joined(name), SOON);
    }
    for program in &mut programs {
        until_heard(&mut finn, program, SOON);
        program.say("/peers");
        let answer = program.expect(json!({"event": "peers"}), SOON);
        let peers = answer["peers"].as_array().unwrap();
        let finns: Vec<_> = peers.iter().filter(|peer| peer["name"] == "finn").collect();
        assert_eq!((peers.len(), finns.len()), (5, 1), "{answer:?}");
        assert_eq!(finns[0]["id"], id);
        program.assert_never(left("finn"));
    }
}

#[test]
fn all_killed_at_once_but_one_are_gone_for_that_one() {
    let Some((_lab, mut programs)) = room() else {
        return;
    };
    let mut ann = programs.remove(0);
    for program in &mut programs {
        program.kill9();
    }
    for name in &SIX[1..] {
        ann.expect(changed("gone", name), GONE);
    }
    ann.say("/peers");
    assert_eq!(ann.expect(json!({"event": "peers"}), SOON)["peers"], json!([]));
}

/// Six hosts that know each other
fn room() -> Option<(Lab, Vec<Program>)> {
    let mut lab = lab_or_skip(LANCHAT)?;
    let mut programs = start_all(&lab.hosts(&SIX));
    all_meet(&mut programs, SOON);
    Some((lab, programs))
}
