//! The arguments of `vibesync backup`, `vibesync restore` and `vibesync recover`.

use std::path::PathBuf;

use vibesync_store::recover::SourceName;

/// `vibesync backup`
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// File to write; replaces an older backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `vibesync restore`
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// File that `vibesync backup` wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Reason, for the log
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Name of the person [default: the user name]
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
}

/// `vibesync recover`
#[derive(Debug, clap::Args)]
pub struct RecoverArgs {
    /// Only show what each witness holds, and the newest commits of the audit; changes nothing
    #[arg(long, conflicts_with = "yes")]
    pub list: bool,
    /// Witness to recover from: log, checkpoint[:SEQ], registry or audit[:COMMIT] [default: the one with most]
    #[arg(long, value_name = "WITNESS")]
    pub from: Option<SourceName>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Reason, for the log [default: the damage that was found]
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Name of the person [default: the user name]
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// Print JSON; only with --list
    #[arg(long, requires = "list")]
    pub json: bool,
}
