//! Behaving fakes: an editor in memory, its connection over a real socket, and the real daemon as a process.

pub mod actions;
pub mod addons;
mod bulk;
pub mod change;
mod client;
mod daemon;
mod divergence;
pub mod edit;
mod editor;
mod evaluated_mesh;
mod opening;
mod previews;
pub mod process;
pub mod rigs;
mod shown;
mod stop;
mod unanswered;
pub mod view;

pub use client::{Client, EditorSession, Heard, Sent, with_attachments};
pub use daemon::{Daemon, run_as_its_user};
pub use editor::{BaseSeq, FakeEditor};
pub use evaluated_mesh::evaluated;
pub use process::ChildProcess;
pub use shown::PREVIEW_MS;
