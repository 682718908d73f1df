//! Dates in the forms that people write, as milliseconds since 1970 in universal time.

/// Forms of a day: parts in order, and what stands between them.
const DAYS: [([Part; 3], char); 7] = [
    ([Part::Year, Part::Month, Part::Day], '-'),
    ([Part::Day, Part::Month, Part::Year], '-'),
    ([Part::Month, Part::Day, Part::Year], '/'),
    ([Part::Year, Part::Month, Part::Day], '/'),
    ([Part::Day, Part::Name, Part::Year], ' '),
    ([Part::Day, Part::FullName, Part::Year], ' '),
    ([Part::Day, Part::Month, Part::Year], '.'),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Year,
    Month,
    Day,
    /// The first three letters of a month.
    Name,
    FullName,
}

/// The milliseconds from the beginning of 1970 to a date, `None` for other texts and for days that do not exist.
///
/// Days are written `2024-02-29`, `29-02-2024`, `02/29/2024`, `2024/02/29`, `29.02.2024`, `29 Feb 2024`,
/// `29 February 2024` or `20240229`; a time `hh:mm` or `hh:mm:ss` may follow, without colons after the last form.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_compact = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
    if is_compact && digits >= 8 {
        return compact(text);
    }
    let (date, time) = match text.rsplit_once(char::is_whitespace) {
        Some((date, time)) if time.contains(':') => (date, time_of(time)?),
        _ => (text, 0),
    };
    let days = DAYS.iter().find_map(|(parts, between)| day_of(date.trim(), *parts, *between))?;
    Some((days * 86_400 + time) * 1000)
}

/// `yyyyMMdd`, `yyyyMMddHHmm`, `yyyyMMddHHmmss`, with or without a blank before the hour.
fn compact(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(8)?;
    let time = time.trim_start();
    let number = |from: usize, to: usize| date[from..to].parse::<i64>().ok();
    let days = day(number(0, 4)?, number(4, 6)?, number(6, 8)?)?;
    let seconds = match time.len() {
        0 => 0,
        4 | 6 => {
            let part = |at: usize| time.get(at..at + 2).map_or(Some(0), |part| part.parse::<i64>().ok());
            clock(part(0)?, part(2)?, part(4)?)?
        }
        _ => return None,
    };
    Some((days * 86_400 + seconds) * 1000)
}

fn day_of(text: &str, parts: [Part; 3], between: char) -> Option<i64> {
    let mut words = text.split(between);
    let (mut year, mut month, mut of_month) = (0, 0, 0);
    for part in parts {
        let word = words.next()?;
        match part {
            Part::Year => year = whole(word, 4..=4)?,
            Part::Month => month = whole(word, 1..=2)?,
            Part::Day => of_month = whole(word, 1..=2)?,
            Part::Name | Part::FullName => {
                let word = word.to_lowercase();
                let is_it =
                    |name: &&str| if part == Part::Name { name[..3] == word } else { **name == *word };
                month = MONTHS.iter().position(is_it)? as i64 + 1;
            }
        }
    }
    if words.next().is_some() { None } else { day(year, month, of_month) }
}

fn whole(word: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let is_whole = word.bytes().all(|byte| byte.is_ascii_digit()) && digits.contains(&word.len());
    if is_whole { word.parse().ok() } else { None }
}

/// The seconds of a time `hh:mm` or `hh:mm:ss`.
fn time_of(text: &str) -> Option<i64> {
    let parts = text.split(':').map(|part| whole(part, 1..=2)).collect::<Option<Vec<_>>>()?;
    match parts[..] {
        [hours, minutes] => clock(hours, minutes, 0),
        [hours, minutes, seconds] => clock(hours, minutes, seconds),
        _ => None,
    }
}

fn clock(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    (hours < 24 && minutes < 60 && seconds < 60).then_some((hours * 60 + minutes) * 60 + seconds)
}

/// The days from 1970-01-01 to a day of the Gregorian calendar, counting years from March so that the leap day is the
/// last one (P. Richards, Explanatory Supplement to the Astronomical Almanac, 2012, section 15.11).
fn day(year: i64, month: i64, of_month: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&of_month) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before + (153 * month + 2) / 5 + of_month - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_forms() {
        // Python: calendar.timegm(time.strptime(...)) * 1000.
        let cases = [
            ("1970-01-01", Some(0)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("29-02-2024 13:05", Some(1_709_211_900_000)),
            ("02/29/2024 13:05:07", Some(1_709_211_907_000)),
            ("2024/2/29", Some(1_709_164_800_000)),
            ("29 feb 2024", Some(1_709_164_800_000)),
            ("1 January 1900", Some(-2_208_988_800_000)),
            ("20240229", Some(1_709_164_800_000)),
            ("20240229 130507", Some(1_709_211_907_000)),
            ("202402291305", Some(1_709_211_900_000)),
            ("2023-02-29", None),
            ("2024-13-01", None),
            ("2024-02-29 24:00", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
