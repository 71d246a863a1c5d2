//! Tests of the data model: the table of components, meshes, guards and replay.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod actions;
mod components;
mod errors;
mod guard;
mod kept;
mod maps;
mod meshes;
mod replays;
mod shapes;
