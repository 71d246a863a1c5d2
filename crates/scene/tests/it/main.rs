//! Tests of the data model: meshes, guards and replay.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod errors;
mod guard;
mod meshes;
mod replays;
