//! Starts the real daemon as a child process, with a project, a home and a runtime folder of its own.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::Discovery;

use crate::fakes::process::{ChildProcess, command};

/// Longest wait for the discovery file of a daemon that was started.
const START: Duration = Duration::from_secs(120);

/// Longest wait for the end of a daemon that was asked to stop.
pub(super) const STOP: Duration = Duration::from_secs(60);

/// The file in the folder of a daemon that gets its standard error.
const ERRORS: &str = "daemon.err";

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
        let mut command = command(program);
        command
            .arg("run")
            .arg("--project")
            .arg(folder.join("project"));
        Self::spawn(command, folder, environment)
    }

    /// Does the same with any command that serves `folder/project`.
    pub fn spawn(
        mut command: Command,
        folder: &Path,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Self> {
        let mut process = launch(&mut command, folder, environment)?;
        // A file that a killed predecessor left behind names another process.
        let pid = process.id();
        let discovery = wait_for_discovery(&mut process, folder, |found| found.pid == pid)?;
        let token = discovery.token_path.clone();
        Self::new(process, discovery, &token)
    }

    /// Does the same with a daemon under Wine. Process ids and paths are others there than here.
    pub fn spawn_under_wine(
        mut command: Command,
        folder: &Path,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Self> {
        for left in announcements(folder)? {
            fs::remove_file(left)?;
        }
        let mut process = launch(&mut command, folder, environment)?;
        let discovery = wait_for_discovery(&mut process, folder, |_| true)?;
        Self::new(process, discovery, &folder.join("run/token"))
    }

    fn new(process: ChildProcess, discovery: Discovery, token: &Path) -> io::Result<Self> {
        let secret = fs::read_to_string(token)?;
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

/// Starts a daemon in `folder`, with everything of its user there.
fn launch(
    command: &mut Command,
    folder: &Path,
    environment: &[(&str, PathBuf)],
) -> io::Result<ChildProcess> {
    fs::create_dir_all(folder.join("project"))?;
    run_as_its_user(command, folder)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join(ERRORS))?);
    ChildProcess::spawn(command)
}

/// Gives a command the environment of the user whose daemon serves `folder/project`.
pub fn run_as_its_user<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    let config = folder.join("config");
    command
        .env("VIBESYNC_RUNTIME_DIR", folder.join("run"))
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", &config)
        .env("APPDATA", &config)
        .env("LOCALAPPDATA", folder.join("local"))
        .env("USERPROFILE", folder)
        .env_remove("NOTIFY_SOCKET")
}

/// Waits until there is a discovery file of the process.
fn wait_for_discovery(
    process: &mut ChildProcess,
    folder: &Path,
    is_its: impl Fn(&Discovery) -> bool,
) -> io::Result<Discovery> {
    let deadline = Instant::now() + START;
    loop {
        let files = announcements(folder)?.into_iter();
        // A file may be gone by now, or not complete.
        let mut found = files.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok());
        if let Some(found) = found.find(&is_its) {
            return Ok(found);
        }
        if process.try_wait()?.is_some() || Instant::now() >= deadline {
            let errors = fs::read_to_string(folder.join(ERRORS)).unwrap_or_default();
            return Err(Error::other(format!("the daemon did not start: {errors}")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lists the discovery files in the runtime folder.
fn announcements(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder.join("run")) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.flatten().map(|it| it.path());
    let is_json = |path: &PathBuf| path.extension().is_some_and(|it| it == "json");
    Ok(paths.filter(is_json).collect())
}
