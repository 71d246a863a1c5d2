//! Measures the costs of the program beside those of the disk, the network and other programs for the same bytes.
//!
//! `vibesync-bench [SECTION...]` measures the `vibesync` program beside it and prints one JSON object a line. All
//! numbers come from one run, on one file system, under one load. A missed bar is reported and is no failure; a
//! section that breaks off is one. `scripts/bench` runs this program and the measurements that need a real Blender.

mod agents;
mod audit;
mod footprint;
mod graphs;
mod growth;
mod harness;
mod image;
mod latency;
mod limits;
mod live;
mod load;
mod log;
mod machine;
mod mesh;
mod peer;
mod process;
mod recovery;
mod report;
mod scale;
mod scene;
mod throughput;

use std::io;
use std::process::ExitCode;
use std::time::Instant;

use harness::{Fallible, Harness};
use report::Report;

type Section = (&'static str, fn(&Harness, &mut Report) -> Fallible);

const SECTIONS: &[Section] = &[
    ("machine", machine::run),
    ("latency", latency::run),
    ("throughput", throughput::run),
    ("mesh", mesh::run),
    ("image", image::run),
    ("recovery", recovery::run),
    ("scale", scale::run),
    ("footprint", footprint::run),
    ("audit", audit::run),
    ("growth", growth::run),
    ("graphs", graphs::run),
    ("agents", agents::run),
    ("live", live::run),
];

fn main() -> Fallible<ExitCode> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let known = |name: &String| SECTIONS.iter().any(|(known, _)| known == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let known: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        return Err(format!("no section {unknown:?}; there are {}", known.join(", ")).into());
    }
    let program = std::env::current_exe()?.with_file_name(daemon_name());
    let harness = Harness { program };
    let mut failed = false;
    for (name, run) in SECTIONS {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut report = Report::new(name, io::stdout());
        let begin = Instant::now();
        report.fact("load_average", machine::load_average())?;
        if let Err(error) = run(&harness, &mut report) {
            report.fact("broken_off", Some(error.to_string()))?;
            failed = true;
        }
        report.value("section_took", begin.elapsed().as_secs_f64(), "s")?;
    }
    Ok(ExitCode::from(u8::from(failed)))
}

fn daemon_name() -> &'static str {
    if cfg!(windows) {
        "vibesync.exe"
    } else {
        "vibesync"
    }
}
