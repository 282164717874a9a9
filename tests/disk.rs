//! A disk that fills up while people talk, and one that nothing can be written to
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use lanchat_harness::{
    Loopback, OrFail, Person, Program, SOON, delivery, error, json, namespaces_or_skip, ready, said,
    said_by_me, whisper_to, whispered,
};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn what_cannot_be_stored_is_not_sent_and_all_works_again_once_there_is_room() {
    if !namespaces_or_skip() {
        return;
    }
    let lan = Loopback::new(LANCHAT);
    let disk = Disk::new(lan.scratch());
    let mut ann = disk.start(&lan.person("ann"), lan.port());
    ann.expect(ready(), SOON);
    let mut bob = lan.person("bob").chat_ready();
    ann.expect(json!({"event": "peer", "change": "joined", "name": "bob"}), SOON);
    ann.say("before");
    bob.expect(said("ann", "before"), SOON);

    disk.fill(&ann);
    for line in ["unsent", "/msg bob unsent"] {
        ann.say(line);
        let refused = ann.expect(json!({"event": "error", "code": "not_stored"}), SOON);
        assert!(refused.text("message").contains("make room"), "{refused:?}");
    }
    bob.say("can you hear me?");
    ann.expect(said("bob", "can you hear me?"), SOON);
    ann.expect(json!({"event": "error", "code": "not_kept"}), SOON);
    bob.say("/msg ann keep this");
    let waiting = bob.expect(whisper_to("keep this"), SOON);

    disk.make_room(&ann);
    bob.expect(delivery(&waiting["id"], "delivered"), SOON);
    ann.expect(whispered("bob", "keep this"), SOON);
    ann.say("after");
    ann.expect(said_by_me("after"), SOON);
    bob.expect(said("ann", "after"), SOON);
    ann.say("/msg bob after");
    bob.expect(whispered("ann", "after"), SOON);
    bob.assert_never(json!({"text": "unsent"}));
    bob.assert_never(error());
}

#[test]
fn who_is_ephemeral_needs_no_disk() {
    if !namespaces_or_skip() {
        return;
    }
    let lan = Loopback::new(LANCHAT);
    let mut bob = lan.person("bob").chat_ready();
    let person = lan.person("ann");
    let script = format!(
        "mount -t tmpfs -o ro nothing $HOME && export TMPDIR=$HOME && ! touch $HOME/file 2>/dev/null &&
         exec {LANCHAT} --interface lo --port {} --name ann --ephemeral --json",
        lan.port()
    );
    let mut ann = Program::start("ann", in_mount_namespace(&person, &script));
    ann.expect(json!({"event": "peer", "change": "joined", "name": "bob"}), SOON);
    for line in ["hello", "/msg bob psst"] {
        ann.say(line);
    }
    bob.expect(said("ann", "hello"), SOON);
    bob.expect(whispered("ann", "psst"), SOON);
    ann.assert_never(error());
    ann.close_input();
    let ended = ann.wait();
    ended.assert_code(0);
    assert_eq!(ended.stderr, "");
}

fn in_mount_namespace(person: &Person, script: &str) -> Command {
    let mut command = person.command("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    command
}

/// A small disk of its own for one program
struct Disk(PathBuf);

impl Disk {
    fn new(scratch: &Path) -> Self {
        let place = scratch.join("disk");
        fs::create_dir(&place).or_fail("no place for a disk");
        Self(place)
    }

    /// Starts lanchat with its data on this disk, which nobody else sees
    fn start(&self, person: &Person, port: u16) -> Program {
        let place = self.0.display();
        let script = format!(
            "mount -t tmpfs -o size=700k small {place} &&
             exec {LANCHAT} --interface lo --port {port} --name ann --data-dir {place}/data --json"
        );
        Program::start("ann", in_mount_namespace(person, &script))
    }

    fn fill(&self, program: &Program) {
        let full = fs::write(self.filler(program), vec![0; 1 << 20]);
        assert_eq!(full.map_err(|error| error.kind()), Err(ErrorKind::StorageFull));
    }

    fn make_room(&self, program: &Program) {
        fs::remove_file(self.filler(program)).or_fail("nothing to remove");
    }

    /// A file on the disk, as the program's namespace shows it
    fn filler(&self, program: &Program) -> PathBuf {
        let inside = self.0.join("filler");
        Path::new("/proc")
            .join(program.pid().to_string())
            .join("root")
            .join(inside.strip_prefix("/").or_fail("the disk has a full path"))
    }
}
