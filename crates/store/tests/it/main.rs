//! The store, against a disk in memory that fails and against the real one.

mod audit;
mod blobs;
mod boot;
mod crash;
mod durable;
mod fixtures;
mod recovery;
mod registry;
mod sample;
mod wal;
