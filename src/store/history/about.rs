//! What lines answer, and what people did about them

use std::collections::{BTreeMap, BTreeSet};

use lanchat_protocol::{MessageId, Order, PeerId, PeerKey, WallTime};
use rusqlite::{OptionalExtension, Row, params};

use super::{History, Kind, Names, Person, Said, next_sensible, person};
use crate::store::{
    StoreError,
    error::{Trouble, sensible},
    prune::MAX_TOPICS,
    value::{Blob, Wide},
};

/// What a line answers, and what people did about it
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The line that it answers
    pub reply_to: Option<MessageId>,
    /// That line, if it is kept and not of somebody who is blocked
    pub quote: Option<Quote>,
    /// Whether its author has said it anew
    pub edited: bool,
    /// The place of the edit that counts, if it is still kept
    pub edited_order: Option<Order>,
    /// Whether its author has asked to forget it, and its text is gone
    pub deleted: bool,
    /// What is under it, in the order of the transcript
    pub reactions: Vec<Reacted>,
}

/// A line that another answers
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Who said it
    pub author: Person,
    /// How it begins; empty if its author has asked to forget it
    pub text: String,
}

/// What somebody put under a line
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reacted {
    /// Who
    pub author: Person,
    /// Whether that was the person of this profile
    pub own: bool,
    /// What
    pub with: String,
    /// Its place in the transcript
    pub order: Order,
}

/// What a room is about
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The topic; empty if it was taken away
    pub text: String,
    /// Who said so
    pub author: Person,
    /// Whether that was the person of this profile
    pub own: bool,
    /// Its place in the transcript
    pub order: Order,
    /// When, by the author's clock
    pub sent_at: WallTime,
}

/// What an id names
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A line
    Line {
        /// Who said it
        author: PeerId,
    },
    /// A whisper
    Whisper,
}

/// How many reactions to one line are looked at, the newest: as many as the transcript of a chat knows
const MAX_REACTIONS: usize = 256;
/// How many of one person
const MAX_REACTIONS_OF_ONE: usize = 8;
/// More than is shown of it
const QUOTED_CHARACTERS: usize = 200;

impl History {
    /// What people last said about what the room is about, the one that counts first
    ///
    /// # Errors
    /// When the file cannot be read
    pub fn topics(&self) -> Result<Vec<Topic>, StoreError> {
        self.try_topics().map_err(|error| self.trouble(error))
    }

    /// What an id names, as far as it is kept: a line of this room, or a whisper in whatever room
    ///
    /// # Errors
    /// When the file cannot be read
    pub fn named(&self, id: MessageId) -> Result<Option<Named>, StoreError> {
        self.try_named(id).map_err(|error| self.trouble(error))
    }

    fn trouble(&self, error: rusqlite::Error) -> StoreError {
        let trouble = Trouble::from(error);
        self.look_at(&trouble);
        trouble.at(&self.path)
    }

    fn try_topics(&self) -> rusqlite::Result<Vec<Topic>> {
        let mut query = self.db.prepare_cached(TOPICS)?;
        let mut rows = query.query_map(params![self.room, MAX_TOPICS], |row| {
            let (order, Wide(sent_at)) = (order(row)?, row.get(6)?);
            Ok(Topic {
                text: row.get(5)?,
                author: Person { id: order.author.id(), name: row.get(7)? },
                own: order.author == self.own,
                order,
                sent_at: WallTime::from_unix_millis(sent_at),
            })
        })?;
        let mut topics = Vec::new();
        while let Some(topic) = next_sensible(&mut rows)? {
            topics.push(topic);
        }
        Ok(topics)
    }

    fn try_named(&self, id: MessageId) -> rusqlite::Result<Option<Named>> {
        let mut line = self.db.prepare_cached(AUTHOR)?;
        let author = line.query_row(params![self.room, Blob::from(id)], |row| row.get::<_, Blob<32>>(0));
        if let Some(author) = sensible(author.optional())?.flatten() {
            return Ok(Some(Named::Line { author: PeerKey::from(author).id() }));
        }
        let mut whisper = self.db.prepare_cached(WHISPER)?;
        Ok(whisper.exists([Blob::from(id)])?.then_some(Named::Whisper))
    }

    /// Adds to lines what they answer and what is under them
    pub(super) fn tell_about(
        &self,
        found: &mut [Said],
        names: &Names,
        blocked: &BTreeSet<PeerId>,
    ) -> rusqlite::Result<()> {
        let quotes: BTreeMap<MessageId, Quote> = found.iter().map(|said| (said.id, quote(said))).collect();
        for said in found {
            let Kind::Line { order } = said.kind else { continue };
            if let Some(target) = said.about.reply_to {
                let quote = match quotes.get(&target) {
                    Some(quote) => Some(quote.clone()),
                    None => self.quote(target, names)?,
                };
                said.about.quote = quote.filter(|quote| !blocked.contains(&quote.author.id));
            }
            if said.about.edited {
                said.about.edited_order = self.edit(said.id, &order.author)?;
            }
            if !said.about.deleted {
                said.about.reactions = self.reactions(said.id, names)?;
                said.about.reactions.retain(|reacted| !blocked.contains(&reacted.author.id));
            }
        }
        Ok(())
    }

    fn quote(&self, id: MessageId, names: &Names) -> rusqlite::Result<Option<Quote>> {
        let mut query = self.db.prepare_cached(QUOTE)?;
        let quote = query.query_row(params![self.room, Blob::from(id), QUOTED_CHARACTERS], |row| {
            let author: PeerKey = row.get::<_, Blob<32>>(0)?.into();
            Ok(Quote { author: person(author, names), text: row.get(1)? })
        });
        Ok(sensible(quote.optional())?.flatten())
    }

    fn edit(&self, id: MessageId, author: &PeerKey) -> rusqlite::Result<Option<Order>> {
        let mut query = self.db.prepare_cached(EDIT)?;
        let edit = query.query_row(params![self.room, Blob::from(id), Blob::from(author)], order);
        Ok(sensible(edit.optional())?.flatten())
    }

    fn reactions(&self, id: MessageId, names: &Names) -> rusqlite::Result<Vec<Reacted>> {
        let mut query = self.db.prepare_cached(REACTIONS)?;
        let bounds = params![self.room, Blob::from(id), MAX_REACTIONS, MAX_REACTIONS_OF_ONE];
        let mut rows = query.query_map(bounds, |row| {
            let (order, with) = (order(row)?, row.get(5)?);
            Ok(Reacted { author: person(order.author, names), own: order.author == self.own, with, order })
        })?;
        let (mut reactions, mut taken_back) = (Vec::new(), BTreeSet::new());
        // The newest first: whoever takes back takes back what they put there before.
        while let Some(reacted) = next_sensible(&mut rows)? {
            if reacted.with.is_empty() {
                taken_back.insert(reacted.author.id);
            } else if !taken_back.contains(&reacted.author.id) {
                reactions.push(reacted);
            }
        }
        reactions.reverse();
        Ok(reactions)
    }
}

fn quote(said: &Said) -> Quote {
    Quote { author: said.author.clone(), text: said.text.chars().take(QUOTED_CHARACTERS).collect() }
}

fn order(row: &Row<'_>) -> rusqlite::Result<Order> {
    let (Wide(lamport), author) = (row.get(0)?, row.get::<_, Blob<32>>(1)?.into());
    let (Wide(epoch), Wide(seq)) = (row.get(2)?, row.get(3)?);
    Ok(Order { lamport, author, epoch, seq, index: row.get(4)? })
}

const TOPICS: &str = "SELECT lamport, author, epoch, seq, place, text, sent_at, name
     FROM topics LEFT JOIN peers ON peers.room = topics.room AND peers.peer = topics.author WHERE topics.room = ?1
     ORDER BY lamport DESC, author DESC, epoch DESC, seq DESC, place DESC LIMIT ?2";
const AUTHOR: &str = "SELECT author FROM lines WHERE room = ?1 AND id = ?2
     UNION ALL SELECT author FROM arriving WHERE room = ?1 AND id = ?2 LIMIT 1";
const WHISPER: &str = "SELECT 1 FROM whispers WHERE room IN (SELECT room FROM rooms) AND id = ?1";
const QUOTE: &str = "SELECT author, substr(text, 1, ?3) FROM lines WHERE room = ?1 AND id = ?2";
const EDIT: &str = "SELECT lamport, author, epoch, seq, place FROM changes
     WHERE room = ?1 AND target = ?2 AND author = ?3 AND kind = 0 AND reaction = ''";
const REACTIONS: &str = "SELECT lamport, author, epoch, seq, place, reaction FROM (
         SELECT *, row_number() OVER (
             PARTITION BY author ORDER BY lamport DESC, epoch DESC, seq DESC, place DESC
         ) AS nth FROM changes WHERE room = ?1 AND target = ?2 AND kind = 2
     ) WHERE nth <= ?4
     ORDER BY lamport DESC, author DESC, epoch DESC, seq DESC, place DESC LIMIT ?3";
