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
    /// The arguments do not fit the project.
    Usage(WrongUsage),
    /// The output could not be written.
    Output(std::io::Error),
}

/// Arguments that do not fit the project, such as a sequence beyond the end of the log.
#[derive(Debug, PartialEq, Eq)]
pub struct WrongUsage {
    /// One sentence, perhaps with lines below it.
    pub message: String,
    /// A sentence that says how to call the command.
    pub help: String,
}

impl WrongUsage {
    /// Creates the failure.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

impl Failure {
    /// Formats the failure for the terminal: the error, its location and the remedy.
    pub fn report(&self) -> String {
        match self {
            Failure::Coded(error) => format!("error {error}\n  {}", error.help()),
            Failure::Usage(WrongUsage { message, help }) => format!("error: {message}\n  {help}"),
            Failure::Output(error) => format!("error: cannot write the output: {error}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Coded(error)
    }
}

impl From<WrongUsage> for Failure {
    fn from(usage: WrongUsage) -> Self {
        Failure::Usage(usage)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Output(error)
    }
}
