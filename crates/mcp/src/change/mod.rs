//! Changes of the scene as an agent writes them, and their translation to changes of entities.
//!
//! `item` reads and checks one change. `known` asks the daemon for the entities that the changes name. `translate` joins
//! both, with the places from `placement` and the meshes from `shape`.

mod item;
mod known;
mod mesh;
mod placement;
mod places;
mod primitives;
mod references;
mod shape;
mod translate;

pub(crate) use item::ITEM;
pub(crate) use placement::{SPACES, Space};
pub(crate) use translate::{Order, Translated, translate};
