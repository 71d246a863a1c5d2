//! Reads manifests: bytes in, a manifest or all mistakes with their places out.

mod fields;
mod manifest;
mod parameter;
mod tool;

pub use manifest::{Accepted, Refused, read};
