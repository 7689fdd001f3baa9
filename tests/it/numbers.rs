//! Numbers of works: what the real Python package sends and uses, we read.

use idds::workflow::wire::decode;
use idds::workflow::{AnyWork, Step};
use serde::Deserialize;
use serde_json::Value;

use crate::support::Oracle;

type Failure = Box<dyn std::error::Error>;

/// A number that the package took, sent, loaded and used; `tests/oracle/amounts.py` says how.
#[derive(Deserialize)]
struct Case {
    class: String,
    setting: String,
    value: Value,
    is_assigned: bool,
    payload: String,
}

impl Case {
    /// Says why a work with this number is none of its class here, although the package takes it.
    fn exception(&self) -> Option<&'static str> {
        let number = self.value.as_f64();
        let is_below_0 = number.is_some_and(|number| number < 0.0);
        Some(match self.setting.as_str() {
            // Nothing on its way looks at them: PanDA, Rucio and the steering program do.
            "maxattempt" | "core_count" if is_below_0 => "a number of things below 0",
            "max_waiting_time" if is_below_0 => "a rule of Rucio that has expired already",
            "max_waiting_time" if self.value == "7" => "Rucio adds seconds to a time, and no text",
            "max_points" if is_below_0 => "the search ends before its first point",
            _ => return None,
        })
    }
}

#[test]
fn numbers_that_the_real_package_sends_and_uses_are_read() -> Result<(), Failure> {
    let Some(oracle) = Oracle::available() else {
        return Ok(());
    };
    let (mut count, mut refused) = (0, Vec::new());
    for line in oracle.numbers().lines() {
        let case: Case = serde_json::from_str(line)?;
        let decoded = decode(&serde_json::from_str(&case.payload)?)?;
        let (_, step) = decoded.workflow.steps().next().ok_or("a step")?;
        let is_read = !matches!(step, Step::Work(AnyWork::CustomWork(_)));
        let Case {
            class,
            setting,
            value,
            is_assigned,
            ..
        } = &case;
        if is_read == case.exception().is_some() {
            let how = if *is_assigned { "assigned" } else { "given" };
            refused.push(format!(
                "{class}.{setting} = {value} ({how}): read {is_read}"
            ));
        }
        count += 1;
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(count > 500, "the package took only {count}");
    Ok(())
}
