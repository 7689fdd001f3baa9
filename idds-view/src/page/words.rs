//! States, times and numbers as a page shows them.

use std::borrow::Cow;

use idds_workflow::printable_within;
use jiff::Timestamp;
use maud::{Markup, html};

/// Longest text of others in a line, in characters.
const LINE: usize = 300;

/// Returns a text of others so that it fits in a line and has no control characters; it is no markup yet.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    printable_within(text, LINE)
}

/// Shows a state, which its colour does not tell alone.
pub(crate) fn state(status: &str) -> Markup {
    html! { span class={ "state " (kind(status)) } { (line(status)) } }
}

/// Returns the class of a state: how good it is.
pub(crate) fn kind(status: &str) -> &'static str {
    match status {
        "Finished" | "Available" | "FakeAvailable" => "good",
        "Failed" | "FinalFailed" | "Expired" | "Missing" | "Lost" => "bad",
        "SubFinished" | "Suspended" | "Cancelled" | "SubAvailable" | "Suspending"
        | "Cancelling" | "ToCancel" | "ToSuspend" => "part",
        "New" | "Ready" | "Throttling" | "Mapped" => "idle",
        _ => "live",
    }
}

/// Shows a moment, in UTC.
pub(crate) fn moment(at: Option<Timestamp>) -> Markup {
    let Some(at) = at else {
        return html! { span class="soft" { "–" } };
    };
    let text = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    html! { time datetime=(at.strftime("%Y-%m-%dT%H:%M:%SZ")) { (text) } }
}

/// Writes a time between two moments.
pub(crate) fn time(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds @ 3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        seconds => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// Writes a number with spaces between its thousands.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// Draws how much of something is done and has failed; numbers beside it say the same.
pub(crate) fn bar((total, done, failed): (i64, i64, i64)) -> Markup {
    if total <= 0 {
        return html! {};
    }
    let share = |part: i64| format!("{:.1}", 100.0 * part.max(0) as f64 / total as f64);
    html! {
        svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
            rect class="bar-all" width="100" height="8" {}
            rect class="bar-done" width=(share(done)) height="8" {}
            @if failed > 0 {
                rect class="bar-failed" x=(share(total - failed)) width=(share(failed)) height="8" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_are_no_markup_and_have_no_control_characters() {
        let shown = state("<b>\u{1b}[31m\u{202e}").into_string();
        assert!(shown.contains("&lt;b&gt;\\u{1b}[31m\\u{202e}"), "{shown}");
    }

    #[test]
    fn numbers_and_times_are_read_at_a_glance() {
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(
            [5, 65, 3_700, 90_000].map(time),
            ["5 s", "1 min 5 s", "1 h 1 min", "1 d 1 h"]
        );
    }
}
