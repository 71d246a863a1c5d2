//! Tests of the data model: meshes and replay.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod errors;
mod meshes;
mod replays;
