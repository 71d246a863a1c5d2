//! Who changed what of an entity, and when. It tells changes that were made at the same time from changes that were
//! made one after the other.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::component::ComponentSet;
use crate::record::Role;

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    /// Log sequence of the transaction; the version of what it changes.
    pub seq: u64,
    /// Who made it; none where the authority undoes something.
    pub by: Option<Role>,
    /// What they had seen of the log.
    pub base_seq: u64,
}

impl Author {
    /// The authority itself, undoing something with the record of this sequence.
    pub fn authority(seq: u64) -> Self {
        Self {
            seq,
            by: None,
            base_seq: seq,
        }
    }
}

/// The last change of some components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LastWriter {
    /// Log sequence of the transaction.
    pub seq: u64,
    /// Who made it; none where the authority undid something.
    pub by: Option<Role>,
    /// What it changed that nothing has changed since.
    pub components: ComponentSet,
}

/// The last change of each component, oldest first. Creating and deleting change all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LastWriters(Vec<LastWriter>);

impl LastWriters {
    /// Notes a change.
    pub fn record(&mut self, author: &Author, components: ComponentSet) {
        for stamp in &mut self.0 {
            stamp.components = stamp.components.without(components);
        }
        self.0.retain(|stamp| !stamp.components.is_empty());
        self.0.reserve_exact(1);
        self.0.push(LastWriter {
            seq: author.seq,
            by: author.by,
            components,
        });
    }

    /// Sequence of the newest change, 0 if there is none.
    pub fn newest(&self) -> u64 {
        self.0.last().map_or(0, |stamp| stamp.seq)
    }

    /// What was changed after this sequence.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = &LastWriter> {
        self.0.iter().filter(move |stamp| stamp.seq > seq)
    }
}

/// Two people disagree about an entity: automation leaves it alone until one of them has edited it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// Log sequence of the QUARANTINE record, which holds the change that was set aside.
    pub seq: u64,
    /// Whose change was set aside.
    #[serde(rename = "held")]
    pub origin: Role,
}

impl Quarantine {
    /// Whether a change ends it: one made by a person who had been told.
    pub fn ends_with(&self, author: &Author) -> bool {
        author.by.is_some_and(Role::is_person) && author.base_seq >= self.seq
    }
}
