//! Tests of the whole crate: manifests as bytes, calls, sets of add-ons, and the texts and schemas made of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod arguments;
mod context;
mod documentation;
mod examples;
mod hostile;
mod names;
mod properties;
mod requirements;
mod schemas;
mod shapes;
mod support;
