//! A disk in memory that keeps written bytes apart from durable ones, and fails on command.
//!
//! A crash may do as much as POSIX allows, and more than common file systems do; the exceptions are in [`Tear`].
//! All chance follows from the seed. It refuses what one of the supported systems refuses, see `system_rules.rs`.

mod disk;
mod fault;
mod state;
mod system_rules;

pub use disk::FaultDisk;
pub use fault::{Fault, Tear};
