//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use vibesync_scene::{Code, EntityKind, OperationId, Scope, Uuid};

use crate::cli::filter::Filter;
use crate::error::Error;
use crate::platform::project;

/// Keeps one scene the same in Blender and in Unity.
///
/// ExitStatus codes: 0 all is well, 1 something failed or a problem was found, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "vibesync", version, max_term_width = 100)]
pub struct Args {
    /// The project's folder [default: the nearest folder from here up that has .vibesync, else this one]
    #[arg(long, global = true, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Say more about what is being done
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// The project's folder, absolute, since the daemon tells it to others. It exists.
    pub fn root(&self) -> Result<PathBuf, Error> {
        let refused = |why: &dyn std::fmt::Display| {
            let location = self.project.as_deref().unwrap_or(".".as_ref()).display();
            let message = format!("not usable as the project's folder: {why}");
            Error::new(Code::ConfigInvalid, location, message)
        };
        let here = || std::env::current_dir().map(|here| project::find(&here));
        let root = self.project.as_ref().map_or_else(here, std::path::absolute);
        let root = root.map_err(|error| refused(&error))?;
        if !root.is_dir() {
            return Err(refused(&"there is no such folder"));
        }
        Ok(root)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the project until Ctrl+C or SIGTERM
    Run,
    /// Who is connected and what is under way
    Status {
        /// Go on showing it until Ctrl+C; where nobody looks at a terminal, one line a change
        #[arg(short, long)]
        watch: bool,
        /// Print the daemon's answer as JSON; with --watch, one line a change
        #[arg(long)]
        json: bool,
    },
    /// Read the transaction log
    #[command(subcommand)]
    Log(LogCommand),
    /// Read the scene's history in .git_safety, and bring back what it holds
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Read the registry of all entities, by uuid
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// What failed and is not tried again, and letting it be tried again
    #[command(subcommand)]
    Governance(GovernanceCommand),
    /// Check, correct, draw and look up geometry-node graphs; needs no project
    #[command(subcommand)]
    Graph(GraphCommand),
    /// Look for what could be wrong, and say what to do about it
    Doctor {
        /// For machines: one line a check
        #[arg(long)]
        json: bool,
    },
    /// Read the settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// `vibesync log`
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// The newest records, one line each
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
        count: u64,
        /// Go on with records as they are written, until Ctrl+C
        #[arg(short, long)]
        follow: bool,
        /// The records as the log has them
        #[arg(long)]
        json: bool,
    },
    /// The records that a filter wants, one line each; exit code 1 where there is none
    Grep {
        /// Which
        #[command(flatten)]
        filter: Filter,
        /// Go on with records as they are written, until Ctrl+C
        #[arg(short, long)]
        follow: bool,
        /// The records as the log has them
        #[arg(long)]
        json: bool,
    },
    /// The story of one operation
    Show {
        /// An operation id, or the sequence of any record of it
        #[arg(value_name = "OPERATION_OR_SEQ", value_parser = record_ref)]
        record: RecordRef,
    },
    /// The state that the log alone gives, compared with checkpoints and registry; exit code 1 where one differs
    ///
    /// With a filter it also prints, as JSON lines, the entities that the wanted records are about.
    Replay {
        /// Only up to this record
        #[arg(long, value_name = "SEQ")]
        seq: Option<u64>,
        /// Whose entities to print; `--until` ends the replay too
        #[command(flatten)]
        filter: Filter,
        /// Print all entities
        #[arg(long)]
        entities: bool,
        /// Print the summary as JSON too
        #[arg(long)]
        json: bool,
    },
    /// Check every record against its hash and the chain
    Verify {
        /// For machines
        #[arg(long)]
        json: bool,
    },
}

/// `vibesync audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// The newest commits
    Log {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
        count: usize,
        /// For machines: one line a commit
        #[arg(long)]
        json: bool,
    },
    /// What is different between two commits, or between a commit and now
    Diff {
        /// A commit by its first digits, or @SEQ for the newest one not after a log sequence
        #[arg(value_name = "FROM")]
        from: String,
        /// Another one [default: the scene as the log says it is now]
        #[arg(value_name = "TO")]
        to: Option<String>,
        /// For machines: one line an entity
        #[arg(long)]
        json: bool,
    },
    /// Bring the scene back to a commit, in both editors; exit code 1 where they could not take it
    ///
    /// The running daemon makes one ordinary change of it: all or nothing, logged, verified, and undone by restoring the
    /// commit before it.
    Restore {
        /// A commit by its first digits, or @SEQ for the newest one not after a log sequence
        commit: String,
        /// Only this entity, with what it needs to exist; may be given more than once
        #[arg(long = "uuid", value_name = "UUID")]
        uuids: Vec<Uuid>,
        /// Why, for the log and the history
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        /// How many seconds to wait until the editors have answered
        #[arg(long, default_value_t = 30, value_name = "SECONDS")]
        wait: u64,
        /// For machines
        #[arg(long)]
        json: bool,
    },
}

/// `vibesync governance`
#[derive(Debug, Subcommand)]
pub enum GovernanceCommand {
    /// What failed, how often, and what is stopped; exit code 1 where something is
    Show {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Let something be tried again; the log keeps who said so and why
    Reset {
        /// As `show` names it: entity:UUID, content:DIGEST, operation:NAME, automation or safe-mode
        scope: Scope,
        /// Why it may work now
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Who says so [default: the user's name]
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
}

/// `vibesync registry`
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// All entities, one line each; from the running daemon, where there is one
    List {
        /// Only of this kind: object, mesh, ...
        #[arg(long, value_parser = kind)]
        kind: Option<EntityKind>,
        /// Only those whose name holds this
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
        /// Those that were deleted, instead of those that are there
        #[arg(long)]
        deleted: bool,
        /// For machines: one row a line
        #[arg(long)]
        json: bool,
    },
    /// One entity, with all its components
    Show {
        /// Which
        uuid: Uuid,
        /// For machines: on one line
        #[arg(long)]
        json: bool,
    },
    /// Compare the registry with the log, without changing anything; exit code 1 where they differ
    Verify {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Make the registry anew from the log; the daemon must not run
    Rebuild,
}

/// `vibesync graph`
#[derive(Debug, Subcommand)]
pub enum GraphCommand {
    /// Run the whole checklist once; exit code 0 only where the status is GRAPH_OK
    Check {
        /// A sketch or graph_json
        #[command(flatten)]
        text: GraphText,
        /// Each line that comes in is a graph_json, and gets a report on a line
        #[arg(long, requires = "json", conflicts_with = "file")]
        batch: bool,
    },
    /// Correct what leaves no doubt, then check again; what was corrected is told apart from the report
    Fix {
        /// A sketch or graph_json
        #[command(flatten)]
        text: GraphText,
        /// Put nodes that are in no frame into frames
        #[arg(long, value_name = "STRATEGY")]
        frame: Option<Framing>,
        /// Give all nodes places
        #[arg(long)]
        layout: bool,
    },
    /// Draw it, whether it is right or not
    Render {
        /// A sketch or graph_json; - for what comes in
        #[arg(default_value = "-")]
        file: PathBuf,
        /// For which Blender
        #[command(flatten)]
        target: BlenderTarget,
        /// As what
        #[arg(long, default_value = "svg", value_name = "FORMAT")]
        to: Picture,
        /// Put nodes that are in no frame into frames
        #[arg(long, value_name = "STRATEGY")]
        frame: Option<Framing>,
    },
    /// Look up a type of node; exit code 1 where there is none
    Query {
        /// By identifier, with or without prefix, or by label
        #[arg(
            long,
            value_name = "NAME",
            required_unless_present = "search",
            conflicts_with = "search"
        )]
        node: Option<String>,
        /// By words of label, category and description
        #[arg(long, value_name = "TERM")]
        search: Option<String>,
        /// At most so many
        #[arg(short = 'n', long, default_value_t = 10, value_name = "N")]
        count: usize,
        /// For which Blender
        #[command(flatten)]
        target: BlenderTarget,
        /// For machines: a type a line
        #[arg(long)]
        json: bool,
    },
}

/// A graph, and how to say what came of it.
#[derive(Debug, clap::Args)]
pub struct GraphText {
    /// A file; - for what comes in
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// For which Blender
    #[command(flatten)]
    pub target: BlenderTarget,
    /// For machines: the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// What puts nodes into a frame together.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Framing {
    /// Links
    Connectivity,
    /// What they are for
    Type,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Picture {
    /// A picture
    Svg,
    /// A sketch
    Mermaid,
}

/// RecordRef Blender a graph is for.
#[derive(Debug, clap::Args)]
pub struct BlenderTarget {
    /// A version whose catalogue comes with the program
    #[arg(long, default_value = "4.5", value_name = "VERSION")]
    pub blender: String,
    /// A folder with a catalogue that scripts/gen-catalogue made, instead
    #[arg(long, value_name = "DIR", conflicts_with = "blender")]
    pub catalogue: Option<PathBuf>,
}

/// `vibesync config`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// What holds for the project, and which files say so
    Show {
        /// The built-in settings, with what each key means
        #[arg(long)]
        default: bool,
    },
}

/// An operation, or one of its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordRef {
    /// Its id.
    Operation(OperationId),
    /// The sequence of a record.
    Seq(u64),
}

fn kind(text: &str) -> Result<EntityKind, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("{text} is not a kind of entity"))
}

fn record_ref(text: &str) -> Result<RecordRef, String> {
    if let Ok(seq) = text.parse() {
        return Ok(RecordRef::Seq(seq));
    }
    let id = text
        .parse()
        .map_err(|_| "neither a sequence nor an operation id (a uuid)")?;
    Ok(RecordRef::Operation(OperationId(id)))
}
