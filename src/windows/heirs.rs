//! Who of the windows that are attached goes on with a node that ends

use std::{collections::BTreeSet, time::Duration};

use tokio::time::{Instant, timeout_at};

use super::{
    door::{Door, Knock},
    host::Host,
    lines::{Ask, Told},
};

/// Those who said that they do, having asked for all that they wanted of this node
#[derive(Debug, Default)]
pub(super) struct Heirs(BTreeSet<u64>);

/// How long a window may take to say so; one that is stopped says nothing
const SAYING: Duration = Duration::from_secs(1);

impl Heirs {
    /// Asks all, and does what they still ask for; a window that ends at the same time does not go on
    pub(super) async fn of(host: &mut Host) -> Self {
        let deadline = Instant::now() + SAYING;
        let mut asked: BTreeSet<u64> = host.windows.keys().copied().collect();
        asked.iter().for_each(|number| host.tell(*number, &Told::Ending));
        let mut heirs = Self::default();
        while !asked.is_empty() {
            let Ok(knock) = timeout_at(deadline, next(host)).await else { break };
            match knock {
                Knock::Asked(number, Ask::GoOn) if asked.remove(&number) => {
                    heirs.0.insert(number);
                }
                // It comes again, to whoever goes on.
                Knock::Came(..) => {}
                Knock::Went(number) => {
                    asked.remove(&number);
                    heirs.0.remove(&number);
                    host.on_knock(knock);
                }
                knock @ Knock::Asked(..) => host.on_knock(knock),
            }
        }
        heirs
    }

    pub(super) fn any(&self, is: impl Fn(u64) -> bool) -> bool {
        self.0.iter().any(|number| is(*number))
    }
}

/// What a window wants next; meanwhile the node goes on
async fn next(host: &mut Host) -> Knock {
    loop {
        tokio::select! {
            happening = host.house.next() => host.pass(happening),
            knock = Door::knock(&mut host.door) => return knock,
        }
    }
}
