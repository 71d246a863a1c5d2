//! The prefab of Unity that an object is an instance of, or a part of one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::reference::Reference;

/// The object of a prefab asset that an object comes from. An object without this component comes from none.
///
/// Only Unity writes it. The daemon keeps it, so that an object that is deleted and comes back is an instance again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prefab {
    /// Unity's GUID of the asset, 32 hexadecimal digits; none for an object that comes from no asset.
    pub asset: Option<String>,
    /// True for the instance as a whole, false for a part of it.
    pub root: bool,
    /// Unity's number of the object in the asset, as a decimal number: it needs 64 bits. Empty without an asset.
    pub file: String,
}

impl ComponentValue for Prefab {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let refuse = |field: &str, message: &str| {
            Err(Invalid::new(
                Code::ComponentInvalid,
                format!("{name}.{field}"),
                message,
            ))
        };
        let is_digit = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        match &self.asset {
            None if self.root || !self.file.is_empty() => {
                refuse("asset", "without an asset there is no part of one")
            }
            None => Ok(()),
            Some(guid) if guid.len() != 32 || !guid.bytes().all(is_digit) => {
                refuse("asset", "a GUID has 32 hexadecimal digits in lower case")
            }
            Some(_) if !is_number(&self.file) => {
                refuse("file", "not a whole number of 64 bits in decimal digits")
            }
            Some(_) => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        std::iter::empty()
    }
}

/// Returns true for the one form in which a number is written.
fn is_number(text: &str) -> bool {
    text.parse::<i64>()
        .is_ok_and(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::Prefab;
    use crate::component_value::ComponentValue;

    #[test]
    fn prefab_is_whole_or_none() {
        let guid = "0123456789abcdef0123456789abcdef";
        let check = |asset: Option<&str>, root: bool, file: &str| {
            let prefab = Prefab {
                asset: asset.map(str::to_owned),
                root,
                file: file.to_owned(),
            };
            prefab.check("prefab").map_err(|it| it.location)
        };
        let at = |field: &str| Err(format!("prefab.{field}"));
        assert_eq!(check(None, false, ""), Ok(()));
        assert_eq!(check(Some(guid), true, "-9223372036854775808"), Ok(()));
        assert_eq!(check(None, true, ""), at("asset"));
        assert_eq!(check(None, false, "1"), at("asset"));
        assert_eq!(check(Some(&guid.to_uppercase()), true, "1"), at("asset"));
        assert_eq!(check(Some(&guid[1..]), true, "1"), at("asset"));
        for file in ["", "01", "+1", "1.0", "9223372036854775808"] {
            assert_eq!(check(Some(guid), false, file), at("file"), "{file}");
        }
    }
}
