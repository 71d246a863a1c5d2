//! VibeSync's daemon and command line.

use std::process::ExitCode;

use clap::Parser;
use vibesync::args::Args;
use vibesync::command::{self, Exit};

fn main() -> ExitCode {
    let args = Args::parse();
    match command::perform(&args, &mut std::io::stdout().lock()) {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Problem) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{}", error.report());
            ExitCode::FAILURE
        }
    }
}
