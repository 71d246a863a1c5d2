//! Starts `vibesync mcp` until it has answered `tools/list`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::LargeScene;
use super::server::{Server, command};
use crate::harness::{Fallible, Harness};
use crate::process;
use crate::report::{Bar, Report, Samples};

const ROUNDS: usize = 20;

const STARTED: Bar = Bar::AtMost(100.0);
const MEMORY: Bar = Bar::AtMost(25.0);

pub fn run(harness: &Harness, scene: &LargeScene, report: &mut Report) -> Fallible {
    let folder = scene.folder.path();
    let [mut bare, mut started, mut memory]: [Samples; 3] = Default::default();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        // It prints its usage and ends.
        let mut process = command(harness, folder, &["--help"]);
        process.stdout(Stdio::null()).status()?;
        bare.push(milliseconds(begin));
        let begin = Instant::now();
        let mut server = Server::start(harness, folder)?;
        let (_, list) = server.request("tools/list", &json!({}))?;
        started.push(milliseconds(begin));
        // Without numbers from the system, the bar is not met.
        memory.push(process::resident(server.pid()).unwrap_or(f64::NAN));
        bytes = list.len();
    }
    report.value("process_start", bare.p50(), "ms")?;
    report.bound("start_to_tools_list", started.p50(), "ms", STARTED)?;
    report.bound("server_memory", memory.p50(), "MB", MEMORY)?;
    report.value("tools_list", bytes as f64, "bytes")?;
    Ok(())
}

/// Returns the time since then.
pub fn milliseconds(begin: Instant) -> f64 {
    in_milliseconds(begin.elapsed())
}

/// Returns the milliseconds of a duration.
pub fn in_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
