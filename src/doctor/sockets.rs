//! Who has which UDP port open, and what was dropped there: the tables that Linux keeps

use std::collections::{BTreeMap, BTreeSet};

use crate::platform::programs::Program;

/// A UDP socket of this machine, whoever has it open
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UdpSocket {
    pub(crate) port: u16,
    pub(crate) inode: u64,
    /// How many datagrams were dropped because nobody read them in time
    pub(crate) drops: u64,
}

/// Who has the port of the room open besides this program
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holders {
    pub(crate) programs: BTreeSet<Program>,
    /// How many sockets belong to programs that this user may not look at
    pub(crate) unknown: usize,
}

/// What a program has missed at one of the ports
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    pub(crate) program: Option<Program>,
    pub(crate) port: u16,
    /// Since the program opened it
    pub(crate) drops: u64,
    /// How many of them while one looked
    pub(crate) now: u64,
}

/// The sockets in a table of Linux, such as `/proc/net/udp`
pub(crate) fn parse(table: &str) -> Vec<UdpSocket> {
    table.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<UdpSocket> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, port) = fields.get(1)?.rsplit_once(':')?;
    Some(UdpSocket {
        port: u16::from_str_radix(port, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
        drops: fields.get(12)?.parse().ok()?,
    })
}

impl Holders {
    /// Who has this port open, where these programs own these sockets and this one has the id `own`
    pub(crate) fn of(port: u16, sockets: &[UdpSocket], owners: &BTreeMap<u64, Program>, own: u32) -> Self {
        let mut holders = Self::default();
        for socket in sockets.iter().filter(|socket| socket.port == port) {
            match owners.get(&socket.inode) {
                Some(program) if program.pid == own => {}
                Some(program) => drop(holders.programs.insert(program.clone())),
                None => holders.unknown += 1,
            }
        }
        holders
    }
}

/// What was missed at the ports of rooms that begin at `port`, before one looked and meanwhile
pub(crate) fn missed(
    port: u16,
    (before, after): (&[UdpSocket], &[UdpSocket]),
    owners: &BTreeMap<u64, Program>,
) -> Vec<Missed> {
    let ports = port..=port.saturating_add(PORTS);
    let at = |inode| before.iter().find(|socket: &&UdpSocket| socket.inode == inode);
    let losing = after.iter().filter(|socket| socket.drops > 0 && ports.contains(&socket.port));
    losing
        .map(|socket| Missed {
            program: owners.get(&socket.inode).cloned(),
            port: socket.port,
            drops: socket.drops,
            now: socket.drops - at(socket.inode).map_or(0, |before| before.drops.min(socket.drops)),
        })
        .collect()
}

/// How many ports after the shared one are for what is meant for one alone
pub(crate) const PORTS: u16 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  \
        timeout inode ref pointer drops\n \
        412: 00000000:62A4 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 7001 2 0 0\n \
        413: 020012C6:62A5 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 7002 2 0 31\n\
        414: 00000000000000000000000000000000:14E9 0:0 07 0:0 00:0 0 0 0 7003 2 0 5\n nonsense\n";

    fn program(pid: u32, name: &str) -> Program {
        Program { pid, name: name.into() }
    }

    #[test]
    fn a_table_is_read_and_what_is_no_socket_passed_over() {
        let sockets = parse(TABLE);
        let socket = |port, inode, drops| UdpSocket { port, inode, drops };
        assert_eq!(sockets, [socket(25252, 7001, 0), socket(25253, 7002, 31), socket(0x14e9, 7003, 5)]);
    }

    #[test]
    fn holders_are_the_others_at_that_port() {
        let mut sockets = parse(TABLE);
        sockets.extend([7004, 7005].map(|inode| UdpSocket { port: 25252, inode, drops: 0 }));
        let owners = [(7001, program(7, "lanchat")), (7002, program(8, "nc")), (7004, program(9, "dnsd"))];
        let holders = Holders::of(25252, &sockets, &owners.into(), 7);
        assert_eq!(holders, Holders { programs: [program(9, "dnsd")].into(), unknown: 1 });
    }

    #[test]
    fn what_was_dropped_while_one_looked_is_told_apart() {
        let (before, mut after) = (parse(TABLE), parse(TABLE));
        after[1].drops = 40;
        let owners = [(7002, program(8, "lanchat"))].into();
        let missed = missed(25252, (&before, &after), &owners);
        let program = Some(program(8, "lanchat"));
        assert_eq!(missed, [Missed { program, port: 25253, drops: 40, now: 9 }]);
    }
}
