use lanchat_protocol::Room;

use super::outlook::Outlook;
use crate::{
    event::Peer,
    session::{Session, Status},
    view::View,
};

/// A room as a window sees it
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sight<'a> {
    /// The node is run here
    Own(&'a Session),
    /// Another window runs it; whether all is shown that this one was told
    Attached(&'a Outlook, bool),
}

impl<'a> Sight<'a> {
    /// Which
    pub(crate) fn room(self) -> &'a Room {
        match self {
            Self::Own(session) => session.room(),
            Self::Attached(outlook, _) => outlook.room(),
        }
    }

    /// As [`Session::view`]
    pub(crate) fn view(self) -> &'a View {
        match self {
            Self::Own(session) => session.view(),
            Self::Attached(outlook, _) => outlook.view(),
        }
    }

    /// As [`Session::status`]
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Own(session) => session.status(),
            Self::Attached(outlook, is_all) => {
                let status = outlook.status();
                let (complete, caught_up) = (status.complete && is_all, status.caught_up && is_all);
                Status { complete, caught_up, ..status.clone() }
            }
        }
    }

    /// As [`Session::complete`]
    pub(crate) fn complete(self) -> bool {
        match self {
            Self::Own(session) => session.complete(),
            Self::Attached(outlook, is_all) => is_all && outlook.status().complete,
        }
    }

    /// As [`Session::has_caught_up`]
    pub(crate) fn has_caught_up(self) -> bool {
        match self {
            Self::Own(session) => session.has_caught_up(),
            Self::Attached(outlook, is_all) => is_all && outlook.status().caught_up,
        }
    }

    /// As [`Session::is_offline`]
    pub(crate) fn is_offline(self) -> bool {
        match self {
            Self::Own(session) => session.is_offline(),
            Self::Attached(outlook, _) => outlook.status().offline,
        }
    }

    /// As [`Session::peers`]
    pub(crate) fn peers(self) -> Vec<Peer> {
        match self {
            Self::Own(session) => session.peers(),
            Self::Attached(outlook, _) => outlook.peers(),
        }
    }
}
