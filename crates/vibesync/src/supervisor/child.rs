//! Starts the daemon of a project as a process of its own, which does not end with the supervisor.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::problem::Problem;
use crate::platform::kept_handles::keep_streams;

/// Part of the output that is searched for an error, in bytes.
const TAIL: u64 = 16_384;

/// Starts `program` for the project in `root`, with its errors in the file `errors`. Calls `ended` in another thread
/// when the process has ended. Returns the process id.
pub fn start(
    program: &Path,
    root: &Path,
    errors: &Path,
    ended: impl FnOnce(Option<Problem>) + Send + 'static,
) -> io::Result<u32> {
    if let Some(folder) = errors.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut command = Command::new(program);
    command
        .arg("--project")
        .arg(root)
        .args(["run", "--stop-when-idle", "--quiet"])
        // The service manager watches the supervisor alone.
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_USEC")
        .env_remove("WATCHDOG_PID")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        // No pipe: it would break when the supervisor ends.
        .stderr(File::create(errors)?);
    detach(&mut command);
    keep_streams();
    let mut child = command.spawn()?;
    let pid = child.id();
    let errors = errors.to_owned();
    let wait = move || {
        let status = child.wait();
        ended(problem(status, &errors));
    };
    std::thread::Builder::new()
        .name("child".into())
        .spawn(wait)?;
    Ok(pid)
}

/// Keeps signals of a terminal away from the process.
#[cfg(unix)]
fn detach(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// Keeps signals of a console away from the process, and does not open a window for it.
#[cfg(windows)]
fn detach(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let flags = CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW;
    std::os::windows::process::CommandExt::creation_flags(command, flags);
}

/// Returns the reason why the daemon has ended; none if it ended as it should.
fn problem(status: io::Result<ExitStatus>, errors: &Path) -> Option<Problem> {
    let status = match status {
        Ok(status) if status.success() => return None,
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    let found = Problem::from_output(&tail(errors).unwrap_or_default());
    Some(found.unwrap_or_else(|| Problem::uncoded(format!("the daemon ended: {status}"))))
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    /// Runs a script in place of the daemon. Returns its problem.
    fn run(script: &str) -> Option<Problem> {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("daemon");
        let text = format!("#!/bin/sh\n{script}\n");
        vibesync_store::durable::write(&program, text.as_bytes()).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (sender, ended) = mpsc::sync_channel(1);
        let errors = folder.path().join("log/errors");
        start(&program, folder.path(), &errors, move |problem| {
            sender.send(problem).unwrap();
        })
        .unwrap();
        ended.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    #[test]
    fn end_of_the_daemon_is_explained() {
        assert_eq!(run("exit 0"), None);
        assert_eq!(run("echo 'error VS-5003: x' >&2; exit 0"), None);
        let coded = run("echo 'error VS-5003: the disk is full (/p)' >&2; exit 1").unwrap();
        assert_eq!(coded.to_string(), "VS-5003: the disk is full (/p)");
        let killed = run("kill -9 $$").unwrap();
        assert!(killed.code.is_none() && killed.message.contains('9'));
    }

    #[test]
    fn flood_of_errors_is_read_at_its_end() {
        let flood = "head -c 3000000 /dev/zero | tr '\\0' 'x' >&2";
        let last = "echo >&2; echo 'error VS-5001: last' >&2; exit 1";
        let problem = run(&format!("{flood}; {last}")).unwrap();
        assert_eq!(problem.to_string(), "VS-5001: last");
    }
}
