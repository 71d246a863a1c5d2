//! The result of a command: an exit status or a failure.

use crate::error::Error;

/// The result of a command.
pub type CommandResult = Result<ExitStatus, Failure>;

/// The exit status of a command that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// No problem was found.
    Ok,
    /// The command worked and found a problem, for example a difference.
    ProblemFound,
}

/// The reason why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// An error with a code.
    Coded(Error),
    /// The output could not be written.
    Output(std::io::Error),
}

impl Failure {
    /// Formats the failure for the terminal: the error, its location and the remedy.
    pub fn report(&self) -> String {
        match self {
            Failure::Coded(error) => format!("error {error}\n  {}", error.help()),
            Failure::Output(error) => format!("error: cannot write the output: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Coded(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Output(error)
    }
}
