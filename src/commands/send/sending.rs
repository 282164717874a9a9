//! One line on its way: to whom, when it is said, and how that ends

use std::time::Duration;

use lanchat_protocol::Text;
use tokio::time::Instant;
use uuid::Uuid;

use super::failure;
use crate::{
    cli::{SendArgs, Wait},
    command::Command,
    event::{DeliveryState, Event},
    exit::Failure,
    lang::{Told as _, tell},
    sanitize::Unclean,
    view::{ResolveError, View},
};

/// Whether what to say is read line by line
pub(super) fn is_stream(args: &SendArgs) -> bool {
    args.text == ["-"]
}

/// One line on its way
#[derive(Debug)]
pub(super) struct Sending {
    args: SendArgs,
    /// Whether a whisper that has not arrived yet is kept and sent by the next lanchat of this profile
    is_kept: bool,
    /// Whether those who have another code are not found
    is_private: bool,
    deadline: Instant,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Nobody to say it to yet
    Looking,
    /// Somebody is known to say it to; others may turn up until then
    Settling { since: Instant, until: Instant },
    /// It is said; a whisper has an id
    Said(Option<Uuid>),
}

/// How long others may take to turn up once one has
const SETTLING: Duration = Duration::from_millis(300);

/// How long somebody who was here before, or a namesake, may take to turn up before a whisper is left for them
const RETURNING: Duration = Duration::from_secs(1);

/// How long a disk may take for a whisper that is left when the time is up
const STORING: Duration = Duration::from_secs(2);

impl Sending {
    pub(super) fn new(args: SendArgs, is_kept: bool, deadline: Instant) -> Result<Self, Failure> {
        if !is_stream(&args) {
            Text::new(&args.text.join(" ")).map_err(|error| Failure::usage(error.told()))?;
        }
        if args.wait == Wait::Delivered && args.to.is_none() {
            return Err(Failure::usage(tell!("send-to-all-delivered")));
        }
        Ok(Self { args, is_kept, is_private: false, deadline, stage: Stage::Looking })
    }

    /// The room is there by now, perhaps a private one: the time that it may take begins
    pub(super) fn begin(&mut self, is_private: bool, now: Instant) {
        self.is_private = is_private;
        self.deadline = now + self.args.timeout;
    }

    /// When to look again although nothing has happened
    pub(super) fn wake_at(&self) -> Instant {
        match self.stage {
            Stage::Settling { until, .. } => until.min(self.give_up_at()),
            Stage::Looking | Stage::Said(_) => self.give_up_at(),
        }
    }

    /// When nothing more is waited for: at the deadline, or a little later if it can still be left for them
    pub(super) fn give_up_at(&self) -> Instant {
        let is_being_left = match self.stage {
            Stage::Settling { .. } | Stage::Said(None) => self.can_be_left(),
            Stage::Looking | Stage::Said(Some(_)) => false,
        };
        self.deadline + if is_being_left { STORING } else { Duration::ZERO }
    }

    /// Whether the next lanchat of this profile sends it if this one did not
    pub(super) fn is_left(&self) -> bool {
        matches!(self.stage, Stage::Said(Some(_))) && self.can_be_left()
    }

    fn can_be_left(&self) -> bool {
        self.is_kept && self.args.to.is_some()
    }

    /// What to say now, if it is time to
    pub(super) fn speak(
        &mut self,
        view: &View,
        complete: bool,
        now: Instant,
    ) -> Result<Option<Command>, Failure> {
        let text = self.args.text.join(" ");
        Ok(self.address(view, complete, now)?.map(|address| address.say(text)))
    }

    /// To whom to speak now, if it is time to; that is told once
    pub(super) fn address(
        &mut self,
        view: &View,
        complete: bool,
        now: Instant,
    ) -> Result<Option<Address>, Failure> {
        let since = match self.stage {
            Stage::Looking => now,
            Stage::Settling { since, .. } => since,
            Stage::Said(_) => return Ok(None),
        };
        let Some(recipient) = self.recipient(view) else {
            self.stage = Stage::Looking;
            return Ok(None);
        };
        let settled = since + if recipient.is_here { SETTLING } else { RETURNING };
        let until = if self.can_be_left() { settled.min(self.deadline) } else { settled };
        if !complete && now < until && !recipient.is_certain {
            self.stage = Stage::Settling { since, until };
            return Ok(None);
        }
        let address = match recipient.id {
            Some(Ok(id)) => Address::One(id),
            Some(Err(error @ (ResolveError::KeyChanged { .. } | ResolveError::Blocked { .. }))) => {
                return Err(Failure::failed(error.to_string()));
            }
            Some(Err(error)) => return Err(Failure::usage(error.to_string())),
            None => Address::All,
        };
        self.stage = Stage::Said(None);
        Ok(Some(address))
    }

    fn recipient(&self, view: &View) -> Option<Recipient> {
        let Some(to) = &self.args.to else {
            return (!view.peers().is_empty()).then_some(Recipient {
                id: None,
                is_here: true,
                is_certain: false,
            });
        };
        match view.resolve(to) {
            Err(ResolveError::Unknown { .. }) => None,
            id => {
                let is_here = id.as_ref().map_or(true, |id| view.peers().contains_key(id));
                Some(Recipient { id: Some(id), is_here, is_certain: Uuid::parse_str(to).is_ok() })
            }
        }
    }

    /// How it ended, if this event ends it
    pub(super) fn on_event(&mut self, event: &Event) -> Option<Result<(), Failure>> {
        let Stage::Said(whisper) = self.stage else {
            return None;
        };
        match event {
            Event::Message { own: true, past: false, text, .. } if self.args.to.is_none() => {
                self.is_it(text).then_some(Ok(()))
            }
            Event::Whisper { own: true, id, text, .. } if self.is_it(text) => {
                self.stage = Stage::Said(Some(*id));
                None
            }
            Event::Delivery { id, state, .. } if whisper == Some(*id) => self.on_delivery(*state),
            Event::Error { code, message } => failure(*code, message).map(Err),
            Event::Ready { .. }
            | Event::Alone { .. }
            | Event::Peer { .. }
            | Event::Message { .. }
            | Event::Whisper { .. }
            | Event::Delivery { .. }
            | Event::Gap { .. }
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::Reaction(_)
            | Event::Topic(_)
            | Event::Typing(_)
            | Event::Holds(_)
            | Event::Received(_)
            | Event::Rooms { .. }
            | Event::Parted { .. }
            | Event::Peers { .. }
            | Event::Help { .. }
            | Event::Contact(_)
            | Event::Verify(_)
            | Event::Warning(_)
            | Event::Blocked(_)
            | Event::Raw(_)
            | Event::Datagram(_)
            | Event::Guest(_) => None,
        }
    }

    /// Whether an own line is this one: another window of the same person may say something as well
    fn is_it(&self, told: &Unclean) -> bool {
        is_told_as(&self.args.text.join(" "), told)
    }

    fn on_delivery(&self, state: DeliveryState) -> Option<Result<(), Failure>> {
        match (state, self.args.wait) {
            (DeliveryState::Delivered, _) | (DeliveryState::Sent, Wait::Sent) => Some(Ok(())),
            (DeliveryState::Expired, _) => Some(Err(Failure::nobody(tell!("send-expired")))),
            (DeliveryState::Queued, _) | (DeliveryState::Sent, Wait::Delivered) => None,
        }
    }

    pub(super) fn too_late(&self) -> Failure {
        let timeout = format!("{:?}", self.args.timeout);
        Failure::nobody(match (&self.stage, &self.args.to) {
            (Stage::Said(Some(_)), Some(to)) if self.is_kept => {
                tell!("send-waits", to = to, timeout = timeout)
            }
            (Stage::Said(Some(_)), Some(to)) => tell!("send-unheard", to = to, timeout = timeout),
            (Stage::Said(_), _) => tell!("send-unsaid", timeout = timeout),
            (Stage::Looking | Stage::Settling { .. }, Some(to)) => {
                tell!("send-not-here", to = to, timeout = timeout)
            }
            (Stage::Looking | Stage::Settling { .. }, None) if self.is_private => {
                tell!("send-nobody-private", timeout = timeout)
            }
            (Stage::Looking | Stage::Settling { .. }, None) => tell!("send-nobody", timeout = timeout),
        })
    }

    pub(super) fn interrupted(&self) -> Failure {
        Failure::failed(match self.stage {
            Stage::Looking | Stage::Settling { .. } => tell!("send-interrupted"),
            Stage::Said(_) => tell!("send-interrupted-late"),
        })
    }
}

/// Whether this is what becomes of a line: a text is not told as it was given in every case
pub(super) fn is_told_as(said: &str, told: &Unclean) -> bool {
    said == told.as_written() || Text::new(said).is_ok_and(|text| text.as_str() == told.as_written())
}

/// To whom a line goes
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    All,
    One(Uuid),
}

impl Address {
    /// The command that says it there
    pub(super) fn say(self, text: String) -> Command {
        match self {
            Self::All => Command::Say { text },
            Self::One(id) => Command::Whisper { to: id.to_string(), text },
        }
    }
}

#[derive(Debug)]
struct Recipient {
    /// Whom to whisper to; nobody in particular when it is for all
    id: Option<Result<Uuid, ResolveError>>,
    /// Whether they are here, and not only known from before
    is_here: bool,
    /// Whether nobody who turns up later could be meant as well
    is_certain: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::{
            PeerChange,
            tests::{CONTRACT, contract},
        },
        exit::ExitCode,
    };

    const BOB: Uuid = Uuid::from_u128(0x8000_8000_0000_0000_000b);

    #[test]
    fn a_line_to_all_waits_for_somebody_and_a_little_for_the_others() {
        let mut sending = sending(None, Wait::Sent);
        let now = Instant::now();
        let mut view = View::default();
        assert!(said(&mut sending, &view, false, now).is_none());
        join(&mut view, BOB, "bob");
        assert!(said(&mut sending, &view, false, now).is_none());
        assert_eq!(sending.wake_at(), now + SETTLING);
        let spoken = said(&mut sending, &view, false, now + SETTLING);
        assert_eq!(spoken, Some(Command::Say { text: "hi there".into() }));
        assert!(said(&mut sending, &view, true, now + 2 * SETTLING).is_none(), "said twice");
        assert_eq!(sending.on_event(&event(4)), None, "a line of somebody else");
        assert_eq!(sending.on_event(&event(18)), None, "an own line of yesterday");
        assert_eq!(sending.on_event(&contract()[5]), None, "of another window");
        assert_eq!(sending.on_event(&event(5)), Some(Ok(())));
    }

    #[test]
    fn nobody_else_to_wait_for_means_no_waiting() {
        let mut sending = sending(None, Wait::Sent);
        let mut view = View::default();
        assert!(said(&mut sending, &view, true, Instant::now()).is_none(), "alone");
        join(&mut view, BOB, "bob");
        assert!(said(&mut sending, &view, true, Instant::now()).is_some());
    }

    #[test]
    fn a_whisper_ends_when_the_other_side_has_it() {
        let mut sending = whispering(Wait::Delivered);
        assert_eq!(sending.on_event(&event(7)), None);
        assert_eq!(sending.on_event(&delivery(DeliveryState::Sent)), None);
        assert_eq!(sending.on_event(&event(8)), Some(Ok(())));
    }

    #[test]
    fn a_whisper_that_need_not_arrive_ends_when_it_is_sent() {
        let mut sending = whispering(Wait::Sent);
        assert_eq!(sending.on_event(&event(7)), None);
        assert_eq!(sending.on_event(&delivery(DeliveryState::Queued)), None);
        assert_eq!(sending.on_event(&delivery(DeliveryState::Sent)), Some(Ok(())));
    }

    #[test]
    fn a_whisper_that_expires_ends_with_nobody() {
        let mut sending = whispering(Wait::Delivered);
        sending.on_event(&event(7));
        let outcome = sending.on_event(&delivery(DeliveryState::Expired)).unwrap();
        assert_eq!(outcome.unwrap_err().code, ExitCode::Nobody);
    }

    #[test]
    fn a_name_that_two_share_is_a_mistake_that_lists_both() {
        let mut sending = sending(Some("bob"), Wait::Sent);
        let mut view = View::default();
        let other = Uuid::from_u128(0xbeef << 112);
        join(&mut view, BOB, "bob");
        join(&mut view, other, "Bob");
        let failure = sending.speak(&view, true, Instant::now()).unwrap_err();
        assert_eq!(failure.code, ExitCode::Usage);
        assert!(failure.message.contains(&BOB.to_string()) && failure.message.contains(&other.to_string()));
    }

    #[test]
    fn an_id_needs_no_waiting_for_namesakes() {
        let mut sending = sending(Some(&BOB.to_string()), Wait::Sent);
        let mut view = View::default();
        join(&mut view, BOB, "bob");
        let spoken = said(&mut sending, &view, false, Instant::now());
        assert_eq!(spoken, Some(Command::Whisper { to: BOB.to_string(), text: "hi there".into() }));
    }

    #[test]
    fn a_whisper_for_somebody_away_is_left_once_they_had_time_to_turn_up() {
        let mut sending = sending(Some("bob"), Wait::Sent);
        let mut view = View::default();
        let now = Instant::now();
        assert!(said(&mut sending, &view, false, now).is_none());
        view.remember(BOB, "bob");
        assert!(said(&mut sending, &view, false, now).is_none());
        assert!(said(&mut sending, &view, false, now + SETTLING).is_none());
        let spoken = said(&mut sending, &view, false, now + RETURNING);
        assert_eq!(spoken, Some(Command::Whisper { to: BOB.to_string(), text: "hi there".into() }));
        assert!(!sending.is_left(), "not stored yet");
        sending.on_event(&event(7));
        assert!(sending.is_left());
        let late = sending.too_late();
        assert!(late.message.contains("it waits up to 7 days"), "{late}");
    }

    #[test]
    fn a_whisper_is_left_before_there_is_no_time_any_more() {
        let mut view = View::default();
        view.remember(BOB, "bob");
        let now = Instant::now();
        let mut hasty = Sending::new(args(Some("bob"), Wait::Sent), true, now + SETTLING).unwrap();
        assert!(said(&mut hasty, &view, false, now).is_none());
        assert_eq!((hasty.wake_at(), hasty.give_up_at()), (now + SETTLING, now + SETTLING + STORING));
        assert!(said(&mut hasty, &view, false, now + SETTLING).is_some());
        assert_eq!((hasty.is_left(), hasty.give_up_at()), (false, now + SETTLING + STORING));
        hasty.on_event(&event(7));
        assert_eq!((hasty.is_left(), hasty.give_up_at()), (true, now + SETTLING));
    }

    #[test]
    fn what_cannot_be_left_is_not_said_to_somebody_away_in_haste() {
        let mut view = View::default();
        view.remember(BOB, "bob");
        let now = Instant::now();
        let mut hasty = Sending::new(args(Some("bob"), Wait::Sent), false, now + SETTLING).unwrap();
        assert!(said(&mut hasty, &view, false, now).is_none());
        assert_eq!(hasty.give_up_at(), now + SETTLING);
        assert!(said(&mut hasty, &view, false, now + SETTLING).is_none());
        assert!(hasty.too_late().message.contains("was not here"));
    }

    #[test]
    fn what_cannot_be_said_is_refused_before_anything_is_opened() {
        let long = SendArgs { text: vec!["x".repeat(8_001)], ..args(None, Wait::Sent) };
        let now = Instant::now();
        assert_eq!(Sending::new(long, true, now).unwrap_err().code, ExitCode::Usage);
        assert_eq!(Sending::new(args(None, Wait::Delivered), true, now).unwrap_err().code, ExitCode::Usage);
    }

    #[test]
    fn being_too_late_says_what_was_missing() {
        let alone = sending(Some("bob"), Wait::Sent).too_late();
        assert_eq!(
            (alone.code, alone.message.contains("bob was not here within 5s")),
            (ExitCode::Nobody, true)
        );
        let mut whispering = whispering(Wait::Delivered);
        let unstored = whispering.too_late();
        assert!(unstored.message.contains("could not be said"), "{unstored}");
        whispering.on_event(&event(7));
        let unheard = whispering.too_late();
        assert!(unheard.message.contains("has not acknowledged"), "{unheard}");
    }

    fn args(to: Option<&str>, wait: Wait) -> SendArgs {
        let text = vec!["hi".to_owned(), "there".to_owned()];
        SendArgs { to: to.map(str::to_owned), wait, timeout: Duration::from_secs(5), text }
    }

    fn sending(to: Option<&str>, wait: Wait) -> Sending {
        Sending::new(args(to, wait), true, Instant::now() + Duration::from_secs(5)).unwrap()
    }

    fn whispering(wait: Wait) -> Sending {
        let mut sending = sending(Some("bob"), wait);
        let mut view = View::default();
        join(&mut view, BOB, "bob");
        assert!(said(&mut sending, &view, true, Instant::now()).is_some());
        sending
    }

    fn said(sending: &mut Sending, view: &View, complete: bool, now: Instant) -> Option<Command> {
        sending.speak(view, complete, now).unwrap()
    }

    fn join(view: &mut View, id: Uuid, name: &str) {
        let addr = "198.18.0.2:25253".parse().ok();
        view.apply(&Event::Peer {
            change: PeerChange::Joined,
            id,
            name: name.into(),
            was: None,
            note: None,
            addr,
        });
    }

    fn delivery(state: DeliveryState) -> Event {
        let Event::Delivery { id, to, .. } = event(8) else { panic!("not a delivery") };
        Event::Delivery { id, to, state }
    }

    /// One of the contract, where an own line or whisper is the one that is sent
    fn event(line: usize) -> Event {
        let mut event = serde_json::from_str(CONTRACT[line]).unwrap();
        if let Event::Message { own: true, text, .. } | Event::Whisper { own: true, text, .. } = &mut event {
            *text = "hi there".into();
        }
        event
    }
}
