//! Notices that the process of the client has ended, if it leaves the pipes open.

#[cfg(unix)]
use std::time::Duration;

/// Time between two looks.
#[cfg(unix)]
const INTERVAL: Duration = Duration::from_secs(1);

/// Waits until another process takes this one over, which happens when its parent ends.
#[cfg(unix)]
pub(super) async fn gone() {
    let parent = rustix::process::getppid();
    while rustix::process::getppid() == parent {
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Waits for ever: Windows closes the pipes when the last process that holds them ends.
#[cfg(not(unix))]
pub(super) async fn gone() {
    std::future::pending().await
}
