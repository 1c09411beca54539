//! dateTime values (RFC 7643 §2.3.5) as points in time, quickly and tolerantly.

/// A point in time: whole seconds since 1970-01-01T00:00:00Z, and nanoseconds after that second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant {
    /// Whole seconds since the Unix epoch; negative before it.
    pub seconds: i64,
    /// Nanoseconds after that second, below 1,000,000,000.
    pub nanos: u32,
}

impl Instant {
    /// Reads a dateTime: `2011-08-01T18:29:49.793Z`, with any offset, with or without a fraction.
    ///
    /// Beyond xsd:dateTime it accepts what servers send: no offset (taken as UTC), a space for the `T`, lower-case letters,
    /// offsets without a colon, no seconds, a date alone (midnight). Digits after the ninth of a fraction are dropped; a leap
    /// second counts as the second before it. `None` when the text is no dateTime.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        let (date, rest) = bytes.split_at_checked(10)?;
        let (year, month, day) = match date {
            [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => (pair(*y1, *y2)? * 100 + pair(*y3, *y4)?, pair(*m1, *m2)?, pair(*d1, *d2)?),
            _ => return None,
        };
        if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
            return None;
        }
        let midnight = days_from_epoch(year, month, day) * 86_400;
        let Some((separator, rest)) = rest.split_first() else {
            return Some(Self {
                seconds: midnight,
                nanos: 0,
            });
        };
        if !matches!(separator, b'T' | b't' | b' ') {
            return None;
        }
        let (clock, rest) = rest.split_at_checked(5)?;
        let (hour, minute) = match clock {
            [h1, h2, b':', m1, m2] => (pair(*h1, *h2)?, pair(*m1, *m2)?),
            _ => return None,
        };
        let (second, rest) = match rest {
            [b':', s1, s2, rest @ ..] => (pair(*s1, *s2)?, rest),
            rest => (0, rest),
        };
        if hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute, second) != (0, 0)) {
            return None;
        }
        let (nanos, rest) = fraction(rest)?;
        if hour == 24 && nanos != 0 {
            return None;
        }
        let offset = offset(rest)?;
        Some(Self {
            seconds: midnight + hour * 3600 + minute * 60 + second.min(59) - offset,
            nanos,
        })
    }

    /// A number that a server sent for a time: seconds, milliseconds, microseconds or nanoseconds since the Unix epoch, told
    /// apart by their size (each reading lies between the years 1970 and 5138, and the next unit would lie beyond).
    pub fn from_epoch_number(number: f64) -> Option<Self> {
        if !number.is_finite() {
            return None;
        }
        let size = number.abs();
        let seconds = match size {
            _ if size < 1e11 => number,
            _ if size < 1e14 => number / 1e3,
            _ if size < 1e17 => number / 1e6,
            _ if size < 1e20 => number / 1e9,
            _ => return None,
        };
        let whole = seconds.floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above; the fraction is below 1"
        )]
        Some(Self {
            seconds: whole as i64,
            nanos: (((seconds - whole) * 1e6).round() as u32).min(999_999) * 1000,
        })
    }

    /// Milliseconds since the Unix epoch, rounded down.
    pub fn unix_millis(self) -> i64 {
        self.seconds * 1000 + i64::from(self.nanos / 1_000_000)
    }
}

/// Milliseconds since the Unix epoch of a dateTime as text, or of digits that count from the epoch.
pub fn unix_millis(text: &str) -> Option<i64> {
    if let Some(instant) = Instant::parse(text) {
        return Some(instant.unix_millis());
    }
    let text = text.trim();
    // Fewer digits would be a year, or nothing that makes sense as a time of a record.
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Instant::from_epoch_number(text.parse().ok()?).map(Instant::unix_millis);
    }
    None
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.' | b',', digits @ ..] = bytes else {
        return Some((0, bytes));
    };
    let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let given = digits[..length].iter().map(|digit| u32::from(digit - b'0'));
    let nanos = given.chain(std::iter::repeat(0)).take(9).fold(0, |nanos, digit| nanos * 10 + digit);
    Some((nanos, &digits[length..]))
}

/// Seconds east of UTC.
fn offset(bytes: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match bytes {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, pair(*h1, *h2)?, pair(*m1, *m2)?),
        [sign, h1, h2] => (sign, pair(*h1, *h2)?, 0),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    match sign {
        b'+' => Some(hours * 3600 + minutes * 60),
        b'-' => Some(-(hours * 3600 + minutes * 60)),
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar, with years that begin in March so that the leap day comes last.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_that_servers_send() {
        let expected = Some(1_312_223_389_000);
        for text in [
            "2011-08-01T18:29:49Z",
            "2011-08-01t18:29:49z",
            "2011-08-01 18:29:49",
            "2011-08-01T18:29:49.000+00:00",
            "2011-08-01T20:29:49+02:00",
            "2011-08-01T20:29:49+0200",
            "2011-08-01T16:29:49-02",
            " 2011-08-01T18:29:49.0000000000001Z ",
            "1312223389",
            "1312223389000",
        ] {
            assert_eq!(unix_millis(text), expected, "{text}");
        }
        assert_eq!(unix_millis("2011-08-01"), Some(1_312_156_800_000));
        assert_eq!(unix_millis("2016-12-31T23:59:60Z"), unix_millis("2016-12-31T23:59:59Z"));
        assert_eq!(unix_millis("2011-08-01T24:00:00Z"), unix_millis("2011-08-02T00:00:00Z"));
        assert_eq!(unix_millis("0001-01-01T00:00:00Z"), Some(-62_135_596_800_000));
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2011",
            "yesterday",
            "2011-13-01",
            "2011-02-29",
            "2011-08-01T25:00:00Z",
            "2011-08-01T18:29:49.Z",
            "2011-08-01T18:29:49Q",
            "2011-08-01T18:29:49+99:00",
            "2011-08-01X18:29:49Z",
            "2011-08-01T1",
            "äöüäöüäöü",
        ] {
            assert_eq!(unix_millis(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_jiff(millis in -60_000_000_000_000i64..250_000_000_000_000, hours in -23i8..=23) {
            let stamp = jiff::Timestamp::from_millisecond(millis).unwrap();
            prop_assert_eq!(unix_millis(&stamp.to_string()), Some(millis));
            let zoned = stamp.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(hours)));
            let text = zoned.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
            prop_assert_eq!(unix_millis(&text), Some(millis), "{}", text);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = unix_millis(&text);
        }
    }
}
