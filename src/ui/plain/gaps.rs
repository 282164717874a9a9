use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{lang::tell, sanitize::Clean};

/// The gaps that were told, by author and id
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeSet<(Uuid, String)>);

/// More than one can look at: what others claim must not fill the memory
const MAX_GAPS: usize = 1_000;

impl Gaps {
    /// A line when a gap opens and when an author has none any more; nothing while it shrinks
    pub(super) fn tell(&mut self, author: Uuid, id: &str, missing: u64, who: &Clean) -> String {
        let gap = (author, id.to_owned());
        if missing == 0 {
            let is_over = self.0.remove(&gap) && !self.0.iter().any(|(whose, _)| *whose == author);
            return if is_over { format!("-- {}\n", tell!("gap-over", name = %who)) } else { String::new() };
        }
        let is_new = self.0.insert(gap);
        if self.0.len() > MAX_GAPS {
            self.0.pop_first();
        }
        if !is_new {
            return String::new();
        }
        format!("-- {}\n", tell!("gap", count = missing, number = grouped(missing), name = %who))
    }
}

/// A number with a comma before every three digits
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sanitize::clean;

    const BOB: Uuid = Uuid::from_u128(0xb);
    const CLEO: Uuid = Uuid::from_u128(0xc);

    #[test]
    fn a_gap_is_told_when_it_opens_and_not_while_it_shrinks() {
        assert_eq!(
            told(&[(BOB, "a", 3), (BOB, "a", 2), (BOB, "a", 1)]),
            "-- 3 lines of X have not arrived\n"
        );
        assert_eq!(told(&[(BOB, "a", 1_234)]), "-- 1,234 lines of X have not arrived\n");
    }

    #[test]
    fn it_is_told_when_the_last_gap_of_somebody_is_closed() {
        let one = "-- 1 line of X has not arrived\n";
        let over = "-- all lines of X are here now\n";
        assert_eq!(told(&[(BOB, "a", 1), (BOB, "a", 0)]), format!("{one}{over}"));
        assert_eq!(told(&[(BOB, "a", 1), (BOB, "b", 1), (BOB, "a", 0)]), format!("{one}{one}"));
        assert_eq!(told(&[(BOB, "a", 1), (CLEO, "a", 1), (BOB, "a", 0)]), format!("{one}{one}{over}"));
        assert_eq!(told(&[(BOB, "a", 0)]), "", "never told");
    }

    #[test]
    fn gaps_without_number_do_not_fill_the_memory() {
        let mut gaps = Gaps::default();
        for number in 0..2 * MAX_GAPS {
            gaps.tell(BOB, &number.to_string(), 1, &clean("X"));
        }
        assert_eq!(gaps.0.len(), MAX_GAPS);
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
    }

    fn told(gaps: &[(Uuid, &str, u64)]) -> String {
        let mut told = Gaps::default();
        gaps.iter().map(|(author, id, missing)| told.tell(*author, id, *missing, &clean("X"))).collect()
    }
}
