//! The failures that a fault disk can be told to produce.

/// Treatment of appended bytes that were not synced, when the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tear {
    /// A prefix stays, of any length.
    Prefix,
    /// A prefix stays, followed by zeros or garbage up to any length that was written.
    Garbage,
    /// Any of the 64-byte pieces are lost and read as zeros. File systems that write data before they grow a file do
    /// not do this.
    Holes,
}

/// Failure of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The power goes: this operation happens in part, and every later one fails until [`FaultDisk::reboot`].
    Crash,
    /// No space left: a part of an append is written.
    Full,
    /// An I/O error. After a failed fsync the written bytes are readable but never become durable.
    Io,
}
