//! Behaving fakes for tests: an editor in memory, a disk that fails.

mod disk;
mod editor;

pub use disk::{Fault, FaultyDisk, Tear};
pub use editor::FakeEditor;
