//! A project in a temporary folder, with its own home, settings and runtime folder.

use std::io::{self, BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Output, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use vibesync_scene::RecordBody;
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Options, Wal};
use vibesync_testkit::{ChildProcess, Daemon};

/// Settings in which agents may work.
pub const AGENTS_WORK: &str = "[agents]\nmode = \"work\"\n";

/// Process id in the records that [`TestProject::write_log`] writes.
const PROCESS: u32 = 4711;

pub struct TestProject {
    folder: TempDir,
}

impl TestProject {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("project/.vibesync")).unwrap();
        Self { folder }
    }

    /// Returns a project whose settings let agents work.
    pub fn with_working_agents() -> Self {
        let project = Self::new();
        project.file(".vibesync/vibesync.toml", AGENTS_WORK);
        project
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Copies the project and the files of its user into a new folder, but for the secret: on Windows a copy can be read
    /// by others.
    pub fn copied(&self) -> Self {
        let copy = Self::new();
        copy_folder(self.folder.path(), copy.folder.path());
        for secret in ["token", "agent-token"] {
            let _ = std::fs::remove_file(copy.runtime().join(secret));
        }
        copy
    }

    pub fn runtime(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    /// Writes a file below the project folder.
    pub fn file(&self, name: &str, content: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        vibesync_store::durable::write(&path, content.as_bytes()).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = vibesync_testkit::process::command(env!("CARGO_BIN_EXE_vibesync"));
        let user = self.folder.path();
        command
            .args(args)
            .current_dir(self.root())
            .env("VIBESYNC_RUNTIME_DIR", self.runtime())
            .env("XDG_CONFIG_HOME", user.join("config"))
            .env("HOME", user)
            .env("APPDATA", user.join("config"))
            .env("LOCALAPPDATA", user.join("local"))
            .env("USERPROFILE", user)
            .env_remove("NOTIFY_SOCKET")
            .env_remove("CLAUDE_CONFIG_DIR")
            .env_remove("CODEX_HOME")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command in a terminal of 80 columns, and types `input` there. The lines of the output end with a line feed.
    #[cfg(target_os = "linux")]
    pub fn run_in_terminal(&self, args: &[&str], input: &str) -> CommandOutput {
        let command = self.command(args);
        let program = std::iter::once(command.get_program()).chain(command.get_args());
        let words = program.map(|word| format!("'{}'", word.to_str().unwrap()));
        let words = words.collect::<Vec<_>>().join(" ");
        let line = format!("stty cols 80 rows 24 -echo && exec {words}");
        let mut terminal = Command::new("script");
        let variables = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        terminal
            .args(["-qec", &line, "/dev/null"])
            .envs(variables)
            .current_dir(self.root())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut running = terminal.spawn().unwrap();
        let mut typed = running.stdin.take().unwrap();
        std::io::Write::write_all(&mut typed, input.as_bytes()).unwrap();
        let mut ran = CommandOutput::from(running.wait_with_output().unwrap(), self.folder.path());
        ran.out = ran.out.replace("\r\n", "\n");
        ran
    }

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::from(self.command(args).output().unwrap(), self.folder.path())
    }

    /// Runs a command with additional environment variables.
    #[cfg(target_os = "linux")]
    pub fn run_with(&self, args: &[&str], environment: &[(&str, PathBuf)]) -> CommandOutput {
        let mut command = self.command(args);
        command.envs(environment.iter().map(|(name, value)| (name, value)));
        CommandOutput::from(command.output().unwrap(), self.folder.path())
    }

    /// Appends records to the log, a millisecond apart.
    pub fn write_log(&self, records: &[RecordBody]) {
        self.write_segments(records, u64::MAX);
    }

    /// Does the same, in segments of at most `segment_bytes`.
    pub fn write_segments(&self, records: &[RecordBody], segment_bytes: u64) {
        let options = Options {
            process_id: PROCESS,
            segment_bytes,
            ..Options::new(self.root().join(".vibesync/wal"))
        };
        let (mut wal, _) = Wal::open(options, Arc::new(RealDisk), u64::MAX, &mut |_| {}).unwrap();
        for record in records {
            let milliseconds = wal.next_seq();
            let timestamp = format!("2026-01-02T03:04:05.{milliseconds:03}000Z");
            wal.append(std::slice::from_ref(record), &timestamp)
                .unwrap();
            wal.sync().unwrap();
        }
    }

    /// Reads the messages that the daemon logged, over all its runs.
    pub fn daemon_log(&self) -> String {
        let files = std::fs::read_dir(self.root().join(".vibesync/log")).unwrap();
        files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect()
    }

    /// Starts the daemon and waits until it has is_announced itself.
    pub fn start(&self) -> Daemon {
        self.start_with(&[]).unwrap()
    }

    /// Does the same with additional environment variables.
    pub fn start_with(&self, environment: &[(&str, PathBuf)]) -> io::Result<Daemon> {
        let program = Path::new(env!("CARGO_BIN_EXE_vibesync"));
        Daemon::start_in(program, self.folder.path(), environment)
    }

    /// Does the same with a command that serves the project.
    pub fn spawn(&self, command: Command, environment: &[(&str, PathBuf)]) -> io::Result<Daemon> {
        Daemon::spawn(command, self.folder.path(), environment)
    }

    /// Does the same with a command that serves the project under Wine.
    #[cfg(target_os = "linux")]
    pub fn spawn_under_wine(
        &self,
        command: Command,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Daemon> {
        Daemon::spawn_under_wine(command, self.folder.path(), environment)
    }

    /// Starts a command that goes on until it is stopped, and reads its output line by line.
    pub fn follow(&self, args: &[&str]) -> FollowedCommand {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = ChildProcess::spawn(&mut command).unwrap();
        let lines = BufReader::new(process.take_stdout().unwrap()).lines();
        FollowedCommand { process, lines }
    }
}

/// A running command and the lines that it prints.
#[cfg_attr(windows, allow(dead_code, reason = "only signals of Unix need it"))]
pub struct FollowedCommand {
    pub process: ChildProcess,
    lines: Lines<BufReader<ChildStdout>>,
}

impl FollowedCommand {
    /// Waits for the next line.
    pub fn next_line(&mut self) -> String {
        self.lines.next().expect("the command goes on").unwrap()
    }
}

/// Copies a folder recursively.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_folder(&path, &to),
            false => drop(std::fs::copy(&path, &to).unwrap()),
        }
    }
}

/// Returns whether the folder has a discovery file.
pub fn is_announced(runtime: &Path) -> bool {
    let files = std::fs::read_dir(runtime).into_iter().flatten().flatten();
    let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.any(|name| name.ends_with(".json") && !name.starts_with('.'))
}

/// Exit code and output of a command. The temporary folder is replaced by `~` in the output.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl CommandOutput {
    /// Runs a command. `folder` is replaced in its output.
    #[cfg(any(target_os = "linux", windows))]
    pub fn of(command: &mut Command, folder: &Path) -> Self {
        Self::from(command.output().unwrap(), folder)
    }

    fn from(output: Output, folder: &Path) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(folder.to_str().unwrap(), "~")
                .replace('\\', "/")
        };
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}
