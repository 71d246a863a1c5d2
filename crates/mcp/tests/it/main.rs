//! The server in memory: a fake daemon behind it, JSON lines before it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod client;
mod fake;
mod http;
mod http_client;
mod lint;
mod listing;
mod protocol;
mod resources;
mod stdin;
mod tools;
