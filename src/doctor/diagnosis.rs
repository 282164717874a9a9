//! What follows from the facts, and what to do about it

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddrV4},
};

use super::{
    finding::{Code, Finding, Severity, percent},
    firewall::{self, Firewall},
    look::Sights,
    peer::{PeerFacts, Trouble},
    sockets::{Holders, Missed, PORTS},
};
use crate::{
    exit::ExitCode,
    lang::tell,
    net::{InterfaceStatus, LinkStatus, Unusable},
    platform::programs::{self, Program},
    sanitize::{clean, clean_name},
};

/// All that was found out
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) port: u16,
    /// Whether these interfaces were chosen, so that loopback may be meant
    pub(crate) is_chosen: bool,
    /// Whether peers were named, who need no broadcasts
    pub(crate) is_told_of_peers: bool,
    pub(crate) interfaces: Vec<InterfaceStatus>,
    pub(crate) links: Vec<LinkStatus>,
    /// Whether a program keeps the port for itself, so that nothing could be sent
    pub(crate) is_port_taken: bool,
    pub(crate) holders: Holders,
    pub(crate) missed: Vec<Missed>,
    pub(crate) sights: Sights,
    pub(crate) peers: Vec<PeerFacts>,
    /// Peers that were named and did not answer
    pub(crate) silent: Vec<SocketAddrV4>,
    pub(crate) firewall: Option<Firewall>,
}

/// What is found, the last of which sums it up, and how the program ends
pub(crate) fn diagnose(facts: &Facts) -> (Vec<Finding>, ExitCode) {
    let before = [facts.of_interfaces(), facts.of_the_port()].concat();
    let mut after: Vec<Finding> = facts.peers.iter().flat_map(|peer| facts.of_peer(peer)).collect();
    after.extend(facts.of_others());
    let is_problem = |finding: &&Finding| finding.severity == Severity::Problem;
    let problems = before.iter().chain(&after).filter(is_problem).count();
    let answering = facts.peers.iter().filter(|peer| peer.answers() && !peer.is_own).count();
    // Where others are reached and nothing is wrong, whatever rules there are let in what they should.
    let is_well = problems == 0 && answering > 0;
    let firewall = if is_well { None } else { facts.of_the_firewall() };
    let mut findings: Vec<Finding> = before.into_iter().chain(firewall).chain(after).collect();
    let (summary, code) = match (problems, answering) {
        (0, 0) => (facts.of_nobody(), ExitCode::Nobody),
        (0, _) => (Finding::ok(Code::Healthy, tell!("doctor-healthy", count = answering)), ExitCode::Done),
        (_, _) => {
            (Finding::note(Code::Problems, tell!("doctor-problems", count = problems)), ExitCode::Failed)
        }
    };
    findings.push(summary);
    (findings, code)
}

impl Facts {
    fn of_interfaces(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let is_cut_off = self.is_cut_off();
        for interface in &self.interfaces {
            let Some(why) = interface.unusable else { continue };
            let InterfaceStatus { name, addr, prefix, .. } = interface;
            let unused = |message| Finding::note(Code::InterfaceUnused, message).on(name);
            findings.push(match why {
                Unusable::Down => unused(tell!("doctor-down", name = %clean(name), addr = %addr)),
                Unusable::PointToPoint => unused(tell!("doctor-two-only", name = %clean(name), addr = %addr)),
                Unusable::NoBroadcast => {
                    let message =
                        tell!("doctor-no-broadcast", name = %clean(name), addr = %addr, prefix = prefix);
                    let finding = match is_cut_off {
                        true => Finding::problem(Code::NoBroadcastAddress, message),
                        false => Finding::note(Code::NoBroadcastAddress, message),
                    };
                    let remedy = tell!("doctor-give-broadcast", name = %clean(name), addr = %addr);
                    finding.on(name).remedy(remedy)
                }
            });
        }
        let is_explained = findings.iter().any(|finding| finding.severity == Severity::Problem);
        if is_cut_off && !is_explained {
            let finding = Finding::problem(Code::NoNetwork, tell!("doctor-no-network"));
            findings.push(finding.remedy(tell!("doctor-connect")));
        }
        findings.extend(self.links.iter().map(|link| self.of_link(link)));
        findings
    }

    /// Whether nobody is reached by broadcasts although somebody should be
    fn is_cut_off(&self) -> bool {
        let mut usable = self.interfaces.iter().filter(|interface| interface.unusable.is_none());
        let is_enough = |interface: &InterfaceStatus| self.is_chosen || !interface.addr.is_loopback();
        !self.is_told_of_peers && !usable.any(is_enough)
    }

    fn of_link(&self, link: &LinkStatus) -> Finding {
        let LinkStatus { name, addr, prefix, broadcast, .. } = link;
        let is_returned = self.sights.returned.contains(addr);
        if link.failed > 0 && (!is_returned || link.failed >= link.sent) {
            let reason = clean(link.last_error.as_deref().unwrap_or_default());
            let message = tell!("doctor-cannot-send", name = %clean(name), addr = %addr, reason = %reason);
            let remedy = match &self.firewall {
                Some(firewall) if firewall.rule.is_some() => self.opening(),
                Some(_) | None => tell!("doctor-let-out", first = self.port, last = self.last_port()),
            };
            return Finding::problem(Code::CannotSend, message).on(name).remedy(remedy);
        }
        if !is_returned {
            let message = tell!("doctor-own-lost", name = %clean(name), addr = %addr, port = self.port);
            return Finding::problem(Code::OwnBroadcastLost, message).on(name).remedy(self.opening());
        }
        let message = tell!(
            "doctor-interface",
            name = %clean(name),
            addr = %addr,
            prefix = prefix,
            broadcast = %broadcast
        );
        Finding::ok(Code::Interface, message).on(name)
    }

    /// The command that opens the ports on this machine
    fn opening(&self) -> String {
        match &self.firewall {
            Some(firewall) => firewall.command(self.port),
            None if cfg!(target_os = "linux") => firewall::iptables(self.port),
            None => tell!("doctor-open", first = self.port, last = self.last_port()),
        }
    }

    fn last_port(&self) -> u16 {
        self.port.saturating_add(PORTS)
    }

    fn of_the_port(&self) -> Vec<Finding> {
        let mut names: Vec<String> = self.holders.programs.iter().map(named).collect();
        if self.holders.unknown > 0 || names.is_empty() && self.is_port_taken {
            names.push(tell!("doctor-some-program"));
        }
        let (is_known, who) =
            (self.holders.unknown == 0 && !self.holders.programs.is_empty(), names.join(&tell!("list-and")));
        let mut findings = Vec::new();
        if self.is_port_taken {
            let remedy = match is_known {
                true => tell!("doctor-end-holder"),
                false => tell!("doctor-find-holder", command = programs::command_for_port(self.port)),
            };
            let message = tell!("doctor-port-taken", port = self.port, who = who);
            findings.push(Finding::problem(Code::PortTaken, message).remedy(remedy));
        } else if !names.is_empty() {
            let message = tell!("doctor-port-shared", port = self.port, who = who);
            findings.push(Finding::note(Code::PortShared, message));
        }
        findings.extend(self.missed.iter().map(of_missed));
        findings
    }

    /// That nothing is wrong and nobody is there, with what would make somebody be
    fn of_nobody(&self) -> Finding {
        let finding = Finding::note(Code::Nobody, tell!("doctor-nobody", port = self.port));
        match self.own_networks() {
            own if own.is_empty() => finding,
            own => finding.remedy(tell!("doctor-look-there", own = own)),
        }
    }

    fn own_networks(&self) -> String {
        let own: Vec<String> =
            self.links.iter().map(|link| format!("{}/{}", link.addr, link.prefix)).collect();
        own.join(&tell!("list-comma"))
    }

    fn of_the_firewall(&self) -> Option<Finding> {
        let (first, last) = (self.port, self.last_port());
        let message = self.firewall.as_ref().map(|firewall| match &firewall.rule {
            Some(rule) => {
                let rule = clean(rule);
                tell!("doctor-firewall-rule", name = firewall.name(), rule = %rule, first = first, last = last)
            }
            None => tell!("doctor-firewall-guess", name = firewall.name(), first = first, last = last),
        });
        let has_guessed = cfg!(target_os = "linux") && (self.is_kept_out() || self.lets_in_only_answers());
        let message = message.or_else(|| has_guessed.then(|| tell!("doctor-firewall-unread")));
        message.map(|message| Finding::note(Code::Firewall, message))
    }

    /// Whether something on this machine keeps out what is sent to all
    fn is_kept_out(&self) -> bool {
        self.links.iter().any(|link| !self.sights.returned.contains(&link.addr))
    }

    fn lets_in_only_answers(&self) -> bool {
        self.peers.iter().any(|peer| peer.troubles().contains(&Trouble::AnswersBlocked))
    }

    fn of_peer(&self, peer: &PeerFacts) -> Vec<Finding> {
        let who = who(peer);
        if peer.is_own {
            return vec![Finding::ok(Code::Peer, tell!("doctor-own-peer", who = who)).about(peer)];
        }
        let mut findings: Vec<Finding> =
            peer.troubles().into_iter().map(|trouble| self.of_trouble(peer, trouble)).collect();
        if let Some(loss) = peer.loss.filter(|loss| loss.is_felt()) {
            let lost = percent(1.0 - loss.part_answered());
            let message = match loss.ways {
                Some((there, back)) => {
                    tell!(
                        "doctor-loss",
                        who = who.as_str(),
                        lost = lost,
                        there = percent(there),
                        back = percent(back)
                    )
                }
                None => tell!("doctor-loss-some", who = who.as_str(), lost = lost),
            };
            findings.push(Finding::problem(Code::Loss, message).remedy(tell!("doctor-loss-remedy")));
        }
        if findings.is_empty() && !peer.answers() {
            findings.push(Finding::note(Code::PeerHeard, tell!("doctor-peer-heard", who = who.as_str())));
        } else if findings.is_empty() {
            let message = match peer.loss {
                Some(loss) => {
                    tell!(
                        "doctor-peer-pinged",
                        who = who.as_str(),
                        sent = loss.sent,
                        answered = loss.answered
                    )
                }
                None => tell!("doctor-peer", who = who.as_str()),
            };
            findings.push(Finding::ok(Code::Peer, message));
        }
        if peer.ahead.as_secs() >= CLOCKS_DIFFER {
            let minutes = peer.ahead.as_secs().div_euclid(60);
            let message = tell!("doctor-clock", who = who.as_str(), minutes = minutes);
            findings.push(Finding::note(Code::ClockAhead, message).remedy(tell!("doctor-set-clocks")));
        }
        findings.into_iter().map(|finding| finding.about(peer)).collect()
    }

    fn of_trouble(&self, peer: &PeerFacts, trouble: Trouble) -> Finding {
        let (who, port, first, last) = (who(peer), self.port, self.port, self.last_port());
        let there = || tell!("doctor-open-there", who = who.as_str(), first = first, last = last);
        match trouble {
            Trouble::NoAnswer => Finding::problem(
                Code::NoAnswer,
                tell!("doctor-no-answer", who = who.as_str(), first = first, last = last),
            )
            .remedy(tell!("doctor-open-both", who = who.as_str(), first = first, last = last)),
            Trouble::NotHeardByPeer => {
                let message = tell!("doctor-not-heard-by-peer", who = who.as_str(), port = port);
                Finding::problem(Code::NotHeardByPeer, message).remedy(match self.is_kept_out() {
                    true => tell!("doctor-mend-here"),
                    false => there(),
                })
            }
            Trouble::UnicastBlocked => {
                let message = tell!(
                    "doctor-unicast-blocked",
                    who = who.as_str(),
                    first = port.saturating_add(1),
                    last = last
                );
                Finding::problem(Code::UnicastBlocked, message).remedy(there())
            }
            Trouble::AnswersBlocked => {
                let first = port.saturating_add(1);
                let message = tell!("doctor-answers-blocked", who = who.as_str(), first = first, last = last);
                Finding::problem(Code::AnswersBlocked, message).remedy(self.opening())
            }
            Trouble::NotHeardHere => {
                let message = tell!("doctor-not-heard-here", who = who.as_str(), port = port);
                Finding::problem(Code::NotHeardHere, message).remedy(match self.is_kept_out() {
                    true => self.opening(),
                    false => tell!("doctor-filtered", who = who.as_str(), addr = %peer.addr.ip()),
                })
            }
        }
    }

    fn of_others(&self) -> Vec<Finding> {
        let own = self.own_networks();
        // To who has no network at all, everybody is of another.
        let is_cut_off = self.links.iter().all(|link| link.addr.is_loopback());
        let off_link = self.sights.off_link.iter().filter(|_| !is_cut_off).map(|addr| {
            let message = tell!("doctor-other-subnet", addr = %addr, own = own.as_str());
            let remedy = tell!("doctor-same-subnet", addr = %addr);
            Finding::problem(Code::OtherSubnet, message).at(addr).remedy(remedy)
        });
        let heard: BTreeSet<Ipv4Addr> = self.links.iter().map(|link| link.addr).collect();
        let elsewhere = self.sights.other_rooms.difference(&heard).map(|addr| {
            let message = tell!("doctor-other-room", addr = %addr);
            Finding::note(Code::OtherRoom, message).at(addr).remedy(tell!("doctor-same-room"))
        });
        let silent = self.silent.iter().map(|addr| {
            let message = tell!("doctor-no-answer-at", addr = %addr);
            let (who, first, last) = (addr.ip().to_string(), self.port, self.last_port());
            Finding::problem(Code::NoAnswer, message).at(addr).remedy(tell!(
                "doctor-open-both",
                who = who,
                first = first,
                last = last
            ))
        });
        off_link.chain(elsewhere).chain(silent).collect()
    }
}

/// From so many seconds on, the times that are shown are wrong by minutes
const CLOCKS_DIFFER: u64 = 120;

fn of_missed(missed: &Missed) -> Finding {
    let who = missed.program.as_ref().map_or_else(|| tell!("doctor-some-program"), named);
    let (port, drops) = (missed.port, missed.drops);
    match missed.now {
        0 => {
            let message = tell!("doctor-dropped-once", who = who, port = port, count = drops);
            Finding::note(Code::ReceiveDrops, message)
        }
        now => {
            let message = tell!("doctor-dropping", who = who, port = port, count = now);
            Finding::problem(Code::ReceiveDrops, message).remedy(tell!("doctor-busy"))
        }
    }
}

fn named(program: &Program) -> String {
    tell!("doctor-program", name = %program.name.clean_name(), pid = program.pid.to_string())
}

fn who(peer: &PeerFacts) -> String {
    match &peer.name {
        Some(name) => tell!("doctor-who", name = %clean_name(name.as_written()), addr = %peer.addr),
        None => tell!("doctor-somebody", addr = %peer.addr),
    }
}

#[cfg(test)]
mod tests;
