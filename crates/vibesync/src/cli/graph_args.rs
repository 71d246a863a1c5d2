//! The arguments of `vibesync graph`.

use std::path::PathBuf;

use clap::Subcommand;

use super::number::number;

/// `vibesync graph`
#[derive(Debug, Subcommand)]
pub enum GraphCommand {
    /// Check a graph; exit code 0 only if the status is GRAPH_OK
    Check {
        /// The graph
        #[command(flatten)]
        text: GraphText,
        /// Read one graph_json from each input line, and print one report for each
        #[arg(long, requires = "json", conflicts_with = "file")]
        batch: bool,
    },
    /// Correct unambiguous errors, then check again; the corrections are printed to stderr
    Fix {
        /// The graph
        #[command(flatten)]
        text: GraphText,
        /// Put nodes that are in no frame into frames
        #[arg(long, value_name = "STRATEGY")]
        frame: Option<Framing>,
        /// Arrange all nodes
        #[arg(long)]
        layout: bool,
    },
    /// Draw a graph, even if it has errors
    Render {
        /// File with a Mermaid sketch or graph_json; - for stdin
        #[arg(default_value = "-")]
        file: PathBuf,
        /// Blender version
        #[command(flatten)]
        target: BlenderTarget,
        /// Format of the drawing
        #[arg(long, default_value = "svg", value_name = "FORMAT")]
        to: DrawingFormat,
        /// Put nodes that are in no frame into frames
        #[arg(long, value_name = "STRATEGY")]
        frame: Option<Framing>,
    },
    /// Look up a type of node; exit code 1 if none is found
    Query {
        /// Identifier with or without prefix, or label
        #[arg(
            long,
            value_name = "NAME",
            required_unless_present = "search",
            conflicts_with = "search"
        )]
        node: Option<String>,
        /// Words to search in label, category and description
        #[arg(long, value_name = "TERM")]
        search: Option<String>,
        /// Maximum number of results
        #[arg(short = 'n', long, default_value_t = 10, value_name = "N", value_parser = number::<1, 1_000_000, usize>, allow_negative_numbers = true)]
        count: usize,
        /// Blender version
        #[command(flatten)]
        target: BlenderTarget,
        /// Print JSON, one line for each type
        #[arg(long)]
        json: bool,
    },
}

/// A graph to check, and the format of the report.
#[derive(Debug, clap::Args)]
pub struct GraphText {
    /// File with a Mermaid sketch or graph_json; - for stdin
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// Blender version
    #[command(flatten)]
    pub target: BlenderTarget,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// The criterion by which nodes are grouped into frames.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Framing {
    /// Nodes that are linked
    Connectivity,
    /// Nodes of the same category
    Type,
}

/// The format of a drawing.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum DrawingFormat {
    /// An SVG image
    Svg,
    /// A Mermaid sketch
    Mermaid,
}

/// The Blender version that a graph is for.
#[derive(Debug, clap::Args)]
pub struct BlenderTarget {
    /// Version of Blender, if its catalogue is part of this program
    #[arg(long, default_value = "4.5", value_name = "VERSION")]
    pub blender: String,
    /// Folder with a catalogue from scripts/gen-catalogue, used instead
    #[arg(long, value_name = "DIR", conflicts_with = "blender")]
    pub catalogue: Option<PathBuf>,
}
