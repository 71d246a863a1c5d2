//! Gives memory that was freed back to the system.
//!
//! The allocator of glibc keeps most of what a burst has freed, for good: 80 MB of 256 in a daemon with 100,000
//! entities. Other allocators return memory by themselves.

/// Returns freed memory of the heap to the system, on Linux with glibc; does nothing elsewhere. Threads that allocate
/// meanwhile may wait for it: call it at rest. Returns true if there was such memory.
pub fn release_unused() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code)]
    // SAFETY: the call has no conditions; any thread may make it at any time.
    let released = unsafe { libc::malloc_trim(0) } == 1;
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let released = false;
    released
}
