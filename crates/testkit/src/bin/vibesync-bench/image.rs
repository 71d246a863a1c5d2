//! Measures a plain copy of the bytes of an image over loopback plus their hash: a limit for the images of a real
//! Blender, which `scripts/bench scene` sends.

use crate::harness::{Fallible, Harness};
use crate::limits;
use crate::report::{Report, Samples};

/// About the size of a photo of 4096 x 4096 pixels as PNG.
const BYTES: usize = 32 << 20;
const ROUNDS: usize = 5;

pub fn run(_: &Harness, report: &mut Report) -> Fallible {
    // No two pages are the same.
    let bytes: Vec<u8> = (0..BYTES / 8)
        .flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
        .collect();
    let mut copied = Samples::default();
    for _ in 0..ROUNDS {
        let seconds = limits::copy_and_hash(&bytes)?.as_secs_f64();
        copied.push(BYTES as f64 / f64::from(1 << 20) / seconds);
    }
    report.value("copy_and_blake3", copied.p50(), "MiB/s")?;
    Ok(())
}
