//! When the evaluations took place.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use maud::{Markup, html};

use super::number::{brief, short};
use super::paper::{coordinate, paper, round_numbers};
use super::shades::Shades;
use crate::{Evaluation, SearchResult};

const LEFT: f64 = 90.0;
const RIGHT: f64 = 890.0;
const UPPER: f64 = 34.0;

/// How high all workers together are at most, and how high each is.
const HIGHEST: f64 = 640.0;
const LANE: std::ops::RangeInclusive<f64> = 4.0..=24.0;

/// How many workers and evaluations are drawn.
const MOST_LANES: usize = 160;
const MOST_DRAWN: usize = 10_000;

/// Draws when each of the evaluations at once was busy, with what; none without evaluations.
pub(super) fn time_line(shades: &Shades<'_>) -> Option<Markup> {
    let result = shades.result;
    let busy = busy(result);
    let (workers, lanes) = (busy.len(), busy.len().min(MOST_LANES));
    // Worker by worker, whatever their numbers are.
    let lane_of: HashMap<usize, usize> = busy.keys().take(lanes).copied().zip(0..).collect();
    if workers == 0 {
        return None;
    }
    let whole = result.elapsed.as_secs_f64().max(1e-6);
    let x = |time: Duration| LEFT + (RIGHT - LEFT) * (time.as_secs_f64() / whole).min(1.0);
    let lane = (HIGHEST / lanes as f64).clamp(*LANE.start(), *LANE.end());
    let y = |lane_number: usize| UPPER + lane * lane_number as f64;
    let thick = (lane * 0.8).max(lane - 5.0);
    // As many names as there is room for.
    let step = (14.0 / lane).ceil() as usize;
    let lower = y(lanes);
    let (unit, name) = unit(whole);
    let marks = [
        (
            "failed",
            "bad",
            "#d62728",
            evaluations(result).any(|(_, one)| one.failure.is_some()),
        ),
        (
            "cut off",
            "cut",
            "#444",
            evaluations(result).any(|(_, one)| one.failure.is_none() && one.ended.is_none()),
        ),
        (
            "too late",
            "late",
            "#a8a8a8",
            evaluations(result).any(|(_, one)| one.is_superseded),
        ),
        ("idle", "idle", "#ececec", true),
    ];
    let shown: Vec<_> = evaluations(result)
        .filter_map(|(row, one)| Some((row, one, *lane_of.get(&one.slot)?)))
        .take(MOST_DRAWN + 1)
        .collect();
    let is_cut = workers > lanes || shown.len() > MOST_DRAWN;
    let remark = format!(
        "the first {} evaluations of {lanes} of {workers} workers",
        shown.len().min(MOST_DRAWN)
    );
    let drawn = html! {
        (shades.legend(LEFT, 8.0))
        @for (index, (name, class, colour, _)) in marks.iter().filter(|(.., is_there)| *is_there).enumerate() {
            @let x = LEFT + 220.0 + 84.0 * index as f64;
            rect class=(class) x=(x) y="8" width="12" height="12" fill=(colour) {}
            text x=(x + 17.0) y="18" { (name) }
        }
        @if is_cut { text x=(RIGHT) y="18" text-anchor="end" { (remark) } }
        @for (lane, (slot, seconds)) in busy.iter().take(lanes).enumerate() {
            rect class="idle" x=(LEFT) y=(coordinate(y(lane))) width=(RIGHT - LEFT) height=(coordinate(thick)) fill="#ececec" {}
            @if lane % step == 0 {
                text x=(LEFT - 10.0) y=(coordinate(y(lane) + thick / 2.0 + 4.0)) text-anchor="end" { "worker " (slot.saturating_add(1)) }
                text x=(RIGHT + 10.0) y=(coordinate(y(lane) + thick / 2.0 + 4.0)) { (format!("{:.0} % busy", seconds / whole * 100.0)) }
            }
        }
        @for (row, evaluation, lane) in shown.iter().take(MOST_DRAWN) {
            @let end = evaluation.ended.unwrap_or(evaluation.started);
            @let (class, colour) = match (&evaluation.failure, evaluation.ended) {
                (Some(_), _) => ("bad".to_owned(), "#d62728"),
                (None, None) => ("cut".to_owned(), "#444"),
                (None, Some(_)) if evaluation.is_superseded => ("late".to_owned(), "#a8a8a8"),
                (None, Some(_)) => shades.colour(*row),
            };
            rect class=(class) x=(coordinate(x(evaluation.started))) y=(coordinate(y(*lane)))
                width=(coordinate((x(end) - x(evaluation.started)).max(1.0))) height=(coordinate(thick)) fill=(colour) {
                title {
                    (shades.hint(*row))
                    @if let Some(failure) = &evaluation.failure { "\nfailed: " (brief(failure)) }
                    @if evaluation.ended.is_none() { "\ncut off, or given up" }
                    @if evaluation.is_superseded { "\ngiven up, as the point had a loss" }
                }
            }
        }
        @for number in round_numbers(0.0, whole / unit, 8.0) {
            @let x = coordinate(LEFT + (RIGHT - LEFT) * (number * unit / whole));
            line class="axis" x1=(x) x2=(x) y1=(coordinate(lower)) y2=(coordinate(lower + 5.0)) stroke="#888" {}
            text x=(x) y=(coordinate(lower + 19.0)) text-anchor="middle" { (short(number)) " " (name) }
        }
    };
    Some(paper(
        "time line of the evaluations",
        1000.0,
        lower + 28.0,
        &drawn,
    ))
}

/// Returns the share of the time in which evaluations could have run and did not; none without evaluations.
pub(super) fn idle(result: &SearchResult) -> Option<f64> {
    let busy = busy(result);
    let whole = result.elapsed.as_secs_f64() * busy.len() as f64;
    (whole > 0.0).then(|| (1.0 - busy.values().sum::<f64>() / whole).clamp(0.0, 1.0))
}

fn evaluations(result: &SearchResult) -> impl Iterator<Item = (usize, &Evaluation)> {
    let rows = result.trials.iter().enumerate();
    rows.flat_map(|(row, trial)| {
        trial
            .evaluations
            .iter()
            .map(move |evaluation| (row, evaluation))
    })
}

/// Returns for how many seconds each worker was busy, by its number. Those between them were there as well, as many as there is room for.
fn busy(result: &SearchResult) -> BTreeMap<usize, f64> {
    let most = evaluations(result)
        .map(|(_, evaluation)| evaluation.slot)
        .max();
    let most = most
        .map_or(0, |slot| slot.saturating_add(1))
        .min(MOST_LANES);
    let mut busy: BTreeMap<usize, f64> = (0..most).map(|slot| (slot, 0.0)).collect();
    for (_, evaluation) in evaluations(result) {
        let seconds = evaluation.ended.map_or(0.0, |ended| {
            ended.saturating_sub(evaluation.started).as_secs_f64()
        });
        *busy.entry(evaluation.slot).or_default() += seconds;
    }
    let whole = result.elapsed.as_secs_f64();
    busy.values_mut()
        .for_each(|seconds| *seconds = seconds.min(whole));
    busy
}

/// Writes a time since 1970 as a date, in UTC.
pub(super) fn date(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (days, minutes) = (seconds / 86_400, seconds / 60 % 1440);
    // Years that begin in March have their odd day at their end.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!(
        "{year}-{month:02}-{day:02} {:02}:{:02} UTC",
        minutes / 60,
        minutes % 60
    )
}

/// Writes a time as people say it.
pub(super) fn time(seconds: f64) -> String {
    let (unit, name) = unit(seconds);
    format!("{} {name}", short((seconds / unit * 100.0).round() / 100.0))
}

/// Returns the seconds of the unit in which people say a time, and its name.
fn unit(seconds: f64) -> (f64, &'static str) {
    const UNITS: [(f64, &str); 5] = [
        (86_400.0, "d"),
        (3600.0, "h"),
        (60.0, "min"),
        (1.0, "s"),
        (1e-3, "ms"),
    ];
    let is_fit =
        |(unit, name): &(f64, &str)| seconds >= if *name == "s" { 1.0 } else { 2.0 * unit };
    UNITS.into_iter().find(is_fit).unwrap_or((1e-3, "ms"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_that_of_the_calendar() {
        let dates = [0, 951_782_399, 951_868_800, 1_796_063_700]
            .map(|seconds| date(Duration::from_secs(seconds)));
        assert_eq!(
            dates,
            [
                "1970-01-01 00:00 UTC",
                "2000-02-28 23:59 UTC",
                "2000-03-01 00:00 UTC",
                "2026-11-30 18:35 UTC"
            ]
        );
    }

    #[test]
    fn a_time_is_said_in_its_unit() {
        let said = [0.0, 0.0561, 1.5, 90.0, 204.0, 9000.0, 200_000.0].map(time);
        assert_eq!(
            said,
            [
                "0 ms", "56.1 ms", "1.5 s", "90 s", "3.4 min", "2.5 h", "2.31 d"
            ]
        );
    }
}
