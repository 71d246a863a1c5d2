//! The server in memory: a fake daemon behind it, JSON lines before it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod addons;
mod capabilities;
mod change;
mod change_calls;
mod change_errors;
mod client;
mod fake;
mod fake_scene;
mod http;
mod http_client;
mod lint;
mod listing;
mod protocol;
mod resources;
mod stdin;
mod tools;
mod window;
