//! Positions for nodes: columns from left to right along the links, without overlaps, and each frame as one block. The
//! same graph always gets the same positions.

mod area;
mod arrange;
mod columns;
mod tree;

pub use area::{Area, Layout};
pub use arrange::{arrange, layout};
