//! Tests of the store, on a disk in memory with faults, and on the real one.

// The exceptions in clippy.toml for tests do not cover the helpers of an integration test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod audit;
mod audit_crash;
mod audit_damage;
mod audit_git;
mod audit_held;
mod audit_large;
mod backup;
mod blob_links;
mod blobs;
mod boot;
mod collect;
mod crash;
mod durable;
mod fixtures;
mod follow;
mod migration;
mod position;
mod reader;
mod recover;
mod recovery;
mod registry;
mod retention;
mod sample;
mod truncation;
mod wal;
mod witness;
