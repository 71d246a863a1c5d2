//! The Windows daemon under Wine, killed again and again under the load of editors outside of Wine.
//!
//! `scripts/test-windows kills` builds the daemon and runs this. Half of the kills are a TerminateProcess by another
//! program under Wine, half a SIGKILL of the process. Then the daemon starts again on the same project.

#![allow(
    clippy::print_stdout,
    reason = "the numbers are the result of a run by hand"
)]

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vibesync_scene::Role;
use vibesync_testkit::{ChildProcess, Daemon, Random};

use crate::harness::{create, moved};
use crate::project::is_announced;
use crate::scenario::state::State;
use crate::scenario::{EditorPair, OBJECTS, at, create_triangle, object};

/// The program for Windows, as a path inside of the root.
const PROGRAM: &str = "VIBESYNC_WINDOWS_PROGRAM";
/// The number of kills.
const KILLS: &str = "VIBESYNC_WINE_KILLS";

/// Runs a command in the root that `scripts/setup-windows` has made.
fn inside(args: &[&str]) -> Command {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut command = Command::new(format!("{root}/tests/windows/enter"));
    command.arg("--inside").args(args).stdin(Stdio::null());
    command
}

fn start(program: &str, state: &State) -> io::Result<Daemon> {
    let in_wine = |path: PathBuf| format!("Z:{}", path.display().to_string().replace('/', "\\"));
    let (root, runtime) = (in_wine(state.project.root()), state.project.runtime());
    let command = inside(&["wine", program, "run", "--project", &root]);
    let environment = [("VIBESYNC_RUNTIME_DIR", PathBuf::from(in_wine(runtime)))];
    state.project.spawn_under_wine(command, &environment)
}

/// Keeps Wine and its services running between two daemons; they would take seconds to start each time.
fn keep_wine() -> ChildProcess {
    let wait = ["wine", "ping", "-n", "100000", "127.0.0.1"];
    ChildProcess::spawn(inside(&wait).stdout(Stdio::null()).stderr(Stdio::null())).unwrap()
}

/// Ends the daemon from inside of Wine, or with it.
fn kill(daemon: Daemon, from_inside: bool) {
    if !from_inside {
        return daemon.kill();
    }
    let pid = daemon.discovery().pid.to_string();
    let mut end = inside(&["wine", "taskkill", "/f", "/pid", &pid]);
    let ended = end.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(ended.unwrap().success());
    daemon.wait().unwrap();
}

/// Edits in both editors, several intents at once, until the connection ends.
fn work(pair: &mut EditorPair, random: &mut Random) -> io::Result<()> {
    loop {
        for _ in 0..random.up_to(3) {
            // Each editor has objects of its own: this is about loss, not about conflicts.
            let side = random.up_to(1);
            let n = OBJECTS.start + u32::try_from(2 * random.up_to(19) + side).unwrap();
            let height = f64::from(u32::try_from(random.up_to(1_000_000)).unwrap());
            let [blender, unity] = pair.sessions()?;
            let editor = if side == 0 { blender } else { unity };
            let sent = editor.edit(vec![moved(object(n), at(n, height))]);
            // An intent that could not be sent waits in the editor.
            let waiting = editor.editor.outbox.last().map(|it| it.operation_id.0);
            pair.sent.extend(waiting);
            sent?;
        }
        for session in pair.sessions()? {
            session.linger(Duration::from_millis(2))?;
        }
    }
}

/// Creates what the editors work with.
fn create_all(pair: &mut EditorPair) {
    let all = OBJECTS.map(|n| create(object(n), at(n, 0.0)));
    pair.edit(Role::Blender, all.collect()).unwrap();
    let blender = pair.blender.as_mut().unwrap();
    let triangle = create_triangle(&mut blender.editor);
    pair.edit(Role::Blender, vec![triangle]).unwrap();
}

/// Passes at once, unless `scripts/test-windows` asks for it.
#[test]
fn killed_windows_daemon_loses_nothing() {
    let Ok(program) = std::env::var(PROGRAM) else {
        return;
    };
    let kills = std::env::var(KILLS).map_or(50, |number| number.parse().unwrap());
    let mut random = Random::new(u64::from(std::process::id()));
    let _wine = keep_wine();
    let (mut state, mut sent) = (State::new(), 0);
    let begin = Instant::now();
    for number in 0..kills {
        let daemon = start(&program, &state).unwrap();
        let mut pair = state.join(&daemon).unwrap();
        if number == 0 {
            create_all(&mut pair);
        }
        let pause = Duration::from_millis(20 + random.up_to(700) as u64);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(pause);
                kill(daemon, number % 2 == 0);
                let runtime = state.project.runtime();
                assert!(is_announced(&runtime), "a kill is no clean stop");
            });
            work(&mut pair, &mut random).unwrap_err();
        });
        sent += pair.sent.len();
        state.detach(pair);
    }
    let daemon = start(&program, &state).unwrap();
    let mut pair = state.join(&daemon).unwrap();
    state.settle(&mut pair).unwrap();
    state.detach(pair);
    assert!(daemon.stop_by_message("done").unwrap().success());
    let checked = state.check_agreement();
    println!(
        "{kills} kills, {sent} changes sent, {} of them acknowledged before a kill, {:.0} s: {}",
        state.acknowledged(),
        begin.elapsed().as_secs_f64(),
        checked.as_ref().err().map_or("nothing lost", |it| it)
    );
    checked.unwrap();
}
