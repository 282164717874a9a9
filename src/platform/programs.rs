//! Which programs run on this machine, and which sockets they have open

use std::{collections::BTreeMap, fs, path::Path};

use crate::sanitize::Unclean;

/// A program that runs
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    pub(crate) pid: u32,
    /// As it calls itself
    pub(crate) name: Unclean,
}

/// The tables of UDP sockets, where the system has such: on Linux
pub(crate) fn udp_tables() -> Option<String> {
    let tables = ["/proc/net/udp", "/proc/net/udp6"].map(|table| fs::read_to_string(table).ok());
    let tables: Vec<String> = tables.into_iter().flatten().collect();
    (!tables.is_empty()).then(|| tables.concat())
}

/// The programs that have sockets open, by the inode of the socket, as far as this user may see; none where the system has
/// no such list
pub(crate) fn owners_of_sockets() -> BTreeMap<u64, Program> {
    let mut owners = BTreeMap::new();
    for (program, process) in programs() {
        let files = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        for target in files.filter_map(|file| fs::read_link(file.path()).ok()) {
            let inode = target.to_str().and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']'));
            if let Some(inode) = inode.and_then(|inode| inode.parse().ok()) {
                owners.entry(inode).or_insert_with(|| program.clone());
            }
        }
    }
    owners
}

/// Whether a program of this name runs, as far as the system tells
pub(crate) fn is_running(name: &str) -> bool {
    programs().any(|(program, _)| program.name == name)
}

/// The programs that Linux lists, each with its directory
fn programs() -> impl Iterator<Item = (Program, std::path::PathBuf)> {
    let is_linux = cfg!(any(target_os = "linux", target_os = "android"));
    let processes = fs::read_dir(Path::new("/proc")).ok().filter(|_| is_linux);
    processes.into_iter().flatten().flatten().filter_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let name = fs::read_to_string(process.path().join("comm")).ok()?;
        Some((Program { pid, name: name.trim_end().into() }, process.path()))
    })
}

/// The command that tells which program has this UDP port open
pub(crate) fn command_for_port(port: u16) -> String {
    if cfg!(windows) {
        format!("Get-Process -Id (Get-NetUDPEndpoint -LocalPort {port}).OwningProcess")
    } else if cfg!(any(target_os = "linux", target_os = "android")) {
        format!("sudo ss -ulpn 'sport = :{port}'")
    } else {
        format!("sudo lsof -nP -iUDP:{port}")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn an_own_socket_is_in_the_table_and_belongs_to_this_program() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = format!(":{:04X}", socket.local_addr().unwrap().port());
        let table = udp_tables().unwrap();
        let fields = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let mut own = fields.filter(|fields| fields.get(1).is_some_and(|local| local.ends_with(&port)));
        let owners = owners_of_sockets();
        let pid = std::process::id();
        assert!(own.any(|fields| {
            let inode = fields[9].parse::<u64>().unwrap();
            owners.get(&inode).is_some_and(|program| program.pid == pid)
        }));
    }
}
