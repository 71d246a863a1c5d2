//! The program that Windows starts at login: starts `vibesync service run` without a window, and again after a crash.
//!
//! It has no output of its own: the log of the service tells what happens. It works on every system, for tests.

#![cfg_attr(windows, windows_subsystem = "windows")]

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use vibesync::supervisor::backoff::{STEADY, pause};

fn main() -> ExitCode {
    let Ok(own) = std::env::current_exe() else {
        return ExitCode::FAILURE;
    };
    let name = format!("vibesync{}", std::env::consts::EXE_SUFFIX);
    let program = own.with_file_name(name);
    let mut failures = 0;
    loop {
        let started = Instant::now();
        if run(&program) {
            return ExitCode::SUCCESS;
        }
        failures = match started.elapsed() >= STEADY {
            true => 1,
            false => failures + 1,
        };
        std::thread::sleep(pause(failures));
    }
}

/// Runs the service. Returns true if it was stopped cleanly.
fn run(program: &Path) -> bool {
    let mut command = Command::new(program);
    command
        .args(["service", "run"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    hide(&mut command);
    command.status().is_ok_and(|status| status.success())
}

#[cfg(windows)]
fn hide(command: &mut Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NO_WINDOW);
}

#[cfg(not(windows))]
fn hide(_: &mut Command) {}
