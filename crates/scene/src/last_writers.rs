//! The last writer of each component of an entity. Conflict detection needs it: it distinguishes concurrent changes
//! from successive ones.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
pub struct LastWriters(#[schemars(with = "Vec<LastWriter>")] Writers);

/// A list that needs no memory of its own for a single writer, which most entities have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Writers {
    #[default]
    None,
    One(LastWriter),
    #[allow(
        clippy::box_collection,
        reason = "a pointer takes no more than a writer"
    )]
    Many(Box<Vec<LastWriter>>),
}

impl LastWriters {
    /// Records a change.
    pub fn record(&mut self, author: &Author, components: ComponentSet) {
        let newest = LastWriter {
            seq: author.seq,
            by: author.by,
            components,
        };
        let remains = |writer: &mut LastWriter| {
            writer.components = writer.components.without(components);
            !writer.components.is_empty()
        };
        self.0 = match std::mem::take(&mut self.0) {
            Writers::None => Writers::One(newest),
            Writers::One(mut only) => match remains(&mut only) {
                true => Writers::from(vec![only, newest]),
                false => Writers::One(newest),
            },
            Writers::Many(mut writers) => {
                writers.retain_mut(remains);
                writers.reserve_exact(1);
                writers.push(newest);
                Writers::from(*writers)
            }
        };
    }

    /// Sequence of the newest change; 0 if there is none.
    pub fn newest(&self) -> u64 {
        self.0.as_slice().last().map_or(0, |writer| writer.seq)
    }

    /// The changes after this sequence.
    pub fn after(&self, seq: u64) -> impl Iterator<Item = &LastWriter> {
        let writers = self.0.as_slice().iter();
        writers.filter(move |writer| writer.seq > seq)
    }
}

impl Writers {
    fn as_slice(&self) -> &[LastWriter] {
        match self {
            Self::None => &[],
            Self::One(writer) => std::slice::from_ref(writer),
            Self::Many(writers) => writers,
        }
    }
}

impl From<Vec<LastWriter>> for Writers {
    fn from(mut writers: Vec<LastWriter>) -> Self {
        match writers.len() {
            0 | 1 => writers.pop().map_or(Self::None, Self::One),
            _ => Self::Many(Box::new(writers)),
        }
    }
}

impl Serialize for Writers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Writers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_writer_needs_no_memory_of_its_own() {
        assert_eq!(size_of::<LastWriters>(), size_of::<LastWriter>());
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
