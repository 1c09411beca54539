//! Days and moments of the command line. Days are those of UTC, as all times that are printed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The first moment of a day, or a moment; or so long ago: `24h`, `7d`.
pub fn since(text: &str) -> Result<i64, String> {
    if let Some(ago) = ago(text) {
        return Ok(Timestamp::now().as_millisecond() - ago);
    }
    moment(text, false)
}

/// The end of a day, or a moment.
pub fn until(text: &str) -> Result<i64, String> {
    moment(text, true)
}

fn ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|number| (0..=100_000).contains(number))?;
    match unit {
        "h" => Some(number * 3_600_000),
        "d" => Some(number * 86_400_000),
        _ => None,
    }
}

fn moment(text: &str, end: bool) -> Result<i64, String> {
    if let Ok(day) = text.parse::<Date>()
        && !text.contains('T')
    {
        let day = if end {
            day.checked_add(1.day()).map_err(|error| error.to_string())?
        } else {
            day
        };
        let at = day.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
        return Ok(at.timestamp().as_millisecond());
    }
    let at: Timestamp = text
        .parse()
        .map_err(|_| "expected a day such as 2026-12-31, or a moment such as 2026-12-31T18:00:00Z".to_owned())?;
    Ok(at.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends() {
        assert_eq!(since("2026-11-01"), Ok(1_793_491_200_000));
        assert_eq!(until("2026-11-01"), Ok(1_793_491_200_000 + 86_400_000));
        assert_eq!(until("2026-11-01T06:00:00Z"), Ok(1_793_491_200_000 + 6 * 3_600_000));
        let hour = Timestamp::now().as_millisecond() - since("1h").unwrap();
        assert!((3_600_000..3_610_000).contains(&hour));
        for wrong in ["", "h", "-1h", "soon", "2026-13-01", "9999999999999999d"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
