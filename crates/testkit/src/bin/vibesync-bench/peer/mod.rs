//! Other programs that make records durable. Each is asked for as much as the daemon, or says why it is not there.

pub mod redis;
pub mod sqlite;
