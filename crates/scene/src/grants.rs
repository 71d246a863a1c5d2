//! The add-ons that persons allowed to agents, rebuilt from the log like the scene.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::grant::Grant;
use crate::record::{Payload, RecordBody};
use crate::role::Role;

/// Most grants that are kept. A person allows add-ons one by one, so nobody reaches it by work.
const MAX_GRANTS: usize = 1_000;

/// A grant with the sequence of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldGrant {
    /// Sequence of the record. A smaller one was given earlier.
    pub seq: u64,
    /// The grant. Whether its code is that of this user is not checked here.
    pub grant: Grant,
}

/// The newest grant of each add-on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(BTreeMap<(Role, String), HeldGrant>);

impl Grants {
    /// Returns the grant of an add-on.
    pub fn get(&self, editor: Role, addon_id: &str) -> Option<&HeldGrant> {
        self.0.get(&(editor, addon_id.to_owned()))
    }

    /// All grants, by editor and add-on.
    pub fn iter(&self) -> impl Iterator<Item = &HeldGrant> {
        self.0.values()
    }

    /// Adds a grant. Beyond the limit, the oldest is removed: its add-on is asked for again.
    pub fn put(&mut self, held: HeldGrant) {
        let key = (held.grant.editor, held.grant.addon_id.clone());
        self.0.insert(key, held);
        while self.0.len() > MAX_GRANTS {
            let oldest = self.0.iter().min_by_key(|(_, held)| held.seq);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.0.remove(&key);
        }
    }

    /// Removes the grant of an add-on.
    pub fn remove(&mut self, editor: Role, addon_id: &str) {
        self.0.remove(&(editor, addon_id.to_owned()));
    }

    /// Applies a record.
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        match &record.payload {
            Payload::Grant(grant) => self.put(HeldGrant {
                seq,
                grant: grant.clone(),
            }),
            Payload::Revocation(it) => {
                self.remove(it.editor, &it.addon_id);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(number: u64) -> HeldGrant {
        HeldGrant {
            seq: number,
            grant: Grant {
                editor: Role::Blender,
                addon_id: format!("a{number}"),
                manifest_sha256: String::new(),
                code_sha256: String::new(),
                tools: Vec::new(),
                read_only: false,
                max_ms: 1,
                by: Role::Cli,
                who: String::new(),
                why: String::new(),
                mac: String::new(),
            },
        }
    }

    #[test]
    fn oldest_grant_is_removed_first() {
        let mut grants = Grants::default();
        for number in 1..=MAX_GRANTS as u64 + 1 {
            grants.put(grant(number));
        }
        assert_eq!(grants.iter().count(), MAX_GRANTS);
        assert!(grants.get(Role::Blender, "a1").is_none());
        assert!(grants.get(Role::Blender, "a2").is_some());
    }
}
