//! Collections: groups of objects that are no objects themselves, and what names them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component_value::{ComponentValue, LARGEST, check_range};
use crate::invalid::Invalid;
use crate::numbers::nearly_equal;
use crate::reference::{Reference, Target};

/// Most collections that an object or a collection is in.
const MOST: usize = 1_024;

/// The color with which an editor lists a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColorTag {
    /// No color.
    #[default]
    None,
    /// The first color of Blender's theme.
    Red,
    /// The second.
    Orange,
    /// The third.
    Yellow,
    /// The fourth.
    Green,
    /// The fifth.
    Blue,
    /// The sixth.
    Violet,
    /// The seventh.
    Pink,
    /// The eighth.
    Brown,
}

/// A collection: the collections that it is in, and how an editor shows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// The collections that it is in, in order of their uuids.
    pub parents: Vec<Uuid>,
    /// True if it is also directly in the scene.
    pub root: bool,
    /// The point that an instance of it shows at its own origin, meters.
    pub offset: [f64; 3],
    /// The color of its icon.
    pub color: ColorTag,
    /// True if it hides its content. The visibility of the objects in it is their own.
    pub hidden: bool,
}

impl ComponentValue for Collection {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_list(name, "parents", &self.parents)?;
        check_range(&format!("{name}.offset"), &self.offset, -LARGEST, LARGEST)
    }

    fn equals(&self, other: &Self) -> bool {
        let mut offsets = self.offset.iter().zip(other.offset);
        let rest = |it: &Self| (it.root, it.color, it.hidden);
        self.parents == other.parents
            && rest(self) == rest(other)
            && offsets.all(|(a, b)| nearly_equal(*a, b))
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        list(&self.parents, "collection.parents")
    }
}

/// The collections that an object is in. An object without this component is in the scene alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collections {
    /// The collections, in order of their uuids.
    #[serde(rename = "in")]
    pub names: Vec<Uuid>,
    /// True if it is also directly in the scene.
    pub root: bool,
}

impl Default for Collections {
    fn default() -> Self {
        Self {
            names: Vec::new(),
            root: true,
        }
    }
}

impl ComponentValue for Collections {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_list(name, "in", &self.names)?;
        match self.root || !self.names.is_empty() {
            true => Ok(()),
            false => Err(refusal(
                name,
                "in",
                "an object is in a collection or in the scene",
            )),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        list(&self.names, "collections.in")
    }
}

/// The collection whose content an object shows at its own place. An object without this component shows none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// The collection.
    pub of: Option<Uuid>,
}

impl ComponentValue for Instance {
    fn check(&self, _name: &str) -> Result<(), Invalid> {
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let reference = |uuid| Reference::new(uuid, Target::Collection, "instance.of");
        self.of.map(reference).into_iter()
    }
}

fn list<'a>(uuids: &'a [Uuid], field: &'static str) -> impl Iterator<Item = Reference> + 'a {
    let numbered = (0..).zip(uuids);
    numbered.map(move |(i, uuid)| Reference::in_slot(*uuid, Target::Collection, field, i))
}

/// Checks that a list is short, sorted, and names none twice: equal lists are then the same.
fn check_list(name: &str, field: &str, uuids: &[Uuid]) -> Result<(), Invalid> {
    if uuids.len() > MOST {
        return Err(refusal(name, field, "there are too many"));
    }
    match uuids.is_sorted_by(|a, b| a < b) {
        true => Ok(()),
        false => Err(refusal(name, field, "uuids are sorted, each once")),
    }
}

fn refusal(name: &str, field: &str, message: &str) -> Invalid {
    Invalid::new(Code::ComponentInvalid, format!("{name}.{field}"), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuids(numbers: &[u128]) -> Vec<Uuid> {
        numbers.iter().copied().map(Uuid::from_u128).collect()
    }

    fn named(numbers: &[u128], root: bool) -> Collections {
        let names = uuids(numbers);
        Collections { names, root }
    }

    #[test]
    fn lists_of_collections_are_sorted_short_and_unique() {
        let wrong = [&[2, 1][..], &[1, 1], &(0..1_025).collect::<Vec<_>>()];
        for numbers in wrong {
            let error = named(numbers, true).check("collections").unwrap_err();
            assert_eq!(error.location, "collections.in");
            let collection = Collection {
                parents: uuids(numbers),
                ..Collection::default()
            };
            let error = collection.check("collection").unwrap_err();
            assert_eq!(error.location, "collection.parents");
        }
        let most: Vec<u128> = (0..1_024).collect();
        assert_eq!(named(&most, false).check("collections"), Ok(()));
    }

    #[test]
    fn object_is_in_a_collection_or_in_the_scene() {
        assert!(named(&[], false).check("collections").is_err());
        assert_eq!(named(&[], true).check("collections"), Ok(()));
        assert_eq!(named(&[1], false).check("collections"), Ok(()));
        assert_eq!(Collection::default().check("collection"), Ok(()));
    }

    #[test]
    fn collections_are_equal_up_to_rounding_of_the_offset() {
        let plain = Collection::default();
        let mut other = plain.clone();
        other.offset[1] = 1e-6;
        assert!(plain.equals(&other));
        type Edit = fn(&mut Collection);
        let changes: [Edit; 5] = [
            |it| it.parents.push(Uuid::from_u128(1)),
            |it| it.root = true,
            |it| it.offset[2] = 0.01,
            |it| it.color = ColorTag::Brown,
            |it| it.hidden = true,
        ];
        for change in changes {
            let mut changed = plain.clone();
            change(&mut changed);
            assert!(!plain.equals(&changed), "{changed:?}");
        }
        let far = Collection {
            offset: [f64::NAN, 0.0, 0.0],
            ..plain
        };
        let error = far.check("collection").unwrap_err();
        assert_eq!(error.location, "collection.offset[0]");
    }
}
