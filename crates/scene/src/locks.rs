//! Locks: the fields that an editor shows and cannot write.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::role::Role;

/// Names of fields by component.
pub type LockedFields = BTreeMap<String, BTreeSet<String>>;

/// The fields that each editor shows and cannot write, such as a rotation that a constraint drives. Only that editor
/// sets and changes them. An entity without this component has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Those of Blender.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blender: LockedFields,
    /// Those of Unity.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unity: LockedFields,
}

impl Locks {
    /// Returns these locks with the own ones of an editor replaced; none if this role has no locks.
    #[must_use]
    pub fn with_own(&self, role: Role, wanted: &Self) -> Option<Self> {
        let mut locks = self.clone();
        match role {
            Role::Blender => locks.blender.clone_from(&wanted.blender),
            Role::Unity => locks.unity.clone_from(&wanted.unity),
            _ => return None,
        }
        Some(locks)
    }

    /// Lists the components and fields that a client of this role may not change.
    pub fn of_others(&self, role: Role) -> impl Iterator<Item = (&str, &str)> {
        self.list(move |owner| owner != role)
    }

    /// Lists the components and fields that a client of this role has locked.
    pub(crate) fn of_own(&self, role: Role) -> impl Iterator<Item = (&str, &str)> {
        self.list(move |owner| owner == role)
    }

    fn list(&self, is_wanted: impl Fn(Role) -> bool) -> impl Iterator<Item = (&str, &str)> {
        let editors = [(Role::Blender, &self.blender), (Role::Unity, &self.unity)];
        let wanted = editors
            .into_iter()
            .filter(move |(owner, _)| is_wanted(*owner));
        let components = wanted.flat_map(|(_, fields)| fields);
        components.flat_map(|(component, fields)| {
            let pair = |field| (component.as_str(), field);
            fields.iter().map(String::as_str).map(pair)
        })
    }

    /// Lists all components and fields that an editor has locked.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        // No client of this role has locks.
        self.of_others(Role::Cli)
    }
}
