//! `vibesync import`: adds the scene of a glTF file to that of the project, as ordinary changes.

mod files;
mod parts;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use vibesync_gltf::{Import, Source};
use vibesync_protocol::{Intent, SCHEMA_VERSION};
use vibesync_scene::{Code, EntityKind, OperationId, Outcome, Uuid, truncate_text};

use super::client::Client;
use super::connect::connect;
use super::gltf_notes::{notes_json, write_notes};
use super::result::{CommandResult, ExitStatus};
use super::text::Sanitized;
use crate::error::Error;
use crate::platform::project::Project;
use files::Files;
use parts::Part;

/// Maximum time to send a part, and until the daemon has it in the log.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(120);

/// `vibesync import`
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// File to read: .glb, or .gltf with the files that it names beside it
    pub file: PathBuf,
    /// Read and check the file, and change nothing; needs no daemon
    #[arg(long)]
    pub dry_run: bool,
    /// Maximum seconds to wait for the editors after each part
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub wait: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The end of an import.
struct Sent {
    seq: u64,
    parts: usize,
    /// The end of the last part; none if the editors have not answered yet.
    outcome: Option<Outcome>,
}

pub(super) fn run(project: &Project, args: &ImportArgs, out: &mut impl Write) -> CommandResult {
    let files = Files::open(&args.file)?;
    let mut read = |path: &str| files.beside(path);
    let import = vibesync_gltf::import(Source {
        file: files.content(),
        read: &mut read,
        new_uuid: &mut Uuid::new_v4,
    });
    let import = import.map_err(|error| {
        let location = format!("{}: {}", args.file.display(), error.location);
        Error::new(error.code, location, error.message)
    })?;
    let sent = match args.dry_run || import.entities.is_empty() {
        true => None,
        false => Some(send(project, args, &import)?),
    };
    match args.json {
        true => writeln!(out, "{}", report(args, &import, sent.as_ref()))?,
        false => {
            let sent = sent
                .as_ref()
                .map_or_else(|| "nothing was changed".to_owned(), told);
            let name = args.file.display().to_string();
            let (objects, others) = counts(&import);
            let name = Sanitized(&name);
            writeln!(
                out,
                "{name}: {objects} objects, {others} other entities; {sent}"
            )?;
            write_notes(&import.notes, &mut io::stderr())?;
        }
    }
    Ok(ExitStatus::Ok)
}

/// Sends the entities, in parts if they do not fit into one frame. Each part is one step of undo. A part waits for the end of
/// the one before it, whose entities it may name.
fn send(project: &Project, args: &ImportArgs, import: &Import) -> Result<Sent, Error> {
    let mut client = connect(project)?;
    let id = project.id()?;
    let missing = || {
        Error::new(
            Code::NoDaemon,
            project.root().display(),
            "there is no project",
        )
    };
    let id = id.ok_or_else(missing)?;
    let parts = parts::split(import);
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let mut sent = Sent {
        seq: 0,
        parts: parts.len(),
        outcome: None,
    };
    for (i, part) in parts.iter().enumerate() {
        let label = match parts.len() {
            1 => format!("Import {name}"),
            count => format!("Import {name} ({} of {count})", i + 1),
        };
        let intent = Intent {
            operation_id: OperationId(Uuid::new_v4()),
            project_id: id,
            schema_version: SCHEMA_VERSION,
            base_seq: client.status()?.head_seq,
            label: truncate_text(label),
            dry_run: false,
            request_id: None,
            changes: part.changes.clone(),
        };
        let wait = Duration::from_secs(args.wait);
        let done = send_part(&mut client, intent, part, wait);
        (sent.seq, sent.outcome) = done.map_err(|error| after(error, i))?;
    }
    Ok(sent)
}

fn send_part(
    client: &mut Client,
    intent: Intent,
    part: &Part<'_>,
    wait: Duration,
) -> Result<(u64, Option<Outcome>), Error> {
    let operation = intent.operation_id;
    client.send_intent(intent, &part.attachments, ACCEPTED_WITHIN)?;
    let seq = client.wait_for_ack(operation, ACCEPTED_WITHIN)?;
    let (outcome, error) = client.wait_for_outcome(operation, wait)?.unzip();
    match error.flatten() {
        Some(error) => Err(Error::new(error.code, error.location, error.message)),
        None => Ok((seq, outcome)),
    }
}

/// Adds to an error that parts before it are in the scene.
fn after(error: Error, parts: usize) -> Error {
    match parts {
        0 => error,
        _ => error.with_help(format!(
            "The scene has the first {parts} parts of the file already; undo them in an editor, or restore a commit."
        )),
    }
}

fn told(sent: &Sent) -> String {
    let how = match sent.outcome {
        Some(Outcome::Undelivered) => "an editor that is away receives it when it returns",
        Some(Outcome::Verified) => "the editors hold it",
        Some(_) => "it was rolled back",
        None => "the editors have not answered yet",
    };
    let parts = match sent.parts {
        1 => String::new(),
        parts => format!(" in {parts} parts"),
    };
    format!("sequence {}{parts}: {how}", sent.seq)
}

/// Returns the number of objects, and of other entities.
fn counts(import: &Import) -> (usize, usize) {
    let entities = import.entities.iter();
    let objects = entities.filter(|it| it.kind == EntityKind::Object).count();
    (objects, import.entities.len() - objects)
}

fn report(args: &ImportArgs, import: &Import, sent: Option<&Sent>) -> serde_json::Value {
    let (objects, others) = counts(import);
    json!({
        "file": args.file,
        "objects": objects,
        "others": others,
        "uuids": import.entities.iter().map(|it| it.uuid).collect::<Vec<_>>(),
        "seq": sent.map(|it| it.seq),
        "parts": sent.map(|it| it.parts),
        "outcome": sent.and_then(|it| it.outcome),
        "notes": notes_json(&import.notes),
    })
}
