//! Draws a graph as SVG, at the positions of a layout.

use std::fmt::Write;

use crate::color::to_hex;
use crate::frames::Role;
use crate::layout::{Area, Layout, layout};
use crate::names::short_name;
use crate::wiring::{Port, Wiring};

/// Margin around the graph.
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
    draw_frames(&mut out, wiring, &layout);
    draw_links(&mut out, wiring, &layout);
    draw_nodes(&mut out, wiring, &layout);
    out.push_str("</svg>\n");
    out
}

fn draw_frames(out: &mut String, wiring: &Wiring, layout: &Layout) {
    // Larger frames first, so that frames inside them stay visible.
    let mut frames: Vec<_> = wiring.graph.frames.iter().zip(&layout.frames).collect();
    frames.sort_by(|(_, one), (_, other)| {
        (other.width * other.height).total_cmp(&(one.width * one.height))
    });
    for (frame, area) in frames {
        let color = frame.color.map_or_else(|| "#555555".to_owned(), to_hex);
        draw_rectangle(
            out,
            *area,
            &format!("rx=\"8\" fill=\"{color}\" fill-opacity=\"0.35\" stroke=\"{color}\""),
        );
        draw_text(
            out,
            area.x + 12.0,
            20.0 - area.y,
            "#ffffff",
            "start",
            &frame.label,
        );
    }
}

fn draw_links(out: &mut String, wiring: &Wiring, layout: &Layout) {
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        let (Some(start), Some(end)) = (layout.nodes.get(from.node), layout.nodes.get(to.node))
        else {
            continue;
        };
        let (x1, y1) = (start.x + start.width, socket_y(*start, 0, from));
        let before = wiring
            .resolved
            .get(to.node)
            .map_or(0, |resolved| resolved.outputs.len());
        let (x2, y2) = (end.x, socket_y(*end, before, to));
        let bend = ((x2 - x1).abs() / 2.0).max(30.0);
        let _ = writeln!(
            out,
            "<path d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#9a9a9a\" stroke-width=\"1.5\"/>",
            x1 + bend,
            x2 - bend
        );
    }
}

/// Returns the y coordinate of the row of a socket. `before` counts the rows above those of its side.
fn socket_y(area: Area, before: usize, port: Port) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
    let rows = (before + port.socket) as f64;
    (HEADER + ROW * (rows + 0.5)).min(area.height - 4.0) - area.y
}

fn draw_nodes(out: &mut String, wiring: &Wiring, layout: &Layout) {
    for (index, ((node, resolved), area)) in wiring.nodes().zip(&layout.nodes).enumerate() {
        draw_rectangle(out, *area, "rx=\"5\" fill=\"#303030\" stroke=\"#0e0e0e\"");
        let color = to_hex(Role::for_type(&node.idname).color());
        let header = Area {
            height: HEADER - 6.0,
            ..*area
        };
        if area.height < HEADER {
            continue;
        }
        draw_rectangle(out, header, &format!("rx=\"5\" fill=\"{color}\""));
        let title = resolved.node_type.map_or_else(
            || short_name(&node.idname),
            |node_type| node_type.label.as_str(),
        );
        let title = node.label.as_deref().unwrap_or(title);
        draw_text(out, area.x + 8.0, 16.0 - area.y, "#ffffff", "start", title);
        let port = |socket| Port {
            node: index,
            socket,
        };
        for (socket, output) in resolved.outputs.iter().enumerate() {
            let y = socket_y(*area, 0, port(socket)) + 4.0;
            draw_text(
                out,
                area.x + area.width - 8.0,
                y,
                "#d0d0d0",
                "end",
                &output.name,
            );
        }
        for (socket, input) in resolved.inputs.iter().enumerate() {
            let y = socket_y(*area, resolved.outputs.len(), port(socket)) + 4.0;
            draw_text(out, area.x + 8.0, y, "#d0d0d0", "start", &input.name);
        }
    }
}

fn draw_rectangle(out: &mut String, area: Area, look: &str) {
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

fn draw_text(out: &mut String, x: f64, y: f64, color: &str, anchor: &str, text: &str) {
    /// Most characters of a text; the rest is cut off.
    const MAX_SHOWN_CHARS: usize = 24;
    let mut shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let shown = escape_xml(&shown);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" fill=\"{color}\" text-anchor=\"{anchor}\">{shown}</text>"
    );
}

/// Escapes a text for XML.
fn escape_xml(text: &str) -> String {
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
