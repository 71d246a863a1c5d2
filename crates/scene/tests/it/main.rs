//! The vocabulary's rules: what a mesh is, when two are the same, what the log says happened.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod errors;
mod meshes;
mod replays;
