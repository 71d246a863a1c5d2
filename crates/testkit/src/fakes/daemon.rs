//! Starts the real daemon as a child process, with a project, a home and a runtime folder of its own.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::{Duration, Instant};

use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::Discovery;

use crate::fakes::process::{ChildProcess, command};

/// Longest wait for the discovery file of a daemon that was started.
const START: Duration = Duration::from_secs(120);

/// Longest wait for the end of a daemon that was asked to stop.
#[cfg(unix)]
const STOP: Duration = Duration::from_secs(60);

/// A running daemon. Dropping this value kills the daemon, as a crash would end it.
#[derive(Debug)]
pub struct Daemon {
    process: ChildProcess,
    discovery: Discovery,
    token: Token,
}

impl Daemon {
    /// Starts `program` on `folder/project` and waits for its discovery file. The runtime folder and the home are
    /// inside `folder` too. Settings belong into `folder/project/.vibesync/vibesync.toml` before the start.
    pub fn start(program: &Path, folder: &Path) -> io::Result<Self> {
        Self::start_in(program, folder, &[])
    }

    /// Does the same as [`Daemon::start`], with additional environment variables.
    pub fn start_in(
        program: &Path,
        folder: &Path,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Self> {
        let (project, runtime) = (folder.join("project"), folder.join("run"));
        fs::create_dir_all(&project)?;
        let errors = folder.join("daemon.err");
        let mut command = command(program);
        command
            .arg("run")
            .arg("--project")
            .arg(&project)
            .env("VIBESYNC_RUNTIME_DIR", &runtime)
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env_remove("NOTIFY_SOCKET")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&errors)?);
        let mut process = ChildProcess::spawn(&mut command)?;
        let discovery = wait_for_discovery(&mut process, &runtime, &errors)?;
        let secret = fs::read_to_string(&discovery.token_path)?;
        let token = Token::parse(&secret).ok_or_else(|| Error::other("the token is no token"))?;
        Ok(Self {
            process,
            discovery,
            token,
        })
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends SIGTERM, as a service manager does, and waits until the daemon has ended, up to a minute.
    #[cfg(unix)]
    pub fn stop(self) -> io::Result<ExitStatus> {
        self.process.terminate()?;
        self.wait()
    }

    /// Sends SIGHUP, as a terminal does when it closes, and waits until the daemon has ended, up to a minute.
    #[cfg(unix)]
    pub fn hang_up(self) -> io::Result<ExitStatus> {
        self.process.hang_up()?;
        self.wait()
    }

    /// Waits until the daemon ends by itself, up to a minute.
    #[cfg(unix)]
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        self.process.wait(STOP)
    }

    /// Kills the daemon, as a crash would end it.
    pub fn kill(self) {}

    /// Returns the content of the discovery file.
    pub fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    /// Returns the token of the user that the daemon runs for.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Returns the address on which the daemon listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let host = self.discovery.host.parse().map_err(Error::other)?;
        Ok(SocketAddr::new(host, self.discovery.port))
    }
}

/// Waits until a discovery file names the process.
fn wait_for_discovery(
    process: &mut ChildProcess,
    runtime: &Path,
    errors: &Path,
) -> io::Result<Discovery> {
    let deadline = Instant::now() + START;
    loop {
        // A file that a killed predecessor left behind names another process.
        let pid = process.id();
        if let Some(found) = discoveries(runtime)?.find(|found| found.pid == pid) {
            return Ok(found);
        }
        if process.try_wait()?.is_some() || Instant::now() >= deadline {
            let errors = fs::read_to_string(errors).unwrap_or_default();
            return Err(Error::other(format!("the daemon did not start: {errors}")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reads the discovery files in the runtime folder; skips files that are not complete.
fn discoveries(runtime: &Path) -> io::Result<impl Iterator<Item = Discovery>> {
    let entries = match fs::read_dir(runtime) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    let paths = entries.into_iter().flatten().flatten().map(|it| it.path());
    let files = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
    Ok(files.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()))
}
