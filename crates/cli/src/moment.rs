//! Moments as people write them: `2026-11-01`, `2026-11-01T09:30`, `yesterday`, `-7d`. Days and times without a zone are those of this machine's clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use lanyard_engine::view::Millis;

/// Where in a day a day is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Begin,
    End,
}

/// A moment that has been, as an argument: a day is its beginning.
///
/// # Errors
/// Says what would be right.
pub fn since(text: &str) -> Result<Millis, String> {
    read(text, &Zoned::now())
}

/// A day or time, as an argument: a day is its beginning.
///
/// # Errors
/// Says what would be right.
pub fn on(text: &str) -> Result<Millis, String> {
    named(text, &TimeZone::system(), Edge::Begin)
}

/// A day or time, as an argument: a day is its end.
///
/// # Errors
/// Says what would be right.
pub fn until(text: &str) -> Result<Millis, String> {
    named(text, &TimeZone::system(), Edge::End)
}

fn named(text: &str, zone: &TimeZone, edge: Edge) -> Result<Millis, String> {
    let unread = || format!("“{text}” is no day; write 2027-05-01, or a time such as 2027-05-01T12:00:00Z");
    Ok(written(text.trim(), zone, edge).ok_or_else(unread)?.as_millisecond())
}

/// Reads a moment, beside the time that it is now. A day is its beginning on this machine's clock; `-7d`, `-12h` and `-30m` lie so far back.
///
/// # Errors
/// Says what would be right.
pub fn read(text: &str, now: &Zoned) -> Result<Millis, String> {
    let text = text.trim();
    let zone = now.time_zone();
    let begin = |day: Date| {
        day.to_zoned(zone.clone())
            .map(|day| day.timestamp())
            .map_err(|error| error.to_string())
    };
    let moment = match text {
        "now" => now.timestamp(),
        "today" => begin(now.date())?,
        "yesterday" => begin(now.date().saturating_sub(1.day()))?,
        _ => match back(text) {
            Some(span) => now.checked_sub(span).map_err(|error| error.to_string())?.timestamp(),
            None => written(text, zone, Edge::Begin).ok_or_else(|| {
                format!("“{text}” is no moment; write a day (2026-11-01), a day and time (2026-11-01T09:30), yesterday, or how long ago (-7d, -12h)")
            })?,
        },
    };
    Ok(moment.as_millisecond())
}

/// How long ago: `-7d`, and `7d` too.
fn back(text: &str) -> Option<jiff::Span> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let unit = text.chars().last()?;
    let number: i64 = text
        .strip_suffix(unit)?
        .parse()
        .ok()
        .filter(|number| (0..=100_000).contains(number))?;
    match unit {
        'd' => Some(number.days()),
        'h' => Some(number.hours()),
        'm' => Some(number.minutes()),
        _ => None,
    }
}

fn written(text: &str, zone: &TimeZone, edge: Edge) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // A date-time would be read as a date too, without its time; and a date as a date-time at midnight.
    let moment = match text.parse::<Date>() {
        Ok(day) if !text.contains(['T', ' ']) => match edge {
            Edge::Begin => day.at(0, 0, 0, 0),
            Edge::End => day.checked_add(1.day()).ok()?.at(0, 0, 0, 0),
        },
        _ => text.parse::<DateTime>().ok()?,
    };
    Some(moment.to_zoned(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_on_the_clock_of_this_machine() {
        let now: Zoned = "2026-11-22T12:30:00+01:00[Europe/Berlin]".parse().unwrap();
        let at = |text: &str| read(text, &now).map(|at| Timestamp::from_millisecond(at).unwrap().to_string());
        for (text, moment) in [
            ("2026-11-01", "2026-10-31T23:00:00Z"),
            ("2026-11-01T09:30", "2026-11-01T08:30:00Z"),
            ("2026-11-01 09:30:15", "2026-11-01T08:30:15Z"),
            ("2026-11-01T09:30:00Z", "2026-11-01T09:30:00Z"),
            ("2026-11-01T09:30:00-05:00", "2026-11-01T14:30:00Z"),
            ("yesterday", "2026-11-20T23:00:00Z"),
            ("today", "2026-11-21T23:00:00Z"),
            ("now", "2026-11-22T11:30:00Z"),
            ("-7d", "2026-11-15T11:30:00Z"),
            ("7d", "2026-11-15T11:30:00Z"),
            ("-90m", "2026-11-22T10:00:00Z"),
        ] {
            assert_eq!(at(text), Ok(moment.to_owned()), "{text}");
        }
        // Summer time ended in between: a day back is the same time of day.
        assert_eq!(at("-30d"), Ok("2026-10-23T10:30:00Z".to_owned()));
        for wrong in ["", "soon", "2026-13-01", "7", "-d", "7y", "-99999999999d", "é"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_and_ends() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str, edge| named(text, &zone, edge).map(|at| Timestamp::from_millisecond(at).unwrap().to_string());
        for (text, begin, end) in [
            ("2026-11-01", "2026-10-31T23:00:00Z", "2026-11-01T23:00:00Z"),
            // The day on which summer time ends has 25 hours.
            ("2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            ("2026-11-01T09:30", "2026-11-01T08:30:00Z", "2026-11-01T08:30:00Z"),
            ("2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:00:00Z"),
        ] {
            assert_eq!(at(text, Edge::Begin).as_deref(), Ok(begin), "{text}");
            assert_eq!(at(text, Edge::End).as_deref(), Ok(end), "{text}");
        }
        for wrong in ["", "2027-13-01", "tomorrow", "1.5.2027", "-7d", "soon"] {
            assert!(at(wrong, Edge::Begin).is_err(), "{wrong}");
        }
    }
}
