//! Other programs that do the same. Each is asked for as much as ours, or says why it is not there.

pub mod git;
pub mod graphs;
pub mod redis;
pub mod sqlite;
