//! Fakes, faults, the simulator and the benchmarks: tools of the tests, in parts.
//!
//! | part | what |
//! |---|---|
//! | [`fakes`] | behaving editors and clients, in memory and over a real socket, and the daemon as a process |
//! | [`fault_disk`] | a disk in memory that tears, loses and refuses writes; [`gated_disk`], whose syncs wait for the test; and [`fault_injection`] and [`ending_disk`] for the real one |
//! | [`simulator`] | engine, store, fault disk and editors in one world, in which everything goes wrong |
//! | [`scenes`] | whole scenes at random, with their bulk data |
//! | [`long_session`] | hours of work with one engine, for its memory |
//! | `bin/vibesync-bench` | benchmarks of the real daemon, each beside its limit or a peer |

pub mod ending_disk;
pub mod fakes;
pub mod fault_disk;
#[cfg(target_os = "linux")]
pub mod fault_injection;
pub mod gated_disk;
pub mod heap_report;
pub mod long_session;
mod random;
pub mod scenes;
pub mod simulator;

pub use ending_disk::{DiskPoint, EndingDisk, Moment};
pub use fakes::{
    ChildProcess, Client, Daemon, EditorSession, FakeEditor, Heard, Sent, actions, change, edit,
    evaluated, process, rigs, run_as_its_user, with_attachments,
};
pub use fault_disk::{Fault, FaultDisk, Tear};
pub use gated_disk::GatedDisk;
pub use random::Random;
