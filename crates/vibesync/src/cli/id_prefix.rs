//! Uuids by their first digits, as git names commits.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use vibesync_scene::Uuid;

use super::result::WrongUsage;

/// Number of digits that are at least needed.
const MIN_DIGITS: usize = 4;

/// Number of digits of a whole uuid.
const DIGITS: usize = 32;

/// Maximum number of candidates that are listed.
const LISTED: usize = 10;

/// The first digits of a uuid, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdPrefix {
    /// Lower-case hex digits without hyphens.
    digits: String,
}

impl IdPrefix {
    /// Returns the uuid if all digits are given.
    pub fn whole(&self) -> Option<Uuid> {
        let is_whole = self.digits.len() == DIGITS;
        is_whole.then(|| self.digits.parse().ok()).flatten()
    }

    /// Returns true if the uuid begins with these digits.
    pub fn matches(&self, uuid: Uuid) -> bool {
        let text = uuid.simple().to_string();
        text.starts_with(&self.digits)
    }
}

impl From<Uuid> for IdPrefix {
    fn from(uuid: Uuid) -> Self {
        let digits = uuid.simple().to_string();
        Self { digits }
    }
}

impl FromStr for IdPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(uuid) = text.parse::<Uuid>() {
            return Ok(uuid.into());
        }
        let digits = text.replace('-', "").to_ascii_lowercase();
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        match is_hex && (MIN_DIGITS..=DIGITS).contains(&digits.len()) {
            true => Ok(Self { digits }),
            false => Err(format!(
                "neither a uuid nor the first digits of one, at least {MIN_DIGITS}"
            )),
        }
    }
}

impl fmt::Display for IdPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole() {
            Some(uuid) => uuid.fmt(f),
            None => f.write_str(&self.digits),
        }
    }
}

/// The uuids that begin with given digits, with a description of each for people.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    prefix: &'a IdPrefix,
    found: BTreeMap<Uuid, String>,
}

impl<'a> Candidates<'a> {
    pub fn new(prefix: &'a IdPrefix) -> Self {
        Self {
            prefix,
            found: BTreeMap::new(),
        }
    }

    /// Adds a uuid if it begins with the digits. A later description replaces an earlier one, an empty one does not.
    pub fn add(&mut self, uuid: Uuid, description: impl FnOnce() -> String) {
        if self.prefix.matches(uuid) {
            let description = description();
            let known = self.found.entry(uuid).or_default();
            if !description.is_empty() {
                *known = description;
            }
        }
    }

    /// Returns the only candidate, or none if there is none. Fails with the list if there are more.
    pub fn only(self) -> Result<Option<Uuid>, WrongUsage> {
        if self.found.len() <= 1 {
            return Ok(self.found.into_keys().next());
        }
        let (prefix, count) = (self.prefix, self.found.len());
        let mut message = format!("{prefix} is ambiguous: {count} uuids begin with it");
        for (uuid, description) in self.found.iter().take(LISTED) {
            message.push_str(&format!("\n    {uuid} {description}"));
        }
        if count > LISTED {
            message.push_str(&format!("\n    and {} more", count - LISTED));
        }
        Err(WrongUsage::new(message, "Give more digits."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_to_all_digits_are_read_in_any_notation() {
        let uuid: Uuid = "379facfc-e781-4865-a943-f50c793123f8".parse().unwrap();
        for text in [
            "379f",
            "379FACFC",
            "379facfc-e7",
            "379facfc-e781-4865-a943-f50c793123f8",
        ] {
            assert!(text.parse::<IdPrefix>().unwrap().matches(uuid), "{text}");
        }
        assert!(!"379e".parse::<IdPrefix>().unwrap().matches(uuid));
        for text in ["", "379", "cube", "379facfc-e781-4865-a943-f50c793123f80"] {
            assert!(text.parse::<IdPrefix>().is_err(), "{text}");
        }
    }

    #[test]
    fn ambiguous_digits_list_the_candidates() {
        let prefix: IdPrefix = "0000".parse().unwrap();
        let mut candidates = Candidates::new(&prefix);
        for number in 1..=12 {
            candidates.add(Uuid::from_u128(number), || format!("object \"{number}\""));
        }
        let ambiguous = candidates.only().unwrap_err();
        assert!(ambiguous.message.contains("12 uuids begin with it"));
        assert!(
            ambiguous
                .message
                .contains("00000000000a object \"10\"\n    and 2 more")
        );
    }
}
