//! Lengths of time as plans and recipes write them: `500ms`, `30s`, `5m`, `2h`, `30d`.

/// A year: nothing there is longer.
const LONGEST: u64 = 366 * 24 * 3_600_000;

/// The length of time in milliseconds.
///
/// # Errors
/// What is wrong with the text, in words.
pub fn read(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let scale = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 24 * 3_600_000,
        _ => {
            return Err(format!(
                "“{text}” is no length of time; write a whole number with s, m, h or d: 30s, 5m, 2h, 30d"
            ));
        }
    };
    let ms = number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale));
    match ms {
        Some(ms) if ms > 0 && ms <= LONGEST => Ok(ms),
        Some(0) => Err(format!("“{text}” is no time at all; leave the line out, or give a length")),
        _ => Err(format!("“{text}” is not understood, or is longer than a year")),
    }
}

/// A length of time in words: `42 s`, `3 min 5 s`, `2 h`, `3 d 4 h`.
pub fn words(ms: u64) -> String {
    if ms < 1_000 {
        return format!("{ms} ms");
    }
    let seconds = ms / 1_000;
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let first = parts.iter().position(|(number, _)| *number > 0).unwrap_or(3);
    let told = parts[first..].iter().take(2).filter(|(number, _)| *number > 0);
    told.map(|(number, unit)| format!("{number} {unit}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    //! What plans may write, and how it is told.

    #[test]
    fn lengths_are_read_and_told() {
        for (text, ms, told) in [
            ("30s", 30_000, "30 s"),
            ("5m", 300_000, "5 min"),
            (" 2h ", 7_200_000, "2 h"),
            ("100h", 360_000_000, "4 d 4 h"),
            ("250ms", 250, "250 ms"),
            ("65s", 65_000, "1 min 5 s"),
        ] {
            assert_eq!(super::read(text), Ok(ms));
            assert_eq!(super::words(ms), told);
        }
        for wrong in ["", "5", "m", "-5m", "0s", "1.5h", "400d", "99999999999999999999d", "5 weeks", "５m"] {
            assert!(super::read(wrong).is_err(), "{wrong}");
        }
    }
}
