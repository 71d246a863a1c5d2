//! Suggests frames for nodes without one, by links or by role, in one palette for all graphs.
//!
//! The Blender addon makes the same frames for existing groups (`addons/vibesync/core/graph/framing.py`).
//! `tests/golden/framing.json` compares both.

mod role;
mod suggest;
mod unframed;

pub use role::Role;
pub use suggest::{Strategy, suggest_frames};
