//! Freed blocks between used ones go back to the system.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

/// Returns the resident memory of this process in KiB.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
fn freed_blocks_between_used_ones_are_returned() {
    // Small blocks come from the heap, and every twentieth stays: the end of the heap never becomes free.
    let mut blocks: Vec<Option<Vec<u8>>> = (0..40_000).map(|_| Some(vec![1; 1_500])).collect();
    for (at, block) in blocks.iter_mut().enumerate() {
        if at % 20 != 0 {
            *block = None;
        }
    }
    let before = resident();
    assert!(vibesync_heap::release_unused());
    let returned = before.saturating_sub(resident());
    assert!(
        returned > 30_000,
        "{returned} KiB of 57,000 came back, {before} before"
    );
    assert_eq!(blocks.iter().flatten().count(), 2_000);
}
