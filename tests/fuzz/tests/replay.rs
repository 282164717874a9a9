//! All targets over the committed corpora, and over mutations that are the same at each run

#![cfg(test)]

use std::{collections::BTreeSet, panic, path::PathBuf, thread};

use lanchat_fuzz::{TARGETS, Target, corpus, corpus_directory, mutations};

/// Has a target take bytes; if something does not hold, the bytes are put where they can be taken from
fn run(target: Target, what: &str, bytes: &[u8]) -> Result<(), String> {
    panic::catch_unwind(|| (target.run)(bytes)).map_err(|_| {
        let file = std::env::temp_dir().join(format!("lanchat-fuzz-{}", target.name));
        std::fs::write(&file, bytes).unwrap();
        format!("{} for {what}, which is in {}", target.name, file.display())
    })
}

/// The targets, half of them at once, each until something does not hold
fn for_all(check: impl Fn(Target) -> Result<(), String> + Sync) {
    let (even, odd): (Vec<_>, Vec<_>) = TARGETS.iter().enumerate().partition(|(number, _)| number % 2 == 0);
    let failures = |targets: &[(usize, &Target)]| -> Vec<String> {
        targets.iter().filter_map(|(_, target)| check(**target).err()).collect()
    };
    let failures = thread::scope(|scope| {
        let others = scope.spawn(|| failures(&odd));
        [failures(&even), others.join().unwrap()].concat()
    });
    assert!(failures.is_empty(), "something does not hold in {failures:#?}");
}

#[test]
fn the_corpora_hold() {
    for_all(|target| {
        let inputs = corpus(target.name);
        assert!(inputs.len() >= 3, "{} has a corpus of {}", target.name, inputs.len());
        inputs.iter().try_for_each(|(path, bytes)| run(target, &path.display().to_string(), bytes))
    });
}

#[test]
fn what_follows_from_the_corpora_holds() {
    for_all(|target| {
        let inputs: Vec<_> = corpus(target.name).into_iter().map(|(_, bytes)| bytes).collect();
        let mut mutations = mutations(&inputs, target.mutations, 1).enumerate();
        mutations.try_for_each(|(number, bytes)| run(target, &format!("mutation {number}"), &bytes))
    });
}

#[test]
fn every_target_has_a_corpus_and_a_binary_and_every_corpus_a_target() {
    let names: BTreeSet<_> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let list = |directory: PathBuf| -> BTreeSet<String> {
        let files = std::fs::read_dir(directory).unwrap();
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list(corpus_directory("")), names);
    assert_eq!(list(corpus_directory("../libfuzzer/fuzz_targets")), names);
}
