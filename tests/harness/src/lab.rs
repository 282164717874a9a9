use std::collections::BTreeMap;
use std::env;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use tempfile::TempDir;

use crate::host::{Host, NO_IPV6, Only};
use crate::shell::Shell;
use crate::{Capture, OrFail};

/// A switch with hosts plugged in, made of namespaces: 198.18.0.0/24, broadcast address 198.18.0.255
///
/// Nothing of it reaches the machine's own network, and all of it is gone when it is dropped or the test is killed.
/// Only one lab exists at a time on a machine, so that one test's load is not another one's delay: `Lab::new` waits
/// for its turn. More than 30 hosts need a larger table of neighbours than the kernel's default.
pub struct Lab {
    binary: PathBuf,
    homes: TempDir,
    hosts: BTreeMap<String, Host>,
    loss: u8,
    switch: Shell,
    _turn: File,
}

impl Lab {
    /// A switch with nothing plugged in; `binary` is the program under test
    pub fn new(binary: impl AsRef<Path>) -> Self {
        let turn = wait_for_turn();
        let switch = Shell::start(switch()).or_fail("cannot make a network namespace");
        switch.must_run(NO_IPV6);
        switch.must_run(&add_bridge(0));
        Self {
            binary: binary.as_ref().to_owned(),
            homes: tempfile::tempdir().or_fail("no temporary directory"),
            hosts: BTreeMap::new(),
            loss: 0,
            switch,
            _turn: turn,
        }
    }

    /// The host called `name`, plugged in when first asked for
    pub fn host(&mut self, name: &str) -> Host {
        if let Some(host) = self.hosts.get(name) {
            return host.clone();
        }
        let number = u8::try_from(self.hosts.len() + 1).or_fail("too many hosts");
        let host = Host::plug_in(name, number, &self.switch, self.homes.path(), &self.binary);
        if self.loss > 0 {
            host.lose(self.loss);
        }
        self.hosts.insert(name.to_owned(), host.clone());
        host
    }

    /// The hosts with these names, plugged in when first asked for
    pub fn hosts(&mut self, names: &[&str]) -> Vec<Host> {
        names.iter().map(|name| self.host(name)).collect()
    }

    /// Lets every host, present and future, lose `percent` of what it receives
    pub fn loss(&mut self, percent: u8) {
        self.loss = percent;
        for host in self.hosts.values() {
            host.lose(percent);
        }
    }

    /// Pulls the cable of a host
    #[track_caller]
    pub fn unplug(&self, name: &str) {
        self.set_port(name, "down");
    }

    /// Puts the cable back
    #[track_caller]
    pub fn plug(&self, name: &str) {
        self.set_port(name, "up");
    }

    /// Gives every group a switch of its own; nobody notices at their cable. Who is in no group stays where they are
    #[track_caller]
    pub fn partition(&self, groups: &[&[&str]]) {
        for (group, names) in groups.iter().enumerate().skip(1) {
            self.switch
                .must_run(&format!("ip link show br{group} >/dev/null 2>&1 || {{ {}; }}", add_bridge(group)));
            self.move_ports(names, group);
        }
        if let Some(names) = groups.first() {
            self.move_ports(names, 0);
        }
    }

    /// Brings all hosts back to one switch
    #[track_caller]
    pub fn heal(&self) {
        let names: Vec<&str> = self.hosts.keys().map(String::as_str).collect();
        self.move_ports(&names, 0);
    }

    /// From now on only `hearers` hear what `speaker` sends; the speaker hears all
    #[track_caller]
    pub fn muffle(&self, speaker: &str, hearers: &[&str]) {
        let address = self.find(speaker).address();
        for (name, host) in &self.hosts {
            if name != speaker && !hearers.contains(&name.as_str()) {
                host.turn_deaf_to(std::slice::from_ref(&address));
            }
        }
    }

    /// Ends what [`Self::muffle`] began
    pub fn unmuffle(&self) {
        for host in self.hosts.values() {
            host.turn_deaf_to(&[]);
        }
    }

    /// Writes down all that passes the switch from here on, into a file of this name
    #[track_caller]
    pub fn capture(&self, name: &str) -> Capture {
        let switch = self.switch.pid().to_string();
        let mut tshark = Command::new("nsenter");
        tshark.args(["--preserve-credentials", "-U", "-n", "-t", &switch]);
        tshark.args(["setpriv", "--pdeathsig", "KILL", "tshark"]).env("HOME", self.homes.path());
        Capture::begin(tshark, &self.homes.path().join(name))
    }

    /// From now on the hosts that there are take in only this, or everything again
    pub fn take_only(&self, cast: Option<Only>) {
        for host in self.hosts.values() {
            host.take_only(cast);
        }
    }

    fn move_ports(&self, names: &[&str], bridge: usize) {
        let moves =
            names.iter().map(|name| format!("link set {} master br{bridge}\n", self.find(name).port()));
        self.switch.must_run(&format!("ip -batch - <<'MOVES'\n{}MOVES", moves.collect::<String>()));
    }

    fn set_port(&self, name: &str, state: &str) {
        self.switch.must_run(&format!("ip link set {} {state}", self.find(name).port()));
    }

    fn find(&self, name: &str) -> &Host {
        self.hosts.get(name).or_fail(&format!("no host {name} in this lab"))
    }
}

/// Whether this machine lets a test make namespaces, or why not
pub fn available() -> Result<(), String> {
    static ANSWER: OnceLock<Result<(), String>> = OnceLock::new();
    ANSWER.get_or_init(try_out).clone()
}

/// A lab, or `None` after saying why this test is skipped
///
/// Under `CI=true` the lab tests must run: there it fails instead.
pub fn lab_or_skip(binary: impl AsRef<Path>) -> Option<Lab> {
    namespaces_or_skip().then(|| Lab::new(binary))
}

/// Whether this machine lets a test make namespaces, having said so if this test is skipped
///
/// Under `CI=true` it fails instead.
pub fn namespaces_or_skip() -> bool {
    let Err(why) = available() else {
        return true;
    };
    assert!(env::var("CI").as_deref() != Ok("true"), "the lab must run under CI=true, but: {why}");
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _written =
        io::stderr().write_all(format!("skipped: {test}: no network lab here: {why}\n").as_bytes());
    false
}

fn try_out() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("it needs Linux".to_owned());
    }
    let switch = Shell::start(switch())?;
    switch.run(&add_bridge(0)).map_err(|why| format!("ip (iproute2): {}", why.trim()))?;
    switch.run("nft list tables").map_err(|why| format!("nft (nftables): {}", why.trim()))?;
    switch
        .run("setpriv --version && nsenter --version")
        .map_err(|why| format!("util-linux: {}", why.trim()))?;
    Ok(())
}

fn switch() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", "sh"]);
    command
}

fn add_bridge(number: usize) -> String {
    format!(
        "ip link add br{number} type bridge stp_state 0 forward_delay 0 mcast_snooping 0 && \
         ip link set br{number} up"
    )
}

fn wait_for_turn() -> File {
    let path = env::temp_dir().join("lanchat-lab.lock");
    let file = OpenOptions::new().create(true).append(true).open(&path).or_else(|_| File::open(&path));
    let file = file.or_fail("cannot open the lock of the labs");
    file.lock().or_fail("cannot take the lock of the labs");
    file
}
