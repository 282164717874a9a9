//! What is told in the end, for people and for scripts

use serde::Serialize;
use uuid::Uuid;

use super::{loss::Loss, peer::PeerFacts};
use crate::{
    sanitize::{Unclean, clean},
    ui::json,
};

/// Something that was found
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Finding {
    event: &'static str,
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    interface: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<Whom>,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<Lost>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
}

/// What it is: the codes that scripts rely on
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    Interface,
    InterfaceUnused,
    NoBroadcastAddress,
    NoNetwork,
    CannotSend,
    OwnBroadcastLost,
    Firewall,
    PortTaken,
    PortShared,
    ReceiveDrops,
    Peer,
    PeerHeard,
    NotHeardHere,
    NotHeardByPeer,
    AnswersBlocked,
    UnicastBlocked,
    NoAnswer,
    Loss,
    ClockAhead,
    OtherSubnet,
    OtherRoom,
    Healthy,
    Nobody,
    Problems,
}

/// How bad it is
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// As it should be
    Ok,
    /// Worth to know
    Note,
    /// Something is wrong
    Problem,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Whom {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Unclean>,
    addr: String,
}

/// Pings, and how many of a hundred frames were lost there and back
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Lost {
    sent: u32,
    answered: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    there_percent: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    back_percent: Option<u32>,
}

impl Finding {
    /// That all is well
    pub(super) fn ok(code: Code, message: String) -> Self {
        Self::new(code, Severity::Ok, message)
    }

    /// What is worth to know
    pub(super) fn note(code: Code, message: String) -> Self {
        Self::new(code, Severity::Note, message)
    }

    /// What is wrong
    pub(super) fn problem(code: Code, message: String) -> Self {
        Self::new(code, Severity::Problem, message)
    }

    fn new(code: Code, severity: Severity, message: String) -> Self {
        let (interface, peer, loss, remedy) = (None, None, None, None);
        Self { event: "finding", code, severity, interface, peer, loss, message, remedy }
    }

    /// The interface that it is about
    pub(super) fn on(self, interface: &str) -> Self {
        Self { interface: Some(interface.to_owned()), ..self }
    }

    /// The peer that it is about, with what was lost on the way
    pub(super) fn about(self, peer: &PeerFacts) -> Self {
        let whom = Whom { id: Some(peer.id), name: peer.name.clone(), addr: peer.addr.to_string() };
        Self { peer: Some(whom), loss: peer.loss.as_ref().map(Lost::of), ..self }
    }

    /// The address that it is about
    pub(super) fn at(self, addr: impl ToString) -> Self {
        Self { peer: Some(Whom { id: None, name: None, addr: addr.to_string() }), ..self }
    }

    /// What mends it: a command, or a sentence that has one
    pub(super) fn remedy(self, remedy: String) -> Self {
        Self { remedy: Some(remedy), ..self }
    }

    /// A line for scripts
    pub(crate) fn json(&self) -> String {
        json::line(self)
    }

    /// Lines for people
    pub(crate) fn plain(&self) -> String {
        let mark = match self.severity {
            Severity::Ok => "ok",
            Severity::Note => "--",
            Severity::Problem => "!!",
        };
        let remedy = self.remedy.iter().map(|remedy| format!("   -> {}\n", clean(remedy)));
        format!("{mark} {}\n{}", clean(&self.message), remedy.collect::<String>())
    }
}

impl Lost {
    fn of(loss: &Loss) -> Self {
        let ways = loss.ways.map(|(there, back)| (percent(there), percent(back)));
        Self {
            sent: loss.sent,
            answered: loss.answered,
            there_percent: ways.map(|(there, _)| there),
            back_percent: ways.map(|(_, back)| back),
        }
    }
}

/// A part of one as so many of a hundred
pub(super) fn percent(part: f64) -> u32 {
    (0..=100).rev().find(|percent| f64::from(*percent) <= part * 100.0 + 0.5).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_scripts_says_what_it_is_about_and_nothing_that_is_not_known() {
        let peer = super::super::peer::tests::healthy();
        let finding = Finding::problem(Code::NotHeardByPeer, "bob is deaf".into()).about(&peer);
        assert_eq!(
            finding.remedy("do it".into()).json(),
            format!(
                "{{\"event\":\"finding\",\"code\":\"not_heard_by_peer\",\"severity\":\"problem\",\
                 \"peer\":{{\"id\":\"{}\",\"name\":\"bob\",\"addr\":\"198.18.0.2:25253\"}},\
                 \"loss\":{{\"sent\":40,\"answered\":40,\"there_percent\":0,\"back_percent\":0}},\
                 \"message\":\"bob is deaf\",\"remedy\":\"do it\"}}\n",
                Uuid::from_u128(2)
            )
        );
        let bare = Finding::ok(Code::Interface, "fine".into()).on("eth0").json();
        assert_eq!(
            bare,
            "{\"event\":\"finding\",\"code\":\"interface\",\"severity\":\"ok\",\"interface\":\"eth0\",\
             \"message\":\"fine\"}\n"
        );
    }

    #[test]
    fn the_readme_says_what_each_code_means() {
        let source = include_str!("finding.rs").split_once("enum Code {").unwrap().1;
        let names =
            source.split_once('}').unwrap().0.split(',').map(str::trim).filter(|name| !name.is_empty());
        let snake = |name: &str| {
            let parts = name
                .chars()
                .map(|c| if c.is_uppercase() { format!("_{}", c.to_lowercase()) } else { c.into() });
            parts.collect::<String>().trim_start_matches('_').to_owned()
        };
        let codes: Vec<String> = names.map(snake).collect();
        assert!(codes.contains(&"not_heard_by_peer".to_owned()), "{codes:?}");
        let readme = include_str!("../../README.md").split_once("When A does not see B").unwrap().1;
        let table = readme.split_once("| --- | --- |").unwrap().1.split_once("\n\n").unwrap().0;
        let cells = table.lines().filter_map(|line| line.split('|').nth(1)).flat_map(|cell| cell.split('`'));
        let mut told: Vec<&str> = cells.filter(|part| part.starts_with(char::is_alphabetic)).collect();
        let mut codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        told.sort_unstable();
        codes.sort_unstable();
        assert_eq!(told, codes);
    }

    #[test]
    fn people_see_how_bad_it_is_and_what_to_do() {
        let finding = Finding::problem(Code::PortTaken, "taken by \u{1b}[2J".into()).remedy("end it".into());
        assert_eq!(finding.plain(), "!! taken by \u{fffd}[2J\n   -> end it\n");
        assert_eq!(Finding::note(Code::Firewall, "ufw".into()).plain(), "-- ufw\n");
    }

    #[test]
    fn parts_are_rounded_to_percents() {
        assert_eq!([0.0, 0.004, 0.196, 1.0].map(percent), [0, 0, 20, 100]);
    }
}
