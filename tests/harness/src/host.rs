use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::shell::Shell;
use crate::{Ended, OrFail, Person, Program};

/// One machine of a [`Lab`](crate::Lab), with one person at it
#[derive(Clone)]
pub struct Host {
    person: Person,
    shell: Arc<Shell>,
    number: u8,
}

impl Host {
    /// Plugs a new machine into the switch; `number` makes its address and its port of the switch
    pub(crate) fn plug_in(name: &str, number: u8, switch: &Shell, homes: &Path, binary: &Path) -> Self {
        let shell = Shell::start(machine(switch.pid())).or_fail("cannot make a host");
        let port = port_name(number);
        let pid = shell.pid();
        shell.must_run(NO_IPV6);
        switch.must_run(&format!(
            "ip link add {port} mtu 1500 type veth peer name eth0 mtu 1500 netns {pid} &&
             ip link set {port} master br0 up && {{ {}; }}",
            one_packet_each(&port)
        ));
        shell.must_run(&format!("{}\nip link set lo up && ip link set eth0 up", one_packet_each("eth0")));
        let prefix = ["nsenter", "--preserve-credentials", "-U", "-n", "-t", &pid.to_string()]
            .into_iter()
            .chain(["setpriv", "--pdeathsig", "KILL"])
            .map(Into::into)
            .collect();
        let host =
            Self { person: Person::new(name, homes, binary, prefix, &[]), shell: Arc::new(shell), number };
        host.readdress(number);
        host
    }

    /// The person at this machine
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// Starts `lanchat --json`
    pub fn chat(&self) -> Program {
        self.person.chat()
    }

    /// Starts `lanchat --json` and waits until its sockets are open
    #[track_caller]
    pub fn chat_ready(&self) -> Program {
        self.person.chat_ready()
    }

    /// Runs `lanchat` with these arguments to its end
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.person.run(arguments)
    }

    /// Any command on this machine; its process id is the program's own
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.person.command(program)
    }

    /// The address that this host has unless [`Host::readdress`] changed it
    pub fn address(&self) -> String {
        format!("198.18.0.{}", self.number)
    }

    /// Gives the machine the address 198.18.0.`number` instead of the one that it has
    #[track_caller]
    pub fn readdress(&self, number: u8) {
        self.shell.must_run(&format!(
            "ip addr flush dev eth0 && ip addr add 198.18.0.{number}/24 broadcast 198.18.0.255 dev eth0"
        ));
    }

    /// Gives the machine this address of any network, such as `198.18.1.2/24`, instead of the one that it has
    #[track_caller]
    pub fn move_to(&self, address: &str) {
        self.shell.must_run(&format!("ip addr flush dev eth0 && ip addr add {address} dev eth0"));
    }

    /// Gives the machine a firewall of these nftables statements, which see all that comes in, in place of the one that it
    /// has; none when there are none
    #[track_caller]
    pub fn firewall(&self, statements: &str) {
        self.shell.must_run(&filter_script("firewall", "input priority 0", statements));
    }

    /// Drops `percent` of the packets that arrive here, each by a die of its own
    pub(crate) fn lose(&self, percent: u8) {
        self.shell.must_run(&loss_script(percent));
    }

    /// Hears nothing from these addresses any more; everything again when there are none
    pub(crate) fn turn_deaf_to(&self, addresses: &[String]) {
        let rules = addresses.iter().map(|address| format!("ip saddr {address} counter drop\n"));
        self.shell.must_run(&drop_script("deaf", &rules.collect::<String>()));
    }

    /// Takes in only this from the network any more; everything again when it is `None`
    pub(crate) fn take_only(&self, cast: Option<Only>) {
        let rule = match cast {
            Some(Only::Unicast) => "fib daddr type broadcast counter drop",
            Some(Only::Broadcast) => "iifname \"eth0\" fib daddr type local counter drop",
            None => "",
        };
        self.shell.must_run(&drop_script("only", rule));
    }

    /// The switch's port that this host is plugged into
    pub(crate) fn port(&self) -> String {
        port_name(self.number)
    }
}

/// What a network that is not as it should be lets through
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// What is sent to one: some access points keep broadcasts from their clients
    Unicast,
    /// What is sent to all: some firewalls keep out what nobody asked for
    Broadcast,
}

/// Run first in every namespace: no address of IPv6, so nothing that the kernel says by itself
pub(crate) const NO_IPV6: &str = "for each in all default; do
    echo 1 >/proc/sys/net/ipv6/conf/$each/disable_ipv6
done 2>/dev/null || true";

/// Cuts what is sent in one go before the wire, so that loss hits packets and not bundles; older kernels cannot
fn one_packet_each(device: &str) -> String {
    format!("ip link set {device} gso_max_segs 1 2>/dev/null || true")
}

/// A network namespace of its own, within the user namespace of the switch
fn machine(switch: u32) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["--preserve-credentials", "-U", "-t", &switch.to_string(), "unshare", "--net", "sh"]);
    command
}

fn port_name(number: u8) -> String {
    format!("port{number}")
}

fn loss_script(percent: u8) -> String {
    let rule = format!("iifname \"eth0\" numgen random mod 100 < {percent} counter drop");
    drop_script("loss", if percent == 0 { "" } else { &rule })
}

/// Replaces the rules of this table, by which packets are dropped as they arrive
fn drop_script(table: &str, rules: &str) -> String {
    filter_script(table, "prerouting priority -450", rules)
}

/// Replaces the rules of this table, whose only chain is at this place of the kernel's
fn filter_script(table: &str, hook: &str, rules: &str) -> String {
    let chain = format!(
        "table inet {table} {{
            chain arriving {{
                type filter hook {hook}; policy accept;
                {rules}
            }}
        }}"
    );
    let chain = if rules.is_empty() { "" } else { &chain };
    format!("nft -f - <<'RULES'\ntable inet {table}\ndelete table inet {table}\n{chain}\nRULES")
}
