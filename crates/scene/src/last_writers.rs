//! The last writer of each component of an entity. Conflict detection needs it: it distinguishes concurrent changes
//! from successive ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::component_set::ComponentSet;
use crate::role::Role;

/// The origin of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    /// Log sequence of the transaction; becomes the version of the entities that it changes.
    pub seq: u64,
    /// The kind of client that made it; none for a rollback.
    pub by: Option<Role>,
    /// Newest log sequence that the client had seen.
    pub base_seq: u64,
}

impl Author {
    /// The daemon itself, for a rollback whose record has this sequence.
    pub fn authority(seq: u64) -> Self {
        Self {
            seq,
            by: None,
            base_seq: seq,
        }
    }
}

/// The last change of one or more components.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LastWriter {
    /// Log sequence of the transaction.
    pub seq: u64,
    /// The kind of client that made it; none for a rollback.
    pub by: Option<Role>,
    /// The components that it changed and that no later change has overwritten.
    pub components: ComponentSet,
}

/// The last change of each component, oldest first. A create or a delete changes all components.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LastWriters(Vec<LastWriter>);

impl LastWriters {
    /// Records a change.
    pub fn record(&mut self, author: &Author, components: ComponentSet) {
        for writer in &mut self.0 {
            writer.components = writer.components.without(components);
        }
        self.0.retain(|writer| !writer.components.is_empty());
        self.0.reserve_exact(1);
        self.0.push(LastWriter {
            seq: author.seq,
            by: author.by,
            components,
        });
    }

    /// Sequence of the newest change; 0 if there is none.
    pub fn newest(&self) -> u64 {
        self.0.last().map_or(0, |writer| writer.seq)
    }

    /// The changes after this sequence.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = &LastWriter> {
        self.0.iter().filter(move |writer| writer.seq > seq)
    }
}

/// The mark on an entity whose changes by two people conflict. Automation is refused on it until a person edits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// Log sequence of the QUARANTINE record, which contains the change that was not made.
    pub seq: u64,
    /// The kind of client that sent that change.
    #[serde(rename = "held")]
    pub origin: Role,
}

impl Quarantine {
    /// Whether a change ends the quarantine: a person made it, and had seen the quarantine.
    pub fn ends_with(&self, author: &Author) -> bool {
        author.by.is_some_and(Role::is_person) && author.base_seq >= self.seq
    }
}
