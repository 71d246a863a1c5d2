//! Describes the machine of a run, as far as the system tells.

use std::fs;
use std::path::Path;

use crate::harness::{Fallible, Harness};
use crate::report::Report;

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let cores = std::thread::available_parallelism();
    report.fact("cores", cores.ok().map(|cores| cores.to_string()))?;
    report.fact("processor", processor())?;
    report.fact("kernel", line("/proc/sys/kernel/osrelease"))?;
    report.fact("file_system", file_system(harness.folder()?.path()))?;
    Ok(())
}

/// Returns the load average over the last 1, 5 and 15 minutes: other programs disturb the measurements.
pub fn load_average() -> Option<String> {
    line("/proc/loadavg")
}

fn line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let model = info.lines().find(|line| line.starts_with("model name"))?;
    Some(model.split_once(':')?.1.trim().to_owned())
}

/// Returns type and options of the mount that holds the folder.
fn file_system(folder: &Path) -> Option<String> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' '));
    let mounts = fields.filter_map(|mut fields| {
        let at = fields.nth(1)?;
        Some((at, fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(at, ..)| folder.starts_with(at));
    let (_, kind, options) = above.max_by_key(|(at, ..)| at.len())?;
    Some(format!("{kind} ({options})"))
}
