//! Ends the daemon at each operation of its disk in turn, on any system: create, append, sync, rename, remove.
//!
//! The daemon runs in this test program, which starts itself, and has a disk that ends the process. The kill matrix of
//! Linux counts all operations of the real program. This one counts those of log, checkpoints, bulk data and audit, and
//! runs on Windows too. The scenario and the checks after a kill are the same.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync::Settings;
use vibesync_testkit::{Daemon, DiskPoint, EndingDisk, Moment, process};

use crate::kill_points::{check_all, choose};
use crate::project::TestProject;
use crate::scenario::SCENARIO;
use crate::scenario::state::State;

/// Number of kill points in a normal test run.
const SAMPLE: usize = 30;
/// The folder that the daemon in this program serves.
const PROJECT: &str = "VIBESYNC_TEST_PROJECT";
/// The point at which it ends.
const END: &str = "VIBESYNC_TEST_END";
/// The file to which it writes the names of its operations.
const TRACE: &str = "VIBESYNC_TEST_TRACE";

/// Serves a project if one of the tests below asks for it; passes at once in all other cases.
#[test]
fn daemon_with_a_disk_that_ends_it() {
    let Some(project) = std::env::var_os(PROJECT) else {
        return;
    };
    let end = std::env::var(END).ok();
    let end = end.map(|text| DiskPoint::parse(&text).unwrap());
    let trace = std::env::var_os(TRACE).map(PathBuf::from);
    let disk = EndingDisk::new(end, trace.as_deref()).unwrap();
    let settings = Settings::load(project.into()).unwrap();
    vibesync::daemon::run_on(&settings, false, Arc::new(disk)).unwrap();
}

/// Starts this program as the daemon of the project.
fn start(project: &TestProject, environment: (&str, PathBuf)) -> io::Result<Daemon> {
    let mut command = process::command(std::env::current_exe()?);
    // Without capture, the reason why it did not start is on stderr.
    command.args([
        "--exact",
        "disk_kills::daemon_with_a_disk_that_ends_it",
        "--nocapture",
    ]);
    let environment = [(PROJECT, project.root()), environment];
    project.spawn(command, &environment)
}

/// The kill points of one step of the scenario.
#[derive(Clone)]
struct Point {
    step: usize,
    at: DiskPoint,
    /// The operation.
    operation: String,
}

fn describe(point: &Point) -> String {
    let Point {
        step,
        at,
        operation,
    } = point;
    format!(
        "killed at \"{operation}\", {at}, in \"{}\"",
        SCENARIO[*step].name
    )
}

/// Lists the kill points of the operations in a trace.
fn points_in(step: usize, trace: &Path) -> Vec<Point> {
    let text = std::fs::read_to_string(trace).unwrap();
    let operations = text.lines().zip(1..);
    let points = operations.flat_map(|(operation, nth)| {
        let moments: &[Moment] = match operation.starts_with("append ") {
            true => &[Moment::Before, Moment::Half, Moment::After],
            false => &[Moment::Before, Moment::After],
        };
        moments.iter().map(move |moment| Point {
            step,
            at: DiskPoint {
                nth,
                moment: *moment,
            },
            operation: operation.to_owned(),
        })
    });
    points.collect()
}

/// Runs the scenario once. Returns the state before each step, and all kill points.
fn record_points() -> (Vec<State>, Vec<Point>) {
    let mut states = vec![State::new()];
    let mut points = Vec::new();
    for (number, step) in SCENARIO.iter().enumerate() {
        let mut state = states[number].copied();
        let trace = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        let environment = (TRACE, trace.to_path_buf());
        state
            .play(step, |project| start(project, environment))
            .unwrap();
        points.extend(points_in(number, &trace));
        states.push(state);
    }
    (states, points)
}

#[test]
fn no_acknowledged_change_is_lost_at_any_disk_operation() {
    let (states, all) = record_points();
    let mut kinds = BTreeMap::<&str, usize>::new();
    for point in &all {
        let kind = point.operation.split(' ').next().unwrap_or_default();
        *kinds.entry(kind).or_default() += 1;
    }
    for kind in ["append", "create", "remove", "rename", "sync"] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
    let points = choose(all, SAMPLE, &describe);
    check_all(&points, &describe, |point| {
        let mut state = states[point.step].copied();
        let environment = (END, PathBuf::from(point.at.to_string()));
        let played = state.play(&SCENARIO[point.step], |project| start(project, environment));
        // The number of records in one append differs from run to run.
        (played.is_err(), state.check_recovery())
    });
}
