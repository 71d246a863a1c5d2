//! The store, against a disk in memory that fails and against the real one.

// Clippy's leave for tests does not reach the helpers of an integration test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod audit;
mod audit_crash;
mod audit_git;
mod audit_large;
mod blobs;
mod boot;
mod crash;
mod cuts;
mod durable;
mod fixtures;
mod follow;
mod migration;
mod reader;
mod recovery;
mod registry;
mod retention;
mod sample;
mod wal;
