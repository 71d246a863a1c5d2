//! Tests of the whole crate, from texts to reports, with the catalogues of real versions of Blender.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod catalogues;
mod example;
mod fixes;
mod graph_json;
mod layout;
mod loose;
mod loose_bounds;
mod round_trip;
mod rules;
mod sketch;
mod support;
mod zones;
