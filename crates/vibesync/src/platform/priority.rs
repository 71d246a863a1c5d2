//! The priority of threads that do work for which no client waits.

/// Nice value of such a thread. The threads that serve editors get three times its share of a busy processor.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Lowers the priority of this thread. Does nothing outside of Linux, where a thread has no priority of its own.
pub fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!("the thread keeps its priority: {error}");
    }
}
