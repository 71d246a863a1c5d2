//! Questions about the scene that the daemon's view answers, away from the thread of the core.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{EntityKind, Role, Row, tagged_enum};

/// Most rows in one answer to [`Question::Search`].
pub const MAX_FOUND: usize = 200;

/// Most entities in one answer to [`Question::Describe`].
pub const MAX_DESCRIBED: usize = 50;

tagged_enum! {
    "what";
    /// A question about the scene.
    #[derive(Clone, Debug, PartialEq)]
    pub enum Question {
        /// The entities that meet all conditions.
        Search(Search),
        /// Whole entities, by uuid or below an object.
        Describe(Describe),
        /// The entities that changed after a log sequence.
        Changes {
            /// The log sequence.
            since: u64,
        },
        /// The entities among these that the client may be told of. An agent is not told of what people keep from agents.
        Visible {
            /// At most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS); deleted and unknown ones may be among them.
            uuids: Vec<Uuid>,
        },
    }
}

/// Conditions on an entity. An entity is found if it meets all that are given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Search {
    /// Part of its name, in any case.
    pub text: Option<String>,
    /// Its kind.
    pub kind: Option<EntityKind>,
    /// An object above it.
    pub under: Option<Uuid>,
    /// A component that it has.
    pub has: Option<String>,
    /// The kind of client that changed it last.
    pub changed_by: Option<Role>,
    /// Its version is higher.
    pub since_seq: Option<u64>,
    /// Whether the object itself is shown.
    pub visible: Option<bool>,
    /// It is near a point.
    pub near: Option<Near>,
    /// The last uuid of the page before.
    pub after: Option<Uuid>,
    /// Number of rows; at most [`MAX_FOUND`].
    pub limit: u32,
}

/// A sphere in canonical space.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Near {
    /// Its center, in meters.
    pub point: [f64; 3],
    /// Its radius, in meters.
    pub radius: f64,
}

/// The entities to describe: those that are named, or a tree of objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Describe {
    /// The entities; if there are none, the tree below `root`.
    pub uuids: Vec<Uuid>,
    /// The object at the top of the tree; none for the whole scene.
    pub root: Option<Uuid>,
    /// Number of levels below `root`.
    pub depth: u32,
    /// Number of entities of the tree to skip.
    pub skip: u32,
    /// Number of entities; at most [`MAX_DESCRIBED`].
    pub limit: u32,
}

/// One entity that a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FoundEntity {
    /// The entity.
    pub uuid: Uuid,
    /// Its kind.
    pub kind: EntityKind,
    /// Its name.
    pub name: Option<String>,
    /// The object above it.
    pub parent: Option<Uuid>,
    /// The datablock that it shows.
    pub data: Option<Uuid>,
    /// Log sequence of its last change.
    pub version: u64,
    /// The kind of client that made that change; none for the daemon.
    pub by: Option<Role>,
    /// Whether the object itself is shown; none for data.
    pub visible: Option<bool>,
    /// Its place in the scene's canonical space; none for data.
    pub position: Option<[f64; 3]>,
    /// Number of objects directly below it.
    pub children: u32,
}

/// One entity with its surroundings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DescribedEntity {
    /// The entity with its version and its last writers.
    pub row: Row,
    /// Its place in the scene; none for data.
    pub world: Option<vibesync_scene::Transform>,
    /// Number of objects directly below it.
    pub children: u32,
    /// Number of objects that show it; 0 for objects.
    pub users: u32,
    /// Level below the top of the tree; 0 for a named entity.
    pub depth: u32,
}
