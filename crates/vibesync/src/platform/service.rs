//! Notifies the service manager. Every call does nothing without one (no `NOTIFY_SOCKET`).

use std::time::Duration;

/// Reports that the daemon serves.
pub fn ready() {
    notify(&[Message::Ready]);
}

/// Reports that the daemon is alive; due every [`watchdog_interval`].
pub fn watchdog() {
    notify(&[Message::Watchdog]);
}

/// Reports that the daemon ends.
pub fn stopping() {
    notify(&[Message::Stopping]);
}

/// Returns the time between calls of [`watchdog`]: half the time after which systemd restarts the daemon. None without a
/// watchdog.
pub fn watchdog_interval() -> Option<Duration> {
    watchdog_timeout().map(|timeout| timeout / 2)
}

#[cfg(unix)]
use sd_notify::NotifyState as Message;

#[cfg(unix)]
fn notify(messages: &[Message<'_>]) {
    if let Err(error) = sd_notify::notify(messages) {
        tracing::warn!(%error, "the service manager does not listen");
    }
}

#[cfg(unix)]
fn watchdog_timeout() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

#[cfg(not(unix))]
enum Message {
    Ready,
    Watchdog,
    Stopping,
}

#[cfg(not(unix))]
fn notify(_: &[Message]) {}

#[cfg(not(unix))]
fn watchdog_timeout() -> Option<Duration> {
    None
}
