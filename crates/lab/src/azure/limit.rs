//! How much may be asked: Graph's resource units per ten seconds, the Resource Manager's buckets per subscription.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::options::Throttle;

const WINDOW: Duration = Duration::from_secs(10);

/// What was used up so far.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    window: Option<(Instant, u32)>,
    buckets: HashMap<String, (Instant, f64)>,
    log: Option<(Instant, u32)>,
}

impl Limits {
    /// Takes units of Graph's ten seconds. When there are not enough, says after how many seconds there will be.
    pub(crate) fn take_units(&mut self, units: u32, limit: u32, now: Instant) -> Result<(), u64> {
        take(&mut self.window, units, limit, now)
    }

    /// Takes a request to the logs, of which there are so many in ten seconds
    /// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-reports-service-limits>).
    pub(crate) fn take_log(&mut self, limit: u32, now: Instant) -> Result<(), u64> {
        take(&mut self.log, 1, limit, now)
    }

    /// Takes a read from a bucket. Gives how many are left; or, when none is, the seconds until there is one.
    pub(crate) fn take_read(&mut self, bucket: &str, throttle: &Throttle, now: Instant) -> Result<u64, u64> {
        let (last, held) = self.buckets.get(bucket).copied().unwrap_or((now, throttle.arm_bucket));
        let back = now.saturating_duration_since(last).as_secs_f64() * throttle.arm_refill;
        let held = (held + back).min(throttle.arm_bucket);
        let enough = held >= 1.0;
        let rest = if enough { held - 1.0 } else { held };
        self.buckets.insert(bucket.to_owned(), (now, rest));
        if enough {
            return Ok(rest as u64);
        }
        // Whole seconds, as the header has them; a bucket that never refills says a minute.
        let wait = ((1.0 - rest) / throttle.arm_refill).ceil();
        Err(if wait.is_finite() { (wait as u64).max(1) } else { 60 })
    }
}

/// Takes from what ten seconds hold; when there is not enough, says after how many seconds there will be.
fn take(window: &mut Option<(Instant, u32)>, units: u32, limit: u32, now: Instant) -> Result<(), u64> {
    let (began, used) = match *window {
        Some((began, used)) if now < began + WINDOW => (began, used),
        _ => (now, 0),
    };
    if used.saturating_add(units) > limit {
        *window = Some((began, used));
        let left = (began + WINDOW).saturating_duration_since(now);
        return Err(left.as_secs_f64().ceil().max(1.0) as u64);
    }
    *window = Some((began, used + units));
    Ok(())
}

/// Units of the identity service in ten seconds, by the number of users
/// (<https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits>).
pub(crate) fn units_for(users: usize) -> u32 {
    match users {
        0..50 => 3_500,
        50..=500 => 5_000,
        _ => 8_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_back_with_the_next_ten_seconds() {
        let mut limits = Limits::default();
        let now = Instant::now();
        assert_eq!(limits.take_units(6, 10, now), Ok(()));
        assert_eq!(limits.take_units(5, 10, now + Duration::from_secs(4)), Err(6));
        assert_eq!(limits.take_units(4, 10, now + Duration::from_secs(4)), Ok(()));
        assert_eq!(limits.take_units(10, 10, now + WINDOW), Ok(()));
    }

    #[test]
    fn a_bucket_empties_and_fills_up_again_to_its_brim() {
        let throttle = Throttle {
            arm_bucket: 2.0,
            arm_refill: 0.5,
            ..Throttle::default()
        };
        let mut limits = Limits::default();
        let now = Instant::now();
        assert_eq!(limits.take_read("one", &throttle, now), Ok(1));
        assert_eq!(limits.take_read("one", &throttle, now), Ok(0));
        assert_eq!(limits.take_read("one", &throttle, now), Err(2));
        assert_eq!(limits.take_read("other", &throttle, now), Ok(1));
        assert_eq!(limits.take_read("one", &throttle, now + Duration::from_secs(60)), Ok(1));
    }
}
