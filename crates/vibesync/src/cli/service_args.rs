//! The arguments of `vibesync projects` and `vibesync service`.

use std::path::PathBuf;

use clap::Subcommand;

/// `vibesync projects`
#[derive(Debug, Subcommand)]
pub enum ProjectsCommand {
    /// Let the service start the daemon of this project when an editor connects
    Add {
        /// Folder of the project [default: that of --project, or the one found from here]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Take a project from the list; its daemon is stopped if the service has started it
    Remove {
        /// Folder of the project; need not exist [default: that of --project, or the one found from here]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Print the projects of the service, one line each
    List {
        /// Print JSON, one line for each project
        #[arg(long)]
        json: bool,
    },
}

/// `vibesync service`
#[derive(Debug, Subcommand)]
pub enum ServiceCommand {
    /// Start the service now and at each login: a systemd user unit, a launchd agent, or a Run key
    Install {
        /// Print each file and each command, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Stop the service, and start it no more at login
    Remove {
        /// Print each file and each command, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Show whether the service is installed and runs, and its projects; exit code 1 if it does not run
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Be the service: start a daemon for each project when an editor asks, until Ctrl+C or SIGTERM
    Run,
}
