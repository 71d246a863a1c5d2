//! Keeps open files and sockets from processes that are started.
//!
//! Windows passes on each handle that may be inherited: the standard streams, and sockets of tokio. Another process then
//! holds a pipe or a connection open that this one has closed. On Unix a new process gets none of them.

#[cfg(windows)]
use std::os::windows::io::{AsHandle, AsSocket};

/// Keeps a socket from processes that are started later.
#[cfg(windows)]
pub fn keep_socket(socket: &impl AsSocket) -> std::io::Result<()> {
    vibesync_windows::keep_socket(socket.as_socket())
}

/// Keeps a socket from processes that are started later.
#[cfg(not(windows))]
pub fn keep_socket<T>(_: &T) -> std::io::Result<()> {
    Ok(())
}

/// Keeps the standard streams from processes that are started later with streams of their own.
#[cfg(windows)]
pub fn keep_streams() {
    let streams = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let handles = [
        streams.0.as_handle(),
        streams.1.as_handle(),
        streams.2.as_handle(),
    ];
    for handle in handles {
        // There are no streams without a console, and a console of old Windows cannot be inherited.
        let _ = vibesync_windows::keep_handle(handle);
    }
}

/// Keeps the standard streams from processes that are started later with streams of their own.
#[cfg(not(windows))]
pub fn keep_streams() {}
