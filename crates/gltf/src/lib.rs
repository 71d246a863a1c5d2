//! Scenes as glTF 2.0 files: the container GLB, and the conversion of a scene to a document and back.
//!
//! Pure functions of entities and bytes. Canonical space is that of glTF, so positions, rotations, lights and cameras keep
//! their numbers; only V of texture coordinates turns over. Nothing here knows Blender or Unity.

mod export;
mod glb;
mod import;
mod notes;

pub use export::{Export, export};
pub use import::{Import, Source, import};
pub use notes::{ImportNote, Note, Notes};
