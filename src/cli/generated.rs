//! What other programs are told about the command line: shells, and `man`

use std::io;

use clap::{CommandFactory, builder::PossibleValuesParser};
use clap_complete::Shell;

use super::{Cli, help::worded};

/// The completions of a shell, in its own language
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut worded(Cli::command()), "lanchat", &mut script);
    script
}

/// The manual page of the program, or of one of its commands, as roff
///
/// # Errors
/// When nothing can be written into memory
pub fn manual(command: Option<&str>) -> io::Result<Vec<u8>> {
    let mut program = worded(Cli::command());
    program.build();
    let named = command.and_then(|name| program.find_subcommand(name));
    let page = match named {
        Some(command) => {
            let name = format!("lanchat-{}", command.get_name());
            command.clone().name(name).bin_name(format!("lanchat {}", command.get_name()))
        }
        None => program,
    };
    let mut roff = Vec::new();
    clap_mangen::Man::new(page).render(&mut roff)?;
    Ok(roff)
}

/// The names of the commands that have a page of their own
pub(super) fn commands() -> PossibleValuesParser {
    PossibleValuesParser::new(["peers", "send", "listen", "history", "doctor", "raw", "daemon", "id"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_every_page_its_command() {
        let command = Cli::command();
        let generators = ["completions", "man"];
        let names: Vec<_> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .filter(|name| !generators.contains(name))
            .collect();
        for name in &names {
            let page = String::from_utf8(manual(Some(name)).unwrap()).unwrap();
            assert!(page.contains(&format!("lanchat\\-{name}")) && page.contains(".SH OPTIONS"), "{page}");
            assert!(Cli::command().try_get_matches_from(["lanchat", "man", name]).is_ok(), "{name}");
        }
        let whole = String::from_utf8(manual(None).unwrap()).unwrap();
        assert!(names.iter().all(|name| whole.contains(&format!("lanchat\\-{name}(1)"))), "{whole}");
        assert!(Cli::command().try_get_matches_from(["lanchat", "man", "dance"]).is_err());
    }
}
