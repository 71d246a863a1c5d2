//! The vocabulary of VibeSync: what a scene is made of and what can happen to it.
//!
//! Pure data and pure functions: ids, entity kinds, components, canonical space (glTF 2.0), comparison within
//! epsilon, digests, changes, log records and their replay. No I/O, no async, no clock.

mod change;
mod code;
mod compare;
mod component;
mod coordinates;
mod entity;
mod failure_history;
mod id;
mod invalid;
mod last_writers;
mod mesh;
mod policy;
mod record;
mod replay;
mod scene;
mod scope;
mod tagged;
mod text;
mod validate;

pub use change::{Change, Path};
pub use code::Code;
pub use compare::{EPSILON, differing_components, nearly_equal, rotations_equal};
pub use component::{
    Buffer, ComponentSet, Components, DataRef, Mesh, Nodes, Parent, Submesh, Transform, Visibility,
};
pub use coordinates::{Axes, BLENDER, UNITY};
pub use entity::{Entity, EntityKind, Row};
pub use failure_history::{FailureCount, FailureHistory, FailureState, SafeMode};
pub use id::{BatchId, BlobHasher, BlobId, InstanceId, OperationId, ProjectId, SessionId, Uuid};
pub use invalid::Invalid;
pub use last_writers::{Author, LastWriter, LastWriters, Quarantine};
pub use mesh::{MeshBytes, MeshMismatch, MeshPieces, check_mesh, compare_meshes, element_bytes};
pub use policy::{Finding, PolicyDecision, Verdict};
pub use record::{ConflictingChange, Outcome, Payload, Phase, RecordBody, Role};
pub use replay::{OpenTransaction, Operation, Operations, Replay};
pub use scene::Scene;
pub use scope::Scope;
pub use tagged::{ExtractField, Tagged};
pub use text::{MAX_TEXT_CHARS, truncate_text};
pub use validate::check_change;

/// Version of the entity model, as it is on the wire and in the audit.
pub const SCHEMA_VERSION: u32 = 1;

/// Version of the log's records: of [`Payload`], and of the line around it. It rises where an older program would read
/// something else than is meant; every older version is still read.
pub const LOG_VERSION: u32 = 2;
