//! Which firewall may be in the way, and the one command that opens the ports

use crate::platform::firewall::Signs;

use super::sockets::PORTS;

/// A firewall of this machine
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Firewall {
    pub(crate) kind: Kind,
    /// What keeps datagrams out, where the rules could be read
    pub(crate) rule: Option<String>,
}

/// What sets the rules
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ufw,
    Firewalld,
    /// Rules in this chain, such as `inet filter input`
    Nftables(String),
    Iptables,
    Windows,
    MacOs,
}

impl Firewall {
    /// The firewall that these signs are of, if there is one that may keep out what comes to these ports
    pub(crate) fn of(signs: &Signs, port: u16) -> Option<Self> {
        let nft = signs.nftables.as_deref().and_then(|rules| in_nftables(rules, port));
        let old = signs.iptables.as_deref().and_then(in_iptables);
        let rule = nft.as_ref().map(|found| &found.rule).or(old.as_ref()).cloned();
        let kind = if signs.has_ufw {
            Kind::Ufw
        } else if signs.has_firewalld {
            Kind::Firewalld
        } else if let Some(found) = nft {
            if found.is_of_iptables { Kind::Iptables } else { Kind::Nftables(found.chain) }
        } else if old.is_some() {
            Kind::Iptables
        } else if signs.is_windows {
            Kind::Windows
        } else if signs.has_macos {
            Kind::MacOs
        } else {
            return None;
        };
        Some(Self { kind, rule })
    }

    /// What people call it
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Ufw => "ufw",
            Kind::Firewalld => "firewalld",
            Kind::Nftables(_) => "nftables",
            Kind::Iptables => "iptables",
            Kind::Windows => "Windows Defender Firewall",
            Kind::MacOs => "macOS Application Firewall",
        }
    }

    /// The command that lets in what comes to the ports of rooms that begin at `port`
    pub(crate) fn command(&self, port: u16) -> String {
        let last = port.saturating_add(PORTS);
        match &self.kind {
            Kind::Ufw => format!("sudo ufw allow {port}:{last}/udp"),
            Kind::Firewalld => format!(
                "sudo firewall-cmd --permanent --add-port={port}-{last}/udp && sudo firewall-cmd --reload"
            ),
            Kind::Nftables(chain) => format!("sudo nft insert rule {chain} udp dport {port}-{last} accept"),
            Kind::Iptables => iptables(port),
            Kind::Windows => format!(
                "netsh advfirewall firewall add rule name=lanchat dir=in action=allow protocol=UDP localport={port}-{last}"
            ),
            Kind::MacOs => {
                "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --unblockapp \"$(which lanchat)\""
                    .to_owned()
            }
        }
    }
}

/// The command for whichever firewall there is on most Linux systems
pub(crate) fn iptables(port: u16) -> String {
    format!("sudo iptables -I INPUT -p udp --dport {port}:{} -j ACCEPT", port.saturating_add(PORTS))
}

/// A rule that keeps out something, and where it is
#[derive(Debug, PartialEq, Eq)]
struct Found {
    rule: String,
    chain: String,
    is_of_iptables: bool,
    /// How much speaks for it
    weight: u8,
}

/// The rule that most likely keeps out what comes to these ports, in what `nft list ruleset` prints
fn in_nftables(rules: &str, port: u16) -> Option<Found> {
    let (mut table, mut chain, mut warned, mut found) = (String::new(), String::new(), false, Vec::new());
    let (mut is_of_iptables, mut is_for_others) = (false, false);
    for line in rules.lines().map(str::trim) {
        if line.contains("managed by iptables-nft") {
            warned = true;
        } else if let Some(name) = line.strip_prefix("table ").and_then(|rest| rest.strip_suffix(" {")) {
            (table, is_of_iptables) = (name.to_owned(), std::mem::take(&mut warned));
        } else if let Some(name) = line.strip_prefix("chain ").and_then(|rest| rest.strip_suffix(" {")) {
            (chain, is_for_others) = (format!("{table} {name}"), false);
        } else if line.contains("hook forward") {
            is_for_others = true;
        } else if let Some(weight) = weight(line, port).filter(|_| !is_for_others) {
            found.push(Found { rule: line.to_owned(), chain: chain.clone(), is_of_iptables, weight });
        }
    }
    // The first of the heaviest
    found.into_iter().rev().max_by_key(|found| found.weight)
}

/// How much speaks for a line's keeping out what comes to these ports
fn weight(line: &str, port: u16) -> Option<u8> {
    if line.starts_with("type filter hook") {
        let is_way_in = line.contains("hook input") || line.contains("hook prerouting");
        return (is_way_in && line.contains("policy drop")).then_some(2);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let end = words.iter().position(|word| *word == "drop" || *word == "reject")?;
    let matches = &words[..end];
    if let Some(at) = matches.iter().position(|word| *word == "dport") {
        let is_udp = !matches[..at].contains(&"tcp");
        return (is_udp && names_port(&matches[at + 1..].join(" "), port)).then_some(3);
    }
    is_for_all(matches).then_some(if matches.contains(&"broadcast") { 3 } else { 1 })
}

/// Whether a list of ports has one of those of rooms that begin at `port`
fn names_port(ports: &str, port: u16) -> bool {
    let ports = ports.strip_prefix("!= ").unwrap_or(ports);
    let list = match ports.strip_prefix("{ ").and_then(|rest| rest.split_once('}')) {
        Some((list, _)) => list,
        None => ports.split(' ').next().unwrap_or_default(),
    };
    list.split(',').any(|part| {
        let (first, last) = part.trim().split_once('-').unwrap_or_else(|| (part.trim(), part.trim()));
        let range = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
        range.is_some_and(|(first, last)| first <= port.saturating_add(PORTS) && port <= last)
    })
}

/// Whether these matches pick nothing but interfaces, UDP or broadcasts, and count
fn is_for_all(matches: &[&str]) -> bool {
    match matches {
        [] => true,
        ["counter", "packets", _, "bytes", _, rest @ ..]
        | ["counter", rest @ ..]
        | ["iif" | "iifname", "!=", _, rest @ ..]
        | ["meta", "l4proto", "udp", rest @ ..]
        | ["ip", "protocol", "udp", rest @ ..]
        | ["meta", "pkttype", "broadcast", rest @ ..]
        | ["pkttype", "broadcast", rest @ ..]
        | ["fib", "daddr", "type", "broadcast", rest @ ..] => is_for_all(rest),
        ["iif" | "iifname", name, rest @ ..] => !name.starts_with(['{', '@']) && is_for_all(rest),
        [..] => false,
    }
}

/// What keeps something out, in what `iptables-save` prints
fn in_iptables(rules: &str) -> Option<String> {
    let keeps_out = |line: &&str| {
        line.starts_with(":INPUT DROP")
            || line.starts_with("-A INPUT") && (line.contains("-j DROP") || line.contains("-j REJECT"))
    };
    rules.lines().find(keeps_out).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nftables(rules: &str) -> Option<Firewall> {
        Firewall::of(&Signs { nftables: Some(rules.to_owned()), ..Signs::default() }, 25252)
    }

    fn chain(policy: &str, rules: &str) -> String {
        format!(
            "table inet filter {{\n\tchain input {{\n\t\ttype filter hook input priority filter; policy {policy};\n\
             \t\tct state established,related accept\n\t\t{rules}\n\t}}\n}}\n"
        )
    }

    #[test]
    fn the_rule_in_the_way_is_named_and_the_command_opens_its_chain() {
        for rule in [
            "udp dport 25252 drop",
            "udp dport { 53, 25000-26000 } counter packets 0 bytes 0 reject",
            "iifname \"eth0\" udp dport 25260-25300 drop",
        ] {
            let firewall = nftables(&chain("accept", rule)).unwrap();
            assert_eq!(firewall.rule.as_deref(), Some(rule));
            assert_eq!(
                firewall.command(25252),
                "sudo nft insert rule inet filter input udp dport 25252-25268 accept"
            );
        }
    }

    #[test]
    fn a_chain_that_lets_in_only_some_is_in_the_way() {
        let policy = nftables(&chain("drop", "udp dport 5353 accept")).unwrap();
        assert!(policy.rule.unwrap().contains("policy drop"));
        let last = nftables(&chain("accept", "counter packets 4 bytes 320 drop")).unwrap();
        assert_eq!(last.rule.unwrap(), "counter packets 4 bytes 320 drop");
        let both = nftables(&chain("drop", "udp dport 25252 drop")).unwrap();
        assert_eq!(both.rule.unwrap(), "udp dport 25252 drop");
    }

    #[test]
    fn rules_for_an_interface_for_udp_and_for_broadcasts_are_in_the_way() {
        for rule in [
            "iifname \"eth0\" drop",
            "iif != \"lo\" counter packets 0 bytes 0 drop",
            "meta l4proto udp reject",
            "fib daddr type broadcast counter packets 2 bytes 9 drop",
        ] {
            assert_eq!(nftables(&chain("accept", rule)).unwrap().rule.as_deref(), Some(rule));
        }
        let both = nftables(&chain("drop", "meta pkttype broadcast drop")).unwrap();
        assert_eq!(both.rule.unwrap(), "meta pkttype broadcast drop");
        let forward = "table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority 0; policy drop;\n\
                       \t\tiifname \"docker0\" drop\n\t}\n}\n";
        assert_eq!(nftables(forward), None);
    }

    #[test]
    fn what_concerns_others_is_not() {
        for rule in ["udp dport 53 drop", "tcp dport 25252 drop", "ip saddr 198.18.0.9 drop", "accept"] {
            assert_eq!(nftables(&chain("accept", rule)), None, "{rule}");
        }
        assert_eq!(nftables("table ip nat {\n\tchain forward {\n\t\tpolicy drop;\n"), None);
        assert_eq!(Firewall::of(&Signs::default(), 25252), None);
    }

    #[test]
    fn whoever_sets_the_rules_is_to_change_them() {
        let rules = chain("drop", "");
        let command = |signs: Signs| Firewall::of(&signs, 25252).map(|firewall| firewall.command(25252));
        let read = Signs { nftables: Some(rules.clone()), ..Signs::default() };
        let ufw = command(Signs { has_ufw: true, ..read.clone() });
        assert_eq!(ufw.unwrap(), "sudo ufw allow 25252:25268/udp");
        assert!(command(Signs { has_firewalld: true, ..read.clone() }).unwrap().contains("firewall-cmd"));
        let warned = format!("# Warning: table ip filter is managed by iptables-nft, do not touch!\n{rules}");
        let old = "sudo iptables -I INPUT -p udp --dport 25252:25268 -j ACCEPT";
        assert_eq!(command(Signs { nftables: Some(warned), ..read }).unwrap(), old);
        let saved = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n".to_owned();
        assert_eq!(command(Signs { iptables: Some(saved), ..Signs::default() }).unwrap(), old);
        assert!(command(Signs { is_windows: true, ..Signs::default() }).unwrap().contains("netsh"));
        assert!(command(Signs { has_macos: true, ..Signs::default() }).unwrap().contains("--unblockapp"));
    }
}
