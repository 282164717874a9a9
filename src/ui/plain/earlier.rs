//! What was said before one came, as lines for people

use super::{Plain, Said, answers, gaps::grouped, says, under, you_whispered};
use crate::{
    lang::tell,
    sanitize::clean_name,
    view::{Kind, Line, Transcript, View},
};

impl Plain {
    /// The end of what was said before, between two marks
    pub fn earlier(&self, transcript: &Transcript, view: &View) -> String {
        let room = clean_name(view.room());
        let mut lines = format!("-- {}\n", tell!("earlier", room = %room));
        let people = transcript.lines().flat_map(|line| {
            let under = line.reactions().into_iter().map(|(from, _)| from);
            under.chain([&line.from]).map(|from| (from.id, &from.name)).collect::<Vec<_>>()
        });
        let recipients = transcript.lines().filter_map(|line| match line.kind {
            Kind::Whispered(to) => view.name_of(to).map(|name| (to, name)),
            Kind::Said | Kind::Heard => None,
        });
        let labels = view.labels(people.chain(recipients));
        let label = |id| labels.get(&id).cloned().unwrap_or_else(|| view.label(id)).clean_name();
        for line in transcript.lines() {
            let who = match line.kind {
                Kind::Said => label(line.from.id).to_string(),
                Kind::Heard => tell!("whispers", name = %label(line.from.id)),
                Kind::Whispered(to) => you_whispered(&label(to), line.state),
            };
            let target = line.reply_to.map(|id| transcript.line(id).or_else(|| self.known(id, view.room())));
            let quote = |target: &Line| label(target.from.id);
            let said = Said {
                reply: target.map(|target| answers(target.map(|target| (quote(target), &target.text)))),
                edited: line.edited,
                deleted: line.deleted,
                text: &line.text,
            };
            lines += &self.line_of_any_day(line.sent_at, |time| says(time, &who, said));
            lines += &under(line.reactions().into_iter().map(|(from, with)| (with, label(from.id))));
        }
        lines + &format!("-- {}\n", tell!("now", room = %room))
    }

    /// How many earlier lines came that are not shown, and where they are if they are kept
    pub fn more_earlier(&self, count: u64, is_kept: bool) -> String {
        let news = match is_kept {
            true => tell!("more-earlier-kept", count = count, number = grouped(count)),
            false => tell!("more-earlier", count = count, number = grouped(count)),
        };
        format!("-- {news}\n")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        event::{
            Author, Event,
            tests::{contract, line},
        },
        ui::plain::tests::plain,
    };

    #[test]
    fn what_was_said_before_has_its_days_and_shows_where_it_begins_and_ends() {
        let (mut transcript, mut view) = (Transcript::default(), View::default());
        for event in contract() {
            transcript.apply(&event);
            view.apply(&event);
        }
        let expected = "\
-- earlier in attic
2026-11-22 12:03 alice: yesterday
2026-11-22 12:04 bob (edited): so there
12:03 bob (deleted by its author)
12:03 bob: hello?
12:03 alice: ho
12:03 bob whispers: psst
12:03 you whisper to bob: what
2026-11-22 12:03 bob whispers: psst
2026-11-22 12:03 you whisper to bob (waiting): well?
12:04 bob (edited) ↳ alice \"ho\": coffee?
   👍 alice
-- now in attic
";
        assert_eq!(plain(true).earlier(&transcript, &view), expected);
    }

    #[test]
    fn in_what_was_said_before_everybody_has_one_name_of_their_own() {
        let (mut transcript, mut view) = (Transcript::default(), View::default());
        let (bob, other) = (Uuid::from_u128(0xbeef << 112), Uuid::from_u128(0xcafe << 112));
        for (number, author, called) in [(1, bob, "rob"), (2, bob, "bob"), (3, other, "Bob")] {
            let mut event = line(number, "hi");
            if let Event::Message { from, .. } = &mut event {
                *from = Author::new(author, called);
            }
            transcript.apply(&event);
        }
        view.remember(bob, "bob");
        let expected = "\
-- earlier in \"\"
12:03 bob~beef: hi
12:03 bob~beef: hi
12:03 Bob~cafe: hi
-- now in \"\"
";
        assert_eq!(plain(true).earlier(&transcript, &view), expected);
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let plain = plain(true);
        assert_eq!(plain.more_earlier(1, false), "-- 1 earlier line came in, which lanchat does not show\n");
        for (count, words) in
            [(2, "-- 2 earlier"), (999, "-- 999 "), (1_234, "-- 1,234 "), (1_000_000, "-- 1,000,000 ")]
        {
            let line = plain.more_earlier(count, true);
            assert!(line.starts_with(words) && line.contains("lanchat history"), "{line}");
        }
    }
}
