//! Who takes which point: decisions without a file and without a clock.

use std::collections::HashMap;
use std::time::Duration;

use idds_client::PointId;

/// The claim that counts for a point: that of the last term.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Claim {
    /// 1 for the first claim, one more with each take-over.
    pub(super) term: u32,
    pub(super) holder: String,
}

/// What is known of the other processes.
///
/// A process lives as long as its count of beats changes, by the clock of the one that looks.
#[derive(Debug)]
pub(super) struct Crew {
    me: String,
    take_over: Duration,
    beats: HashMap<String, (u64, Duration)>,
}

impl Crew {
    pub(super) fn new(me: String, take_over: Duration) -> Self {
        Self {
            me,
            take_over,
            beats: HashMap::new(),
        }
    }

    /// Notes the beats that processes have announced.
    pub(super) fn observe(
        &mut self,
        now: Duration,
        beats: impl IntoIterator<Item = (String, u64)>,
    ) {
        for (name, beat) in beats {
            let (known, since) = self.beats.entry(name).or_insert((beat, now));
            if *known != beat {
                (*known, *since) = (beat, now);
            }
        }
    }

    /// Returns the processes that live, this one among them.
    pub(super) fn live(&self, now: Duration) -> Vec<&str> {
        let others = self.beats.iter().filter(|(name, (_, since))| {
            **name != self.me && now.saturating_sub(*since) < self.take_over
        });
        let mut live: Vec<_> = others
            .map(|(name, _)| name.as_str())
            .chain([self.me.as_str()])
            .collect();
        live.sort_unstable();
        live
    }
}

/// Returns the worker to whom a point belongs first: the one with the highest hash (rendezvous hashing), so that only the
/// points of a worker that comes or goes change hands.
pub(super) fn owner<'a>(workers: &[&'a str], point: &PointId) -> Option<&'a str> {
    workers
        .iter()
        .copied()
        .max_by_key(|worker| (hash(worker, point.as_str()), *worker))
}

/// Returns the claims that a process tries: points that nobody holds or whose holder does not live, those that belong to it
/// first, then those whose holder is too slow.
pub(super) fn choose(
    me: &str,
    live: &[&str],
    open: &[PointId],
    claims: &HashMap<PointId, Claim>,
    is_late: impl Fn(&PointId) -> bool,
    want: usize,
) -> Vec<(PointId, u32)> {
    let is_free = |point: &&PointId| {
        claims
            .get(*point)
            .is_none_or(|claim| !live.contains(&claim.holder.as_str()))
    };
    let (mut free, held): (Vec<_>, Vec<_>) = open.iter().partition(is_free);
    free.sort_by_key(|point| owner(live, point) != Some(me));
    let late = held.into_iter().filter(|point| is_late(point));
    let term = |point: &PointId| claims.get(point).map_or(1, |claim| claim.term + 1);
    free.into_iter()
        .chain(late)
        .take(want)
        .map(|point| (point.clone(), term(point)))
        .collect()
}

/// FNV-1a with a finish that spreads its bits (that of SplitMix64): the same everywhere and for ever.
fn hash(worker: &str, point: &str) -> u64 {
    let bytes = worker.bytes().chain([0]).chain(point.bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(count: usize) -> Vec<PointId> {
        (1..=count).map(|id| PointId::new(id.to_string())).collect()
    }

    #[test]
    fn points_are_shared_about_evenly_and_only_those_of_a_lost_worker_change_hands() {
        let four = ["a", "b", "c", "d"];
        let points = points(4000);
        for worker in four {
            let share = points
                .iter()
                .filter(|point| owner(&four, point) == Some(worker))
                .count();
            assert!((900..1100).contains(&share), "{worker}: {share}");
        }
        for point in &points {
            let before = owner(&four, point);
            assert!(before == Some("d") || before == owner(&four[..3], point));
        }
        assert_eq!(owner(&[], &points[0]), None);
    }

    #[test]
    fn a_worker_lives_until_its_beat_has_not_changed_for_the_time_of_a_take_over() {
        let seconds = Duration::from_secs;
        let mut crew = Crew::new("me".to_owned(), seconds(10));
        let beat = |name: &str, beat| [(name.to_owned(), beat)];
        crew.observe(seconds(0), beat("other", 7));
        assert_eq!(crew.live(seconds(9)), ["me", "other"]);
        assert_eq!(crew.live(seconds(10)), ["me"]);
        crew.observe(seconds(11), beat("other", 7));
        assert_eq!(crew.live(seconds(11)), ["me"]);
        crew.observe(seconds(12), beat("other", 8));
        assert_eq!(crew.live(seconds(12)), ["me", "other"]);
    }

    #[test]
    fn what_nobody_living_holds_is_claimed_with_the_next_term() {
        let claim = |term, holder: &str| Claim {
            term,
            holder: holder.to_owned(),
        };
        let claims = HashMap::from([
            ("1".into(), claim(1, "b")),
            ("2".into(), claim(3, "gone")),
            ("3".into(), claim(1, "a")),
        ]);
        let mut chosen = choose("a", &["a", "b"], &points(4), &claims, |_| false, 9);
        chosen.sort();
        assert_eq!(chosen, [("2".into(), 4), ("4".into(), 1)]);
        assert_eq!(
            choose("a", &["a", "b"], &points(4), &claims, |_| false, 1).len(),
            1
        );
    }

    #[test]
    fn what_a_living_one_holds_for_too_long_is_claimed_last() {
        let claims = HashMap::from([(
            "1".into(),
            Claim {
                term: 1,
                holder: "b".to_owned(),
            },
        )]);
        let chosen = |want| choose("a", &["a", "b"], &points(2), &claims, |_| true, want);
        assert_eq!(chosen(2), [("2".into(), 1), ("1".into(), 2)]);
        assert_eq!(chosen(1), [("2".into(), 1)]);
    }
}
