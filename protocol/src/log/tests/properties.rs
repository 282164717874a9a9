//! Whatever arrives, in whatever order

use super::*;

/// Arrivals in any order, some more than once
fn arrivals(count: usize) -> impl Strategy<Value = Vec<usize>> {
    let again = prop::collection::vec(0..count, 0..count);
    let all = again.prop_map(move |again| (0..count).chain(again).collect::<Vec<_>>());
    all.prop_shuffle()
}

/// Items of all kinds, in no sensible order, in entries of one to three
fn scrawl() -> impl Strategy<Value = Vec<Vec<Item>>> {
    let kinds = vec![Item::TEXT, Item::TEXT_BEGIN, Item::TEXT_BEGIN, Item::TEXT_MORE, Item::TEXT_END, 99];
    let item = (prop::sample::select(kinds), "[a-z]{0,2}").prop_map(|(kind, body)| item(kind, &body));
    prop::collection::vec(prop::collection::vec(item, 1..4), 12)
}

proptest! {
    #[test]
    fn each_line_is_told_once_whatever_the_order_and_wherever_the_past_ends(
        arrivals in arrivals(20),
        base in 0..=20_u64,
    ) {
        let written = numbered(20);
        let mut log = met(base);
        arrivals.iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
        let facts = facts(&mut log);
        let lines = lines(&facts);
        let expected: Vec<_> = (1..=20).map(|n| format!("{n}")).collect();
        prop_assert_eq!(lines.iter().map(|(.., text)| text.clone()).collect::<Vec<_>>(), expected);
        for fact in &facts {
            let is_told_right = matches!(fact, Fact::Line { order, is_past, .. } if *is_past == (order.seq <= base));
            prop_assert!(is_told_right, "{fact:?}");
        }
        let live: Vec<_> = facts.iter().filter_map(|fact| match fact {
            Fact::Line { order, is_past: false, .. } => Some(order.seq),
            Fact::Entry(_)
            | Fact::Name(_)
            | Fact::Line { .. }
            | Fact::Change { .. }
            | Fact::Gap { .. }
            | Fact::Forked => None,
        }).collect();
        prop_assert!(live.is_sorted());
        prop_assert_eq!(log.poll_timeout(), None);
        prop_assert!(log.missing().is_empty());
    }

    #[test]
    fn whatever_is_written_is_read_alike_by_all(
        entries in scrawl(),
        arrivals in arrivals(12),
        base in 0..=12_u64,
        spacing in 0..400_u64,
    ) {
        let written = write(entries);
        let mut in_order = log();
        written.iter().for_each(|genuine| offer(&mut in_order, Time::ZERO, genuine));
        let expected = lines(&facts(&mut in_order));
        let (mut log, mut now) = (met(base), Time::ZERO);
        for index in arrivals {
            offer(&mut log, now, &written[index]);
            now += Duration::from_millis(spacing);
            log.handle_timeout(now);
        }
        prop_assert_eq!(lines(&facts(&mut log)), expected);
    }

    #[test]
    fn every_entry_is_told_as_a_line_or_as_missing_until_it_comes(
        order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(),
        arriving in 0..40_usize,
        base in 0..40_u64,
        spacing in 0..300_u64,
    ) {
        let written = numbered(40);
        let (mut log, mut now, mut facts) = (met(base), Time::ZERO, Vec::new());
        for index in &order[..arriving] {
            offer(&mut log, now, &written[*index]);
            now += Duration::from_millis(spacing);
            log.handle_timeout(now);
            facts.extend(self::facts(&mut log));
        }
        log.on_head(now, 40);
        log.handle_timeout(now + Log::PATIENCE);
        facts.extend(self::facts(&mut log));
        let live = order[..arriving].iter().filter(|index| **index as u64 >= base).count() as u64;
        prop_assert_eq!(missing(&facts) + live, 40 - base);
        prop_assert_eq!(lines(&facts).len(), arriving);
        prop_assert_eq!(log.poll_timeout(), None);
        order[arriving..].iter().for_each(|index| offer(&mut log, now, &written[*index]));
        facts.extend(self::facts(&mut log));
        prop_assert_eq!(missing(&facts), 0);
        prop_assert_eq!(lines(&facts).len(), 40);
    }

    #[test]
    fn what_was_restored_is_not_told_again_and_all_else_is(
        restored in prop::collection::vec(0..20_usize, 1..20),
        arrivals in arrivals(20),
    ) {
        let written = numbered(20);
        let mut log = Log::new(id(), Time::ZERO);
        for index in &restored {
            prop_assert!(restore(&mut log, &written[*index]));
        }
        let (first, last) = (restored.iter().min().unwrap() + 1, restored.iter().max().unwrap() + 1);
        let holes: Vec<_> = (first..=last).filter(|seq| !restored.contains(&(seq - 1))).map(|seq| seq as u64).collect();
        prop_assert_eq!(lacking(&log), holes);
        prop_assert_eq!(told(&mut log), Vec::<String>::new());
        arrivals.iter().for_each(|index| offer(&mut log, Time::ZERO, &written[*index]));
        let expected: Vec<_> =
            (1..=20).filter(|seq| !restored.contains(&(seq - 1))).map(|seq| format!("{seq}")).collect();
        let told = lines(&facts(&mut log));
        prop_assert_eq!(told.into_iter().map(|(.., text)| text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_was_forgotten_never_comes_back(
        arrivals in arrivals(20),
        when in 0..20_usize,
        upto in 0..=22_u64,
        base in 0..=20_u64,
    ) {
        let written = numbered(20);
        let mut log = met(base);
        for (nth, index) in arrivals.iter().enumerate() {
            if nth == when {
                let _ = log.forget(upto).count();
            }
            offer(&mut log, Time::ZERO, &written[*index]);
        }
        log.want_from(0);
        prop_assert!(log.first().is_none_or(|(first, _)| first > upto));
        prop_assert!(log.floor > upto || log.floor == u64::MAX);
        prop_assert_eq!(log.len() as u64, 20_u64.saturating_sub(upto));
        prop_assert_eq!(lacking(&log), Vec::<u64>::new());
        let told = told(&mut log);
        prop_assert!((upto + 1..=20).all(|seq| told.contains(&format!("{seq}"))), "{told:?}");
    }

    #[test]
    fn whoever_is_told_of_more_and_less_lacks_what_is_between(
        steps in prop::collection::vec((0..4_u8, 0..12_u64), 0..20),
    ) {
        let written = numbered(11);
        let mut log = Log::new(id(), Time::ZERO);
        let mut wanted = u64::MAX;
        log.meet(3);
        for (what, place) in steps {
            match what {
                0 => log.want_from(place),
                1 => log.on_head(Time::ZERO, place),
                2 => drop(log.forget(place / 4).count()),
                _ if place > 0 => offer(&mut log, Time::ZERO, &written[usize::try_from(place - 1).unwrap()]),
                _ => {}
            }
            wanted = wanted.min(log.floor);
            let held = |seq: &u64| log.entry(*seq).is_some();
            prop_assert!(log.missing().iter().flatten().all(|seq| !held(&seq) && seq < log.top()));
            let floor = log.missing().iter().next().map_or(u64::MAX, |range| *range.start());
            prop_assert!(log.floor <= floor);
        }
    }
}
