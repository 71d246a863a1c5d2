//! The processes of a user of the service: their ends, and whether they run.

use serde_json::Value;

pub use system::Reaper;

/// Kills a process as a crash would end it.
pub fn kill(pid: &Value) {
    system::kill(number(pid));
}

/// Returns whether a process runs.
pub fn is_running(pid: &Value) -> bool {
    system::is_running(number(pid))
}

fn number(pid: &Value) -> u32 {
    u32::try_from(pid.as_u64().unwrap()).unwrap()
}

#[cfg(unix)]
mod system {
    use std::path::Path;
    use std::process::{Child, Command, Stdio};

    /// Kills all processes whose runtime folder is in the folder, once its input ends. So this also works if the test
    /// was killed: then the system closes the input.
    const SCRIPT: &str = r#"cat >/dev/null; for p in /proc/[0-9]*; do
case "$(tr '\0' '\n' 2>/dev/null <$p/environ)" in
*"VIBESYNC_RUNTIME_DIR=$FOLDER/"*) kill -9 "${p#/proc/}";; esac; done"#;

    /// Ends each process of a user when it is dropped.
    pub struct Reaper(Child);

    impl Reaper {
        pub fn new(home: &Path) -> Self {
            let mut shell = Command::new("sh");
            shell
                .args(["-c", SCRIPT])
                .env("FOLDER", home)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            Self(shell.spawn().unwrap())
        }
    }

    impl Drop for Reaper {
        fn drop(&mut self) {
            drop(self.0.stdin.take());
            let _ = self.0.wait();
        }
    }

    pub fn kill(pid: u32) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    }

    /// A zombie does not run.
    pub fn is_running(pid: u32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
        state.is_some_and(|state| !state.starts_with('Z'))
    }
}

#[cfg(windows)]
mod system {
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output, Stdio};
    use std::time::{Duration, Instant};

    use vibesync::platform::project::Project;
    use vibesync::platform::project_lock::{Holder, holder};
    use vibesync::supervisor::report::ServiceFiles;
    use vibesync_store::durable;

    /// Longest wait for the end of a supervisor.
    const STOP: Duration = Duration::from_secs(30);

    /// Ends each process of a user when it is dropped. A lock that is held tells that its process runs, so no stranger
    /// with the same id is hit.
    pub struct Reaper {
        home: PathBuf,
    }

    impl Reaper {
        pub fn new(home: &Path) -> Self {
            let home = home.to_owned();
            Self { home }
        }

        /// Asks the supervisor to stop: its starter would start a killed one again.
        fn stop_supervisor(&self) {
            let files = ServiceFiles::new(&self.home.join("run"));
            let deadline = Instant::now() + STOP;
            while let Ok(Some(report)) = files.running() {
                let pid = report.pid;
                let _ = durable::write_private(&files.stop_path(), pid.to_string().as_bytes());
                if Instant::now() >= deadline {
                    let _ = end(pid);
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    impl Drop for Reaper {
        fn drop(&mut self) {
            self.stop_supervisor();
            let folders = std::fs::read_dir(&self.home);
            for folder in folders.into_iter().flatten().flatten() {
                if let Ok(Holder::Taken(Some(pid))) = holder(&Project::new(folder.path())) {
                    let _ = end(pid);
                }
            }
        }
    }

    /// Ends a process by `TerminateProcess`, with exit code 1.
    fn end(pid: u32) -> std::io::Result<Output> {
        let mut command = Command::new("taskkill");
        let pid = pid.to_string();
        command.args(["/F", "/PID", &pid]).stdin(Stdio::null());
        command.output()
    }

    pub fn kill(pid: u32) {
        let output = end(pid).unwrap();
        assert!(output.status.success(), "{output:?}");
    }

    pub fn is_running(pid: u32) -> bool {
        let mut command = Command::new("tasklist");
        let filter = format!("PID eq {pid}");
        command.args(["/FI", &filter, "/FO", "CSV", "/NH"]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let listed = String::from_utf8_lossy(&output.stdout).into_owned();
        listed.contains(&format!("\"{pid}\""))
    }
}
