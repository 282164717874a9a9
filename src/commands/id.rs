//! `lanchat id`: who one is

use anyhow::Context;
use lanchat_protocol::Identity;
use serde::Serialize;
use uuid::Uuid;

use super::stay::{close, no_signals};
use crate::{
    exit::ExitCode,
    lang::tell,
    platform::signals::Shutdown,
    profile::Profile,
    sanitize::clean_name,
    settings::{Format, Settings},
    ui::{Screen, json},
};

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let id = Identity::from_secret(Profile::read_identity(settings)?).id().as_uuid();
    let who = Who { event: "id", id, name: settings.name.as_str(), profile: settings.profile.as_str() };
    let mut shutdown = Shutdown::listen().with_context(no_signals)?;
    let screen = Screen::open(settings.format)?;
    screen.print(&match settings.format {
        Format::Json => json::line(&who),
        Format::Plain => who.lines(),
    });
    close(screen, &mut shutdown).await?;
    Ok(ExitCode::Done)
}

#[derive(Debug, Serialize)]
struct Who<'a> {
    event: &'static str,
    id: Uuid,
    name: &'a str,
    profile: &'a str,
}

impl Who<'_> {
    fn lines(&self) -> String {
        let name = clean_name(self.name);
        format!("{}\n", tell!("who", name = %name, id = %self.id, profile = self.profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_name_all_three() {
        let who = Who { event: "id", id: Uuid::nil(), name: "Mary Ann", profile: "mary" };
        assert_eq!(
            json::line(&who),
            format!(
                "{{\"event\":\"id\",\"id\":\"{}\",\"name\":\"Mary Ann\",\"profile\":\"mary\"}}\n",
                Uuid::nil()
            )
        );
        assert_eq!(who.lines(), format!("name     \"Mary Ann\"\nid       {}\nprofile  mary\n", Uuid::nil()));
    }
}
