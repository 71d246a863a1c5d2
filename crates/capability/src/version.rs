//! Versions of add-ons and editors, compared as versions: 4.10 is newer than 4.9.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::limits;

const MOST_NUMBERS: usize = 4;
const MOST_DIGITS: usize = 9;

/// A version: one to four numbers and an optional suffix.
///
/// The order is that of the numbers, with 0 for missing ones. Then a suffix decides: `alpha` and unknown words, `beta`,
/// `rc`, then no suffix, `f` (a release of Unity) and `+build`, then `p` (a patch of Unity).
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    key: Key,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    numbers: [u32; MOST_NUMBERS],
    stage: u8,
    number: u32,
}

const RELEASE: u8 = 3;

impl Version {
    /// Reads the version that an editor reports: the first word of it, as in `4.5.3 LTS`.
    #[must_use]
    pub fn of_editor(text: &str) -> Option<Self> {
        text.split_whitespace().next()?.parse().ok()
    }

    /// Returns the version as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Version {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text.len() > limits::VERSION || !text.is_ascii() {
            return Err(());
        }
        let mut numbers = [0; MOST_NUMBERS];
        let mut rest = text;
        for (index, number) in numbers.iter_mut().enumerate() {
            let digits = match index {
                0 => rest,
                _ => match rest.strip_prefix('.') {
                    Some(after) => after,
                    None => break,
                },
            };
            let length = digits.bytes().take_while(u8::is_ascii_digit).count();
            let (word, after) = digits.split_at_checked(length).ok_or(())?;
            if length > MOST_DIGITS {
                return Err(());
            }
            *number = word.parse().map_err(|_| ())?;
            rest = after;
        }
        let (stage, number) = suffix(rest).ok_or(())?;
        Ok(Self {
            text: text.to_owned(),
            key: Key {
                numbers,
                stage,
                number,
            },
        })
    }
}

/// Reads a suffix: stage and number. `None` for a text that is no suffix.
fn suffix(text: &str) -> Option<(u8, u32)> {
    let Some(first) = text.bytes().next() else {
        return Some((RELEASE, 0));
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    if !(first.is_ascii_alphabetic() || matches!(first, b'-' | b'+')) || !text.bytes().all(allowed)
    {
        return None;
    }
    let body = text.trim_start_matches(['-', '+']);
    if body.is_empty() {
        return None;
    }
    if first == b'+' {
        return Some((RELEASE, 0));
    }
    let letters = body.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, after) = body.split_at_checked(letters)?;
    let stage = match word.to_ascii_lowercase().as_str() {
        "b" | "beta" => 1,
        "rc" | "c" => 2,
        "f" => RELEASE,
        "p" => RELEASE + 1,
        _ => 0,
    };
    let digits: String = after
        .trim_start_matches(['.', '-'])
        .chars()
        .take_while(char::is_ascii_digit)
        .take(MOST_DIGITS)
        .collect();
    Some((stage, digits.parse().unwrap_or(0)))
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let ascending = [
            "0.9",
            "1",
            "1.0.0.1",
            "1.2-alpha.1",
            "1.2-beta.2",
            "1.2-beta.10",
            "1.2-rc1",
            "1.2",
            "1.10",
            "4.9",
            "4.10.0b1",
            "4.10",
            "2021.3.10a1",
            "2021.3.10b2",
            "2021.3.10",
            "2021.3.10f1",
            "2021.3.10f2",
            "2021.3.10p1",
            "6000.0.23f1",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("4.5"), version("4.5.0.0"));
        assert_eq!(version("1.0+build.7"), version("1.0"));
    }

    #[test]
    fn texts_that_are_no_version_are_refused() {
        for text in [
            "",
            "latest",
            "v1.0",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4.5",
            "-1",
            "1.0 beta",
            "1.0_2",
            "1.0-",
            "1.0+",
            "٤.٥",
            "1,2",
            "9999999999",
            "1.0\n",
        ] {
            assert!(text.parse::<Version>().is_err(), "{text:?}");
        }
        assert!("1.0-".parse::<Version>().is_err());
        assert!(
            format!("1.0-{}", "a".repeat(100))
                .parse::<Version>()
                .is_err()
        );
    }

    #[test]
    fn version_of_an_editor_is_its_first_word() {
        assert_eq!(Version::of_editor("4.5.3 LTS"), Some(version("4.5.3")));
        assert_eq!(Version::of_editor(""), None);
    }
}
