//! The arguments of the command line.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use vibesync_scene::{Code, EntityKind, Scope};

use super::agents_args::AgentsCommand;
use super::export::ExportArgs;
use super::filter::Filter;
use super::graph_args::GraphCommand;
use super::id_prefix::IdPrefix;
use super::import::ImportArgs;
use super::mcp_args::McpArgs;
use super::number::number;
use super::recovery_args::{BackupArgs, RecoverArgs, RestoreArgs};
use super::service_args::{ProjectsCommand, ServiceCommand};
use crate::error::Error;
use crate::platform::project;
use crate::version::WITH_COMMIT;

/// Keeps one scene identical in Blender and Unity.
///
/// Exit codes: 0 for success, 1 for a failure or a problem that was found, 2 for wrong usage.
#[derive(Debug, Parser)]
#[command(name = "vibesync", version = WITH_COMMIT, max_term_width = 100)]
pub struct Args {
    /// Folder of the project [default: the nearest folder at or above this one that has .vibesync, else this one]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Log more details
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// The command to run
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Returns the folder of the project. It exists and is absolute, because the daemon announces it to other processes.
    pub fn root(&self) -> Result<PathBuf, Error> {
        self.root_of(None)
    }

    /// Does the same, for a folder that the command itself names.
    pub fn root_of(&self, folder: Option<&Path>) -> Result<PathBuf, Error> {
        let named = folder.or(self.project.as_deref());
        let refused = |why: String| {
            let location = named.unwrap_or(".".as_ref()).display();
            let help = "Name the folder that holds your .blend file and your Unity project.";
            Error::new(Code::ConfigInvalid, location, why).with_help(help)
        };
        let here = || project::absolute(".".as_ref()).map(|here| project::find(&here));
        let root = named.map_or_else(here, project::absolute);
        let root = root.map_err(|error| refused(format!("the folder cannot be used: {error}")))?;
        if !root.is_dir() {
            let why = match root.exists() {
                true => "the project must be a folder, and this is a file",
                false => "there is no such folder",
            };
            return Err(refused(why.to_owned()));
        }
        Ok(root)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the project until Ctrl+C or SIGTERM
    Run(RunArgs),
    /// Stop the daemon of the project, and wait until it has ended
    Stop,
    /// Show connections, pending work and the last error
    Status {
        /// Update until Ctrl+C; prints a block for each change if the output is not a terminal
        #[arg(short, long)]
        watch: bool,
        /// Print JSON; with --watch, one line for each change
        #[arg(long)]
        json: bool,
    },
    /// Read the transaction log
    #[command(subcommand)]
    Log(LogCommand),
    /// Read the scene's history in .git_safety, and restore commits
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Write the scene into a glTF file, as it is or as it was at a commit; needs no daemon
    Export(ExportArgs),
    /// Add the scene of a glTF file to this one; needs a running daemon
    Import(ImportArgs),
    /// Read and check the registry: the index of all entities by uuid
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Show repeated failures, and allow new attempts
    #[command(subcommand)]
    Governance(GovernanceCommand),
    /// Show the AI agents, decide what each may do, and answer what they ask for
    Agents {
        /// The action [default: list]
        #[command(subcommand)]
        command: Option<AgentsCommand>,
    },
    /// Check, correct and draw geometry-node graphs, and look up nodes; needs no project
    #[command(subcommand)]
    Graph(GraphCommand),
    /// Serve AI agents over standard input and output, or over HTTP (Model Context Protocol); read-only
    ///
    /// An MCP client starts this command: `vibesync mcp --project DIR`. docs/agents.md says how to add it to one.
    Mcp(McpArgs),
    /// Show what keeps the stored bulk data, and remove what nothing keeps
    Blobs {
        /// The action [default: show]
        #[command(subcommand)]
        command: Option<BlobsCommand>,
        /// Print JSON
        #[arg(long, global = true)]
        json: bool,
    },
    /// Write all that the project needs into one file; the daemon may run meanwhile
    Backup(BackupArgs),
    /// Replace the project's files by those of a backup; stop the daemon first
    Restore(RestoreArgs),
    /// Begin a new log from the best copy of the scene that is left, after the log was damaged or lost; stop the daemon
    /// first
    Recover(RecoverArgs),
    /// Find problems, and print a remedy for each
    Doctor {
        /// Read all bulk data and check its content, not only its size
        #[arg(long)]
        deep: bool,
        /// Print JSON, one line for each check
        #[arg(long)]
        json: bool,
    },
    /// Show the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Choose the projects that the service starts
    #[command(subcommand)]
    Projects(ProjectsCommand),
    /// Start daemons by themselves: at login a small process, and a daemon when an editor connects
    #[command(subcommand)]
    Service(ServiceCommand),
}

/// `vibesync run`
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct RunArgs {
    /// End after the time `service.idle_minutes` without an editor or agent
    #[arg(long)]
    pub stop_when_idle: bool,
    /// Log to the files of the project alone
    #[arg(long)]
    pub quiet: bool,
}

/// `vibesync log`
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Print the newest records, one line each
    Tail {
        /// Number of records
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N", value_parser = number::<0, 1_000_000_000, u64>, allow_negative_numbers = true)]
        count: u64,
        /// Print new records until Ctrl+C
        #[arg(short, long)]
        follow: bool,
        /// Print full ids and times, however wide the terminal is; the default if the output is no terminal
        #[arg(long)]
        full: bool,
        /// Print the records as the log stores them
        #[arg(long)]
        json: bool,
    },
    /// Print the records that match a filter, one line each; exit code 1 if none matches
    Grep {
        /// Conditions that a record must meet
        #[command(flatten)]
        filter: Filter,
        /// Print new records until Ctrl+C
        #[arg(short, long)]
        follow: bool,
        /// Print full ids and times, however wide the terminal is; the default if the output is no terminal
        #[arg(long)]
        full: bool,
        /// Print the records as the log stores them
        #[arg(long)]
        json: bool,
    },
    /// Print all records of one operation, with its result
    Show {
        /// Id of an operation or its first digits, or the sequence of one of its records
        #[arg(value_name = "OPERATION_OR_SEQ", value_parser = record_ref)]
        record: RecordRef,
    },
    /// Rebuild the state from the log, and compare it with checkpoints and registry; exit code 1 if one differs
    ///
    /// With a filter, also prints the entities of the matching records as JSON lines.
    Replay {
        /// Stop after this record
        #[arg(long, value_name = "SEQ", value_parser = number::<1, { u64::MAX }, u64>, allow_negative_numbers = true)]
        seq: Option<u64>,
        /// Records whose entities are printed; `--until` also stops the replay
        #[command(flatten)]
        filter: Filter,
        /// Print all entities
        #[arg(long)]
        entities: bool,
        /// Print the summary as JSON
        #[arg(long)]
        json: bool,
    },
    /// Check the hash and the chain of every record
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// `vibesync audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print the newest commits
    Log {
        /// Number of commits
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N", value_parser = number::<1, 1_000_000_000, usize>, allow_negative_numbers = true)]
        count: usize,
        /// Print JSON, one line for each commit
        #[arg(long)]
        json: bool,
    },
    /// Print the differences between two commits, or between a commit and the current scene
    Diff {
        /// A commit by its first digits, or @SEQ for the newest one not after a log sequence
        #[arg(value_name = "FROM")]
        from: String,
        /// Another commit [default: the current scene]
        #[arg(value_name = "TO")]
        to: Option<String>,
        /// Print JSON, one line for each entity
        #[arg(long)]
        json: bool,
    },
    /// Restore a commit in both editors; exit code 1 if an editor could not apply it
    ///
    /// The running daemon applies it as one ordinary change: all or nothing, logged and verified. To undo it, restore the
    /// commit before it.
    Restore {
        /// A commit by its first digits, or @SEQ for the newest one not after a log sequence
        commit: String,
        /// Restore only this entity and the entities that it needs (uuid or first digits); may be given more than once
        #[arg(long = "uuid", value_name = "UUID")]
        uuids: Vec<IdPrefix>,
        /// Reason, for the log and the history
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Print the changes without making them
        #[arg(long)]
        dry_run: bool,
        /// Make the changes without a question
        #[arg(short, long)]
        yes: bool,
        /// Maximum time to wait for the editors, in seconds
        #[arg(long, default_value_t = 30, value_name = "SECONDS", value_parser = number::<0, 86_400, u64>, allow_negative_numbers = true)]
        wait: u64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// `vibesync governance`
#[derive(Debug, Subcommand)]
pub enum GovernanceCommand {
    /// List failures and the operations that they block; exit code 1 if one is blocked
    ///
    /// Many failures are counted by scope and code. Needs no daemon.
    Show {
        /// List each failure, however many there are
        #[arg(long)]
        all: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Allow new attempts; the log keeps the person and the reason
    Reset {
        /// Scope as `show` prints it: entity:UUID, content:DIGEST, operation:NAME, automation or safe-mode
        ///
        /// The first digits of a uuid or digest are enough.
        #[arg(value_parser = scope)]
        scope: ScopeRef,
        /// Reason to expect success now
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Name of the person [default: the user name]
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
}

/// `vibesync registry`
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Print all entities, one line each; asks the daemon if it runs
    List {
        /// Print only this kind: object, mesh, ...
        #[arg(long, value_parser = kind)]
        kind: Option<EntityKind>,
        /// Print only entities whose name contains this text
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// Print the deleted entities instead
        #[arg(long)]
        deleted: bool,
        /// Print the objects below their parents, each with the data that it shows
        #[arg(long, conflicts_with_all = ["kind", "name", "deleted", "json"])]
        tree: bool,
        /// Print JSON, one line for each row
        #[arg(long)]
        json: bool,
    },
    /// Print one entity with all its components
    Show {
        /// Uuid of the entity, or its first digits
        uuid: IdPrefix,
        /// Print JSON on one line
        #[arg(long)]
        json: bool,
    },
    /// Compare the registry with the log; exit code 1 if they differ. Changes nothing
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Rebuild the registry from the log; the daemon must not run
    Rebuild,
}

/// `vibesync blobs`
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum BlobsCommand {
    /// Remove bulk data that nothing names, and the oldest beyond the setting `blobs.max_bytes`
    ///
    /// The running daemon does it; without one, the command itself.
    Prune {
        /// Only show what could go
        #[arg(long)]
        dry_run: bool,
    },
}

/// `vibesync config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the settings in force, and the files that set them
    Show {
        /// Print the built-in settings, with a description of each key
        #[arg(long)]
        default: bool,
    },
}

/// A scope, or the first digits of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeRef {
    /// The scope.
    Whole(Scope),
    /// Its kind, a colon, and the first digits of its uuid or digest.
    Prefix(String),
}

/// A reference to a record or to an operation. Digits alone can be both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRef {
    /// The sequence of a record.
    pub seq: Option<u64>,
    /// The id of an operation, or its first digits.
    pub operation: Option<IdPrefix>,
}

fn kind(text: &str) -> Result<EntityKind, String> {
    serde_json::from_value(text.into()).map_err(|error| {
        // The error lists all kinds.
        format!("not a kind of entity: {error}")
    })
}

fn scope(text: &str) -> Result<ScopeRef, String> {
    let whole = text.parse().map(ScopeRef::Whole);
    whole.or_else(|unknown| match text.split_once(':') {
        Some(("entity" | "content", digits)) if digits.parse::<IdPrefix>().is_ok() => {
            Ok(ScopeRef::Prefix(text.to_ascii_lowercase().replace('-', "")))
        }
        _ => Err(unknown),
    })
}

fn record_ref(text: &str) -> Result<RecordRef, String> {
    let (seq, operation) = (text.parse().ok(), text.parse::<IdPrefix>().ok());
    if seq.is_none() && operation.is_none() {
        return Err("neither a sequence nor an operation id (a uuid, or its first digits)".into());
    }
    Ok(RecordRef { seq, operation })
}
