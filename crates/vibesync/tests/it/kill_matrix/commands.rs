//! Kills `recover`, `restore` and `backup` at each of their file operations in turn. After each kill the project is as
//! before, or the next command or start finishes what was begun.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_scene::Role;
use vibesync_store::backup::Archive;
use vibesync_store::disk::RealDisk;
use vibesync_testkit::fault_injection::{FaultInjector, Point};
use vibesync_testkit::{EditorSession, FakeEditor};

use super::points_in;
use crate::harness::{TIMEOUT, moved};
use crate::kill_points::{check_all, choose};
use crate::project::TestProject;
use crate::recover::fixture::{Fixture, SEGMENTS, at, edit, join, object, wait_for_scene};

/// Number of kill points in a normal test run.
const SAMPLE: usize = 24;
/// The file of the backup, in the folder of the project.
const BACKUP: &str = "robot.tar";

/// A command that is killed, and the check after that.
struct Step {
    name: &'static str,
    args: &'static [&'static str],
    project: TestProject,
    /// The scene if the command has not happened, and if it has.
    scenes: [FakeEditor; 2],
    check: fn(&Step, &TestProject) -> Result<(), String>,
}

fn folder(project: &TestProject) -> PathBuf {
    project.root().parent().unwrap().to_owned()
}

fn run_successfully(project: &TestProject, args: &[&str]) -> Result<String, String> {
    let ran = project.run(args);
    match ran.code {
        Some(0) => Ok(ran.out),
        _ => Err(format!("{args:?}: {} {}", ran.out, ran.err)),
    }
}

/// Starts the daemon; an editor without a scene must get this one.
fn check_scene(project: &TestProject, expected: &FakeEditor) -> Result<(), String> {
    let daemon = project.start_with(&[]).map_err(|error| error.to_string())?;
    wait_for_scene(&mut join(&daemon, Role::Unity), expected);
    let stopped = daemon.stop().map_err(|error| error.to_string())?;
    if !stopped.success() {
        return Err(format!("a stop: {stopped}"));
    }
    run_successfully(project, &["registry", "verify"])?;
    run_successfully(project, &["log", "verify"])?;
    run_successfully(project, &["doctor"]).map(|_| ())
}

/// A damaged log, and the registry. The recovery brings everything back.
fn recover() -> Step {
    let fixture = Fixture::with(SEGMENTS, 2);
    fixture.damage_log();
    Step {
        name: "recover",
        args: &["recover", "--yes"],
        project: fixture.project,
        scenes: [fixture.blender.clone(), fixture.blender],
        check: |step, project| {
            match project.start_with(&[]) {
                Ok(daemon) => drop(daemon),
                Err(error) if error.to_string().contains("VS-5001") => {
                    run_successfully(project, step.args)?;
                }
                Err(error) => return Err(error.to_string()),
            }
            check_scene(project, &step.scenes[1])
        },
    }
}

/// A project, and a backup from before its last change.
fn restore() -> Step {
    let fixture = Fixture::with(SEGMENTS, 2);
    fixture.run(&["backup", BACKUP]);
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    edit(&mut blender, moved(object(1), at(-5.0)));
    let later = blender.editor.clone();
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    Step {
        name: "restore",
        args: &["restore", BACKUP, "--yes"],
        project: fixture.project,
        scenes: [later, fixture.blender],
        check: |step, project| {
            let daemon = project.start_with(&[]).map_err(|error| error.to_string())?;
            drop(daemon);
            let is_restored = project.run(&["log", "grep", "--phase", "recover"]).code == Some(0);
            check_scene(project, &step.scenes[usize::from(is_restored)])?;
            run_successfully(project, step.args)?;
            check_scene(project, &step.scenes[1])
        },
    }
}

/// A project with an older backup, which is replaced.
fn backup() -> Step {
    let fixture = Fixture::with(SEGMENTS, 2);
    fixture.run(&["backup", BACKUP]);
    Step {
        name: "backup",
        args: &["backup", BACKUP],
        project: fixture.project,
        scenes: [fixture.blender.clone(), fixture.blender],
        check: |step, project| {
            let archive = Archive::open(Arc::new(RealDisk), &project.root().join(BACKUP));
            let verified = archive.and_then(|archive| archive.verify());
            verified.map_err(|error| error.to_string())?;
            run_successfully(project, step.args)?;
            check_scene(project, &step.scenes[0])
        },
    }
}

#[test]
fn nothing_is_lost_when_a_recovery_or_backup_is_killed() {
    let build = tempfile::tempdir().unwrap();
    let injector = FaultInjector::build(build.path()).unwrap();
    let steps = [recover(), restore(), backup()];
    let mut all: Vec<(usize, Point)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let project = step.project.copied();
        let trace = tempfile::NamedTempFile::new().unwrap();
        let environment = injector.trace_to(&folder(&project), trace.path());
        let ran = project.run_with(step.args, &environment);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let points = points_in(trace.path());
        all.extend(points.into_iter().map(|point| (number, point)));
    }
    let describe =
        |(step, point): &(usize, Point)| format!("killed {point} in \"{}\"", steps[*step].name);
    let points = choose(all, SAMPLE, &describe);
    check_all(&points, &describe, |(step, point)| {
        let step = &steps[*step];
        let project = step.project.copied();
        let environment = injector.kill_at(&folder(&project), point);
        let reached = project.run_with(step.args, &environment).code.is_none();
        (reached, (step.check)(step, &project))
    });
}
