//! Behaving fakes for tests: an editor in memory, its connection over a real socket, a daemon to connect to, a disk
//! that fails, and a trap for the real one; and [`sim`], which puts engine, store, disk and editors in one world and lets
//! everything go wrong.

pub mod change;
mod client;
mod daemon;
mod disk;
pub mod edit;
mod editor;
pub mod process;
mod random;
pub mod sim;
#[cfg(target_os = "linux")]
pub mod trap;

pub use client::{Client, EditorSession, Heard, Sent, with_attachments};
pub use daemon::Daemon;
pub use disk::{Fault, FaultyDisk, Tear};
pub use editor::FakeEditor;
pub use process::ChildProcess;
pub use random::Random;
