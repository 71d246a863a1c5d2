//! `vibesync graph`: reads graphs and prints reports and pictures. The crate `graph` holds the rules.

mod query;
mod read;

use std::io::Write;

use vibesync_graph::fix::{Fixed, fix_text};
use vibesync_graph::frames::{Strategy, suggest_frames};
use vibesync_graph::{Catalogue, Graph, Report, Wiring, arrange, check, excerpt, mermaid, svg};

use super::graph_args::{DrawingFormat, Framing, GraphCommand, GraphText};
use super::result::{CommandResult, ExitStatus};

/// Runs one command of `vibesync graph`.
pub fn run(command: &GraphCommand, out: &mut impl Write) -> CommandResult {
    match command {
        GraphCommand::Check { text, batch: true } => batch(&read::catalogue(&text.target)?, out),
        GraphCommand::Check { text, batch: false } => {
            let (bytes, catalogue) = (read::text(&text.file)?, read::catalogue(&text.target)?);
            print_report(&check(&bytes, &catalogue), &bytes, text.json, out)
        }
        GraphCommand::Fix {
            text,
            frame,
            layout,
        } => fix_graph(text, *frame, *layout, out),
        GraphCommand::Render {
            file,
            target,
            to,
            frame,
        } => {
            let (bytes, catalogue) = (read::text(file)?, read::catalogue(target)?);
            match vibesync_graph::read(&bytes, &catalogue) {
                Ok(graph) => draw(with_frames(graph, *frame), &catalogue, *to, out),
                Err(errors) => print_report(&Report::unreadable(errors), &bytes, false, out),
            }
        }
        GraphCommand::Query {
            node,
            search,
            count,
            target,
            json,
        } => {
            let catalogue = read::catalogue(target)?;
            match (node, search) {
                (Some(name), _) => query::by_name(&catalogue, name, *json, out),
                (None, term) => {
                    let term = term.as_deref().unwrap_or_default();
                    query::by_term(&catalogue, term, *count, *json, out)
                }
            }
        }
    }
}

/// Checks one graph for each line of the input.
fn batch(catalogue: &Catalogue, out: &mut impl Write) -> CommandResult {
    let mut is_all_ok = true;
    let mut lines = std::io::stdin().lock();
    while let Some(line) = read::line(&mut lines)? {
        let report = check(&line, catalogue);
        is_all_ok &= report.is_ok();
        print(&report, out)?;
    }
    Ok(status(is_all_ok))
}

/// Corrects a graph, then prints the report of the corrected graph.
fn fix_graph(
    text: &GraphText,
    frame: Option<Framing>,
    layout: bool,
    out: &mut impl Write,
) -> CommandResult {
    let (bytes, catalogue) = (read::text(&text.file)?, read::catalogue(&text.target)?);
    let Fixed { fixes, mut report } = fix_text(&bytes, &catalogue);
    for fix in fixes {
        // The report has a fixed set of fields, so the fixes go to stderr.
        writeln!(std::io::stderr(), "{fix}")?;
    }
    // Arranging makes the report anew, without the questions.
    let is_asked = report.errors.iter().any(|error| !error.choices.is_empty());
    let is_arranged = !is_asked && (frame.is_some() || layout);
    if let Some(graph) = report.graph_json.take_if(|_| is_arranged) {
        let graph = with_frames(graph, frame);
        let graph = match layout {
            true => arrange(&Wiring::new(&graph, &catalogue)),
            false => graph,
        };
        report = Report::for_graph(&graph, &catalogue);
    }
    print_report(&report, &bytes, text.json, out)
}

fn with_frames(mut graph: Graph, frame: Option<Framing>) -> Graph {
    let strategy = match frame {
        None => return graph,
        Some(Framing::Connectivity) => Strategy::Connectivity,
        Some(Framing::Type) => Strategy::Type,
    };
    let frames = suggest_frames(&graph, strategy);
    graph.frames.extend(frames);
    graph
}

fn draw(
    graph: Graph,
    catalogue: &Catalogue,
    to: DrawingFormat,
    out: &mut impl Write,
) -> CommandResult {
    let picture = match to {
        DrawingFormat::Svg => svg(&Wiring::new(&graph, catalogue)),
        DrawingFormat::Mermaid => mermaid::write(&graph, catalogue),
    };
    write!(out, "{picture}")?;
    Ok(ExitStatus::Ok)
}

/// Prints a report, for people with an excerpt of the text at each error.
fn print_report(report: &Report, text: &[u8], json: bool, out: &mut impl Write) -> CommandResult {
    match json {
        true => print(report, out)?,
        false => {
            write!(out, "{report}")?;
            print_excerpts(report, text)?;
        }
    }
    Ok(status(report.is_ok()))
}

fn print(report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    writeln!(out)
}

/// Maximum number of excerpts.
const SHOWN: usize = 20;

/// Prints the lines of the text that have errors. They go to stderr, because the report has a fixed set of fields.
fn print_excerpts(report: &Report, text: &[u8]) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(text);
    let errors = report.errors.iter();
    let located = errors.filter_map(|error| Some((error, error.location.position?)));
    for (error, position) in located.take(SHOWN) {
        let line = excerpt(&text, position);
        writeln!(
            std::io::stderr(),
            "{}: {}\n{line}",
            error.rule,
            error.message
        )?;
    }
    Ok(())
}

fn status(is_ok: bool) -> ExitStatus {
    match is_ok {
        true => ExitStatus::Ok,
        false => ExitStatus::ProblemFound,
    }
}
