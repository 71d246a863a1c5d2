//! Tests of the crate as its users see it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod animations;
mod cameras;
mod deformers;
mod document;
mod file;
mod hostile;
mod import;
mod import_keys;
mod import_values;
mod instances;
mod motion;
mod round_trip;
mod scene;
mod skinning;
mod skins;
mod textures;
mod work;
