//! Behaving fakes: an editor in memory, its connection over a real socket, and the real daemon as a process.

pub mod addons;
pub mod change;
mod client;
mod daemon;
mod divergence;
pub mod edit;
mod editor;
mod opening;
pub mod process;
mod stop;
mod unanswered;

pub use client::{Client, EditorSession, Heard, Sent, with_attachments};
pub use daemon::Daemon;
pub use editor::{BaseSeq, FakeEditor};
pub use process::ChildProcess;
