//! What a system tells of its firewall

use std::{process::Stdio, time::Duration};

use tokio::process::Command;

/// What speaks for a firewall; the rules only where this user may read them
#[derive(Clone, Debug, Default)]
pub(crate) struct Signs {
    /// What `nft list ruleset` prints
    pub(crate) nftables: Option<String>,
    /// What `iptables-save` prints
    pub(crate) iptables: Option<String>,
    /// ufw is switched on
    pub(crate) has_ufw: bool,
    /// firewalld runs
    pub(crate) has_firewalld: bool,
    /// The system is Windows, whose firewall is nearly always on
    pub(crate) is_windows: bool,
    /// The Application Firewall of macOS is switched on
    pub(crate) has_macos: bool,
}

impl Signs {
    /// Asks the system; takes a moment
    pub(crate) async fn read() -> Self {
        if cfg!(windows) {
            return Self { is_windows: true, ..Self::default() };
        }
        if cfg!(target_vendor = "apple") {
            let state =
                output_of("/usr/libexec/ApplicationFirewall/socketfilterfw", &["--getglobalstate"]).await;
            let has_macos = state.is_some_and(|state| !state.contains("State = 0"));
            return Self { has_macos, ..Self::default() };
        }
        let ufw = std::fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
        let (nftables, iptables) =
            tokio::join!(output_of("nft", &["list", "ruleset"]), output_of("iptables-save", &[]));
        Self {
            nftables,
            iptables,
            has_ufw: ufw.lines().any(|line| line.trim() == "ENABLED=yes"),
            has_firewalld: super::programs::is_running("firewalld"),
            is_windows: false,
            has_macos: false,
        }
    }
}

/// What a program of the system prints, if it is there, may look and does not take long
async fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    const PATIENCE: Duration = Duration::from_secs(2);
    // Users other than root often do not have these directories in their path.
    for place in ["", "/usr/sbin/", "/sbin/"] {
        let mut command = Command::new(format!("{place}{program}"));
        command.args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let Ok(Ok(output)) = tokio::time::timeout(PATIENCE, command.output()).await else { continue };
        return output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned());
    }
    None
}
