//! What was typed before, to be had again

/// The lines that were sent, and where one is among them
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    lines: Vec<String>,
    /// Which of them is in the input line, and what stood there before
    at: Option<(usize, String)>,
}

const MAX_LINES: usize = 500;

impl Typed {
    pub(super) fn add(&mut self, line: &str) {
        self.at = None;
        if self.lines.last().is_none_or(|last| last != line) {
            self.lines.push(line.to_owned());
        }
        if self.lines.len() > MAX_LINES {
            self.lines.remove(0);
        }
    }

    /// The one before, if there is one; what stands in the line comes back later
    pub(super) fn older(&mut self, now: &str) -> Option<String> {
        let (at, draft) = match self.at.take() {
            Some((at, draft)) => (at, draft),
            None => (self.lines.len(), now.to_owned()),
        };
        let older = at.checked_sub(1);
        self.at = Some((older.unwrap_or(at), draft)).filter(|_| !self.lines.is_empty());
        older.and_then(|older| self.lines.get(older).cloned())
    }

    /// The one after, or what stood there in the beginning
    pub(super) fn newer(&mut self) -> Option<String> {
        let (at, draft) = self.at.take()?;
        match self.lines.get(at + 1) {
            Some(line) => {
                self.at = Some((at + 1, draft));
                Some(line.clone())
            }
            None => Some(draft),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_back_and_forth_and_loses_nothing() {
        let mut typed = Typed::default();
        assert_eq!(typed.older("dra"), None);
        assert_eq!(typed.newer(), None);
        ["one", "two", "two"].iter().for_each(|line| typed.add(line));
        assert_eq!(typed.older("draft").as_deref(), Some("two"));
        assert_eq!(typed.older("two").as_deref(), Some("one"));
        assert_eq!(typed.older("one"), None);
        assert_eq!(typed.newer().as_deref(), Some("two"));
        assert_eq!(typed.newer().as_deref(), Some("draft"));
        assert_eq!(typed.newer(), None);
    }
}
