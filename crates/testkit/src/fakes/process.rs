//! Child processes that end with the test that started them: when it returns, when it panics, and when it is killed.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus};
use std::time::{Duration, Instant};

/// Pause between two looks at whether a process has ended.
const POLL: Duration = Duration::from_millis(5);

/// A running process that leads a process group; dropping this value kills the whole group.
#[derive(Debug)]
pub struct ChildProcess {
    child: Child,
}

/// Returns a command that runs `program`.
///
/// On Linux, the kernel kills the process when the thread that started it ends. The process therefore also dies with a
/// test that is aborted or killed, and it must not be started by a thread that ends earlier than its user. The program
/// `setpriv` asks the kernel for this and then becomes `program`, with the same process id. Without `setpriv`, only the
/// process group is killed.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    #[cfg(target_os = "linux")]
    if has_setpriv() {
        let mut command = Command::new("setpriv");
        command.args(DIE_WITH_PARENT).arg(program);
        return command;
    }
    Command::new(program)
}

#[cfg(target_os = "linux")]
const DIE_WITH_PARENT: [&str; 3] = ["--pdeathsig", "KILL", "--"];

#[cfg(target_os = "linux")]
fn has_setpriv() -> bool {
    use std::process::Stdio;
    use std::sync::OnceLock;

    static HAS_SETPRIV: OnceLock<bool> = OnceLock::new();
    *HAS_SETPRIV.get_or_init(|| {
        let mut probe = Command::new("setpriv");
        probe.args(DIE_WITH_PARENT).arg("true").stdin(Stdio::null());
        let status = probe.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    })
}

impl ChildProcess {
    /// Starts `command` as the leader of a new process group.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command.spawn()?;
        Ok(Self { child })
    }

    /// Takes the standard input, if it was piped and not taken before.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Takes the standard output, if it was piped and not taken before.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Returns the exit status if the process has ended.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Waits until the process ends by itself, but no longer than `limit`.
    pub fn wait(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            match self.try_wait()? {
                Some(status) => return Ok(status),
                None if Instant::now() >= deadline => return Err(ErrorKind::TimedOut.into()),
                None => std::thread::sleep(POLL),
            }
        }
    }

    /// Sends SIGTERM, as a service manager does to stop a service.
    #[cfg(unix)]
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(rustix::process::Signal::TERM)
    }

    /// Sends SIGINT, as a terminal does at Ctrl-C.
    #[cfg(unix)]
    pub fn interrupt(&self) -> io::Result<()> {
        self.signal(rustix::process::Signal::INT)
    }

    /// Sends SIGHUP, as a terminal does when it closes.
    #[cfg(unix)]
    pub fn hang_up(&self) -> io::Result<()> {
        self.signal(rustix::process::Signal::HUP)
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) -> io::Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        Ok(rustix::process::kill_process(pid, signal)?)
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        // The id of the group stays taken until `wait` has collected its leader: no stranger can be hit.
        #[cfg(unix)]
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let group = rustix::process::Pid::from_child(&self.child);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
