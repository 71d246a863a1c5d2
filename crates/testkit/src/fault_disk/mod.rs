//! A disk in memory that keeps written bytes apart from durable ones, and fails on command.
//!
//! A crash may do as much as POSIX allows, and more than common file systems do; the exceptions are in [`Tear`].
//! All chance follows from the seed.

mod disk;
mod fault;
mod state;

pub use disk::FaultDisk;
pub use fault::{Fault, Tear};
