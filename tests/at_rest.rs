//! What is on the disk: who can read it, and what a write leaves behind that was cut off
#![cfg(unix)]

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::{Path, PathBuf},
    process::Command,
};

use lanchat_harness::{Ended, Loopback, OrFail, Person, Program, SOON, json, ready, said_by_me};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn nothing_that_is_written_can_be_read_by_others_whatever_the_umask() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    for _ in ["new", "there already"] {
        let mut program = in_shell(&ann, lan.port(), "umask 0 && exec \"$@\"", &["--json"]);
        program.expect(ready(), SOON);
        program.say("hi");
        program.expect(said_by_me("hi"), SOON);
        assert_private(
            ann.data_dir(),
            &["key", "lock", "incarnation", "history.db", "history.db-wal", "history.run"],
        );
        program.close_input();
        program.wait().assert_code(0);
        assert_private(ann.data_dir(), &["key", "history.db"]);
    }
}

#[test]
fn a_damaged_history_that_is_moved_aside_is_as_private_as_it_was() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["--json"]).assert_code(0);
    let profile = ann.data_dir().join("default");
    fs::write(profile.join("history.db"), vec![7; 100_000]).unwrap();
    set_mode(&profile.join("history.db"), 0o644);
    in_shell(&ann, lan.port(), "umask 0 && exec \"$@\"", &["--json"]).finish().assert_code(0);
    let is_aside = |path: &&PathBuf| path.to_string_lossy().contains("history.db.broken-");
    assert_eq!(files(&profile).iter().filter(is_aside).count(), 1);
    assert_private(ann.data_dir(), &["history.db"]);
}

#[test]
fn a_key_that_others_have_access_to_is_refused_with_the_command_that_mends_it() {
    let lan = Loopback::new(LANCHAT);
    let spaced = lan.scratch().join("ann's data");
    for ann in [lan.person("ann"), lan.person("ann").with_data_dir(&spaced)] {
        let id = ann.run(&["id"]).stdout;
        let key = ann.data_dir().join("default/key");
        let secret = fs::read(&key).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620] {
            for command in [["id"].as_slice(), &["send", "hi"], &[]] {
                set_mode(&key, mode);
                let ended = ann.run(command);
                ended.assert_code(1).assert_one_sentence(&["key", "chmod 600", "--profile"]);
                assert_eq!((mode_of(&key), fs::read(&key).unwrap()), (mode, secret.clone()));
                shell(remedy(&ended));
                assert_eq!(ann.run(&["id"]).assert_code(0).stdout, id);
            }
        }
        set_mode(&key, 0o644);
        ann.run(&["--profile", "other", "id"]).assert_code(0);
        ann.run(&["--ephemeral", "id"]).assert_code(0);
    }
}

#[test]
fn a_profile_that_others_can_enter_is_closed_and_what_is_above_it_is_left_alone() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    ann.run(&["--json"]).assert_code(0);
    let profile = ann.data_dir().join("default");
    for file in files(&profile).iter().filter(|file| !file.ends_with("key")) {
        set_mode(file, 0o666);
    }
    set_mode(&profile, 0o777);
    set_mode(ann.data_dir(), 0o755);
    ann.run(&["--json"]).assert_code(0);
    assert_eq!((mode_of(ann.data_dir()), mode_of(&profile)), (0o755, 0o700));
    for file in files(&profile) {
        assert_eq!(mode_of(&file), 0o600, "{}", file.display());
    }
}

/// A limit on the size of files ends the program within a write, here after ten bytes.
#[cfg(target_os = "linux")]
#[test]
fn a_write_that_is_cut_off_leaves_the_old_file_or_none_and_what_it_wrote_is_private() {
    const SIGXFSZ: i32 = 25;
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let profile = ann.data_dir().join("default");
    let cut_off =
        || in_shell(&ann, lan.port(), "umask 0 && exec prlimit --fsize=10 \"$@\"", &["--json"]).finish();
    let half_written = |name: &str| {
        let temporary = profile.join(name);
        assert_eq!((mode_of(&temporary), fs::metadata(&temporary).unwrap().len()), (0o600, 10), "{name}");
    };

    assert_eq!(cut_off().status.signal(), Some(SIGXFSZ));
    half_written("key.new");
    assert!(!profile.join("key").exists());
    let id = ann.run(&["id"]).assert_code(0).stdout.clone();
    assert!(!profile.join("key.new").exists());
    ann.run(&["--json"]).assert_code(0);

    let starts = fs::read_to_string(profile.join("incarnation")).unwrap();
    assert_eq!(cut_off().status.signal(), Some(SIGXFSZ));
    half_written("incarnation.new");
    assert_eq!(fs::read_to_string(profile.join("incarnation")).unwrap(), starts);
    ann.run(&["--json"]).assert_code(0);
    assert!(fs::read_to_string(profile.join("incarnation")).unwrap() > starts);
    assert_eq!(ann.run(&["id"]).assert_code(0).stdout, id);
    assert_private(ann.data_dir(), &["key", "incarnation"]);
}

/// In one there would be the key, and what was said.
#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_image_of_the_memory() {
    let lan = Loopback::new(LANCHAT);
    let mut ann =
        in_shell(&lan.person("ann"), lan.port(), "ulimit -S -c $(ulimit -H -c) && exec \"$@\"", &["--json"]);
    ann.expect(ready(), SOON);
    let limits = fs::read_to_string(format!("/proc/{}/limits", ann.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
}

#[test]
fn the_log_has_no_secrets() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person("ann");
    let mut program = ann.start(&["-vvv", "--json"]);
    program.expect(ready(), SOON);
    program.say("psst");
    program.expect(json!({"event": "message", "text": "psst"}), SOON);
    let ended = program.finish();
    let key = fs::read(ann.data_dir().join("default/key")).unwrap();
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let list = format!("{key:?}");
    assert!(ended.stderr.contains("lanchat"), "a log: {ended:?}");
    for secret in [hex.as_str(), list.trim_matches(['[', ']']), "psst"] {
        assert!(!ended.stderr.to_lowercase().contains(secret), "{secret} is in {}", ended.stderr);
    }
}

trait Finish {
    fn finish(self) -> Ended;
}

impl Finish for Program {
    /// Has no more input, and waits for the end
    fn finish(mut self) -> Ended {
        self.close_input();
        self.wait()
    }
}

/// Starts lanchat as the words of a shell's script
fn in_shell(person: &Person, port: u16, script: &str, arguments: &[&str]) -> Program {
    let mut command = person.command("sh");
    command.args([
        "-c",
        script,
        "sh",
        LANCHAT,
        "--interface",
        "lo",
        "--port",
        &port.to_string(),
        "--name",
        "ann",
    ]);
    command.arg("--data-dir").arg(person.data_dir()).args(arguments);
    Program::start("ann", command)
}

/// What stands between backticks
fn remedy(ended: &Ended) -> &str {
    ended.stderr.split('`').nth(1).or_fail("no command between backticks")
}

fn shell(script: &str) {
    assert!(Command::new("sh").args(["-c", script]).status().or_fail("no shell").success(), "{script}");
}

/// The directories from here down are for their owner alone, and so are all files, among which are these
#[track_caller]
fn assert_private(directory: &Path, names: &[&str]) {
    assert_eq!(mode_of(directory), 0o700, "{}", directory.display());
    let profile = directory.join("default");
    assert_eq!(mode_of(&profile), 0o700, "{}", profile.display());
    let files = files(&profile);
    for name in names {
        assert!(files.iter().any(|file| file.ends_with(name)), "no {name} in {files:?}");
    }
    for file in files {
        assert_eq!(mode_of(&file), 0o600, "{}", file.display());
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).or_fail("no such directory");
    files.map(|file| file.or_fail("cannot list").path()).collect()
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).or_fail("no such file").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).or_fail("cannot set a mode");
}
