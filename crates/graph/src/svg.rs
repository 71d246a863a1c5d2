//! A graph as a picture: nodes and links where a layout puts them, frames in their colors.

use std::fmt::Write;

use crate::frames::Role;
use crate::layout::{Area, Layout, layout};
use crate::lookup::short_name;
use crate::mermaid::hex;
use crate::wiring::{Port, Wiring};

/// Around everything.
const EDGE: f64 = 30.0;
const HEADER: f64 = 30.0;
const ROW: f64 = 22.0;

/// Draws a graph.
pub fn svg(wiring: &Wiring) -> String {
    let layout = layout(wiring);
    let areas = || layout.nodes.iter().chain(&layout.frames);
    let right = areas().map(|it| it.x + it.width).fold(0.0, f64::max);
    let bottom = areas().map(|it| it.height - it.y).fold(0.0, f64::max);
    let (width, height) = (right + 2.0 * EDGE, bottom + 2.0 * EDGE);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect x=\"{}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"#1d1d1d\"/>\n",
        -EDGE, -EDGE, -EDGE, -EDGE
    );
    frames(&mut out, wiring, &layout);
    links(&mut out, wiring, &layout);
    nodes(&mut out, wiring, &layout);
    out.push_str("</svg>\n");
    out
}

fn frames(out: &mut String, wiring: &Wiring, layout: &Layout) {
    // A frame is drawn before those in it: larger ones first.
    let mut frames: Vec<_> = wiring.graph.frames.iter().zip(&layout.frames).collect();
    frames.sort_by(|(_, one), (_, other)| {
        (other.width * other.height).total_cmp(&(one.width * one.height))
    });
    for (frame, area) in frames {
        let color = frame.color.map_or_else(|| "#555555".to_owned(), hex);
        rectangle(
            out,
            *area,
            &format!("rx=\"8\" fill=\"{color}\" fill-opacity=\"0.35\" stroke=\"{color}\""),
        );
        text(
            out,
            area.x + 12.0,
            20.0 - area.y,
            "#ffffff",
            "start",
            &frame.label,
        );
    }
}

fn links(out: &mut String, wiring: &Wiring, layout: &Layout) {
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        let (Some(start), Some(end)) = (layout.nodes.get(from.node), layout.nodes.get(to.node))
        else {
            continue;
        };
        let (x1, y1) = (start.x + start.width, row(*start, 0, from));
        let before = wiring
            .shapes
            .get(to.node)
            .map_or(0, |shape| shape.outputs.len());
        let (x2, y2) = (end.x, row(*end, before, to));
        let bend = ((x2 - x1).abs() / 2.0).max(30.0);
        let _ = writeln!(
            out,
            "<path d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#9a9a9a\" stroke-width=\"1.5\"/>",
            x1 + bend,
            x2 - bend
        );
    }
}

/// How far below the upper edge of the picture's y the row of a socket is: outputs come before inputs.
fn row(area: Area, before: usize, port: Port) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "some hundred rows")]
    let rows = (before + port.socket) as f64;
    (HEADER + ROW * (rows + 0.5)).min(area.height - 4.0) - area.y
}

fn nodes(out: &mut String, wiring: &Wiring, layout: &Layout) {
    for (place, ((node, shape), area)) in wiring.nodes().zip(&layout.nodes).enumerate() {
        rectangle(out, *area, "rx=\"5\" fill=\"#303030\" stroke=\"#0e0e0e\"");
        let color = hex(Role::for_type(&node.idname).color());
        let header = Area {
            height: HEADER - 6.0,
            ..*area
        };
        if area.height < HEADER {
            continue;
        }
        rectangle(out, header, &format!("rx=\"5\" fill=\"{color}\""));
        let title = shape
            .kind
            .map_or_else(|| short_name(&node.idname), |kind| kind.label.as_str());
        let title = node.label.as_deref().unwrap_or(title);
        text(out, area.x + 8.0, 16.0 - area.y, "#ffffff", "start", title);
        let port = |socket| Port {
            node: place,
            socket,
        };
        for (socket, output) in shape.outputs.iter().enumerate() {
            let y = row(*area, 0, port(socket)) + 4.0;
            text(
                out,
                area.x + area.width - 8.0,
                y,
                "#d0d0d0",
                "end",
                &output.name,
            );
        }
        for (socket, input) in shape.inputs.iter().enumerate() {
            let y = row(*area, shape.outputs.len(), port(socket)) + 4.0;
            text(out, area.x + 8.0, y, "#d0d0d0", "start", &input.name);
        }
    }
}

fn rectangle(out: &mut String, area: Area, look: &str) {
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    let y = -y;
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" {look}/>"
    );
}

fn text(out: &mut String, x: f64, y: f64, color: &str, anchor: &str, text: &str) {
    const MAX_SHOWN_CHARS: usize = 24;
    let mut shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let shown = escaped(&shown);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" fill=\"{color}\" text-anchor=\"{anchor}\">{shown}</text>"
    );
}

/// A text as XML takes it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ if c.is_control() => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
