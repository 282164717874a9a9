//! `lanchat listen`: everything in the rooms, without saying anything

mod exec;

use tokio::time::Instant;

use self::exec::Exec;
use super::stay::{Stay, Turn};
use crate::{
    cli::ListenArgs,
    event::Event,
    exit::{ExitCode, Failure},
    lang::tell,
    session::Role,
    settings::Settings,
    ui::json,
};

pub(crate) async fn run(settings: &Settings, args: &ListenArgs) -> anyhow::Result<ExitCode> {
    let mut stay = Stay::enter(settings, Role::Member, true).await?;
    let deadline = args.timeout.map(|timeout| Instant::now() + timeout);
    let mut exec = args.exec.clone().map(Exec::new);
    let mut heard = 0;
    let turn = loop {
        let turn = tokio::select! {
            turn = stay.next(deadline) => turn,
            () = ended(exec.as_mut()) => continue,
        };
        match turn {
            Turn::Event(happening) if happening.event.is_past() && !args.past => {}
            Turn::Event(happening) => {
                stay.show(&happening);
                if is_line(&happening.event) {
                    heard += 1;
                    if let Some(exec) = &mut exec {
                        exec.on_event(json::line(&happening));
                    }
                }
                if args.count.is_some_and(|count| heard >= count) {
                    break Turn::Event(happening);
                }
            }
            end @ (Turn::Timeout | Turn::Interrupted) => break end,
        }
    };
    if matches!(turn, Turn::Event(_) | Turn::Timeout)
        && let Some(exec) = &mut exec
    {
        finish(exec, &mut stay).await;
    }
    let skipped = exec.map_or(0, Exec::end);
    stay.leave().await?;
    if skipped > 0 {
        return Err(Failure::failed(tell!("listen-skipped", count = skipped)).into());
    }
    match turn {
        Turn::Timeout if heard < args.count.unwrap_or(1) => Err(too_few(heard, args.count).into()),
        Turn::Event(_) | Turn::Timeout | Turn::Interrupted => Ok(ExitCode::Done),
    }
}

async fn ended(exec: Option<&mut Exec>) {
    match exec {
        Some(exec) => exec.ended().await,
        None => std::future::pending().await,
    }
}

/// Waits until no command runs or waits any more, or until interrupted
async fn finish(exec: &mut Exec, stay: &mut Stay) {
    while exec.is_busy() {
        tokio::select! {
            // The node may be this program's, and others would call it gone if it stood still.
            turn = stay.next(None) => if let Turn::Interrupted = turn { return },
            () = exec.ended() => {}
        }
    }
}

fn is_line(event: &Event) -> bool {
    matches!(event, Event::Message { own: false, .. } | Event::Whisper { own: false, past: false, .. })
}

fn too_few(heard: u64, count: Option<u64>) -> Failure {
    Failure::nobody(match count {
        Some(count) => tell!("listen-some", heard = heard, count = count),
        None => tell!("listen-none"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::CONTRACT;

    #[test]
    fn lines_and_whispers_of_others_count_however_late() {
        let counted: Vec<bool> =
            CONTRACT.iter().map(|line| is_line(&serde_json::from_str(line).unwrap())).collect();
        let expected: Vec<bool> =
            (0..CONTRACT.len()).map(|index| [4, 6, 16, 29, 38].contains(&index)).collect();
        assert_eq!(counted, expected);
    }

    #[test]
    fn too_few_lines_end_with_nobody() {
        let failure = too_few(1, Some(3));
        assert_eq!(failure.code, ExitCode::Nobody);
        assert!(failure.message.contains("1 of 3"));
    }
}
