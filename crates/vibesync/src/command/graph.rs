//! `vibesync graph`: texts in, reports and pictures out. What a graph is, and what is wrong with it, is the crate `graph`'s.

mod query;
mod read;

use std::io::Write;

use vibesync_graph::fix::{Fixed, fix};
use vibesync_graph::frames::{Strategy, suggest_frames};
use vibesync_graph::{Catalogue, Graph, Report, Wiring, arrange, check, excerpt, mermaid, svg};

use super::{Ended, Exit};
use crate::args::{Framing, GraphCommand, GraphText, Picture};

/// Does what was asked.
pub fn perform(command: &GraphCommand, out: &mut impl Write) -> Ended {
    match command {
        GraphCommand::Check { text, batch: true } => batch(&read::catalogue(&text.of)?, out),
        GraphCommand::Check { text, batch: false } => {
            let (bytes, catalogue) = (read::text(&text.file)?, read::catalogue(&text.of)?);
            tell(&check(&bytes, &catalogue), &bytes, text.json, out)
        }
        GraphCommand::Fix {
            text,
            frame,
            layout,
        } => fixed(text, *frame, *layout, out),
        GraphCommand::Render {
            file,
            of,
            to,
            frame,
        } => {
            let (bytes, catalogue) = (read::text(file)?, read::catalogue(of)?);
            match vibesync_graph::read(&bytes, &catalogue) {
                Ok(graph) => draw(framed(graph, *frame), &catalogue, *to, out),
                Err(errors) => tell(&Report::unreadable(errors), &bytes, false, out),
            }
        }
        GraphCommand::Query {
            node,
            search,
            count,
            of,
            json,
        } => {
            let catalogue = read::catalogue(of)?;
            match (node, search) {
                (Some(name), _) => query::node(&catalogue, name, *json, out),
                (None, term) => {
                    let term = term.as_deref().unwrap_or_default();
                    query::search_for(&catalogue, term, *count, *json, out)
                }
            }
        }
    }
}

/// Checks a graph a line, until there are no more.
fn batch(catalogue: &Catalogue, out: &mut impl Write) -> Ended {
    let mut all_ok = true;
    let mut lines = std::io::stdin().lock();
    while let Some(line) = read::line(&mut lines)? {
        let report = check(&line, catalogue);
        all_ok &= report.is_ok();
        print(&report, out)?;
    }
    Ok(exit(all_ok))
}

/// Corrects a graph, then says what came of it.
fn fixed(text: &GraphText, frame: Option<Framing>, layout: bool, out: &mut impl Write) -> Ended {
    let (bytes, catalogue) = (read::text(&text.file)?, read::catalogue(&text.of)?);
    let graph = match vibesync_graph::read(&bytes, &catalogue) {
        Ok(graph) => graph,
        Err(errors) => return tell(&Report::unreadable(errors), &bytes, text.json, out),
    };
    let Fixed { fixes, mut report } = fix(&graph, &catalogue);
    for fix in fixes {
        // The report has four fields, so this goes beside it.
        writeln!(std::io::stderr(), "{fix}")?;
    }
    if let Some(graph) = report.graph_json.take_if(|_| frame.is_some() || layout) {
        let graph = framed(graph, frame);
        let graph = match layout {
            true => arrange(&Wiring::new(&graph, &catalogue)),
            false => graph,
        };
        report = Report::for_graph(&graph, &catalogue);
    }
    tell(&report, &bytes, text.json, out)
}

fn framed(mut graph: Graph, frame: Option<Framing>) -> Graph {
    let strategy = match frame {
        None => return graph,
        Some(Framing::Connectivity) => Strategy::Connectivity,
        Some(Framing::Type) => Strategy::Type,
    };
    let frames = suggest_frames(&graph, strategy);
    graph.frames.extend(frames);
    graph
}

fn draw(graph: Graph, catalogue: &Catalogue, to: Picture, out: &mut impl Write) -> Ended {
    let picture = match to {
        Picture::Svg => svg(&Wiring::new(&graph, catalogue)),
        Picture::Mermaid => mermaid::write(&graph, catalogue),
    };
    write!(out, "{picture}")?;
    Ok(Exit::Fine)
}

/// Prints a report; for people also the lines that it is about.
fn tell(report: &Report, text: &[u8], json: bool, out: &mut impl Write) -> Ended {
    match json {
        true => print(report, out)?,
        false => {
            write!(out, "{report}")?;
            excerpts(report, text)?;
        }
    }
    Ok(exit(report.is_ok()))
}

fn print(report: &Report, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, report)?;
    writeln!(out)
}

/// Most lines that are shown beside a report.
const SHOWN: usize = 20;

/// Shows where in the text the errors are, beside the report, which has four fields.
fn excerpts(report: &Report, text: &[u8]) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(text);
    let errors = report.errors.iter();
    let places = errors.filter_map(|error| Some((error, error.location.position?)));
    for (error, position) in places.take(SHOWN) {
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

fn exit(ok: bool) -> Exit {
    match ok {
        true => Exit::Fine,
        false => Exit::Problem,
    }
}
