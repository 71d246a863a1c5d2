//! The size of the terminal.

use std::io::IsTerminal;

/// Number of columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}

/// The size that a terminal has if nothing tells it.
const DEFAULT: Size = Size {
    columns: 80,
    rows: 24,
};

/// Returns the size of the terminal that shows the output; none if the output is no terminal.
pub fn output_size() -> Option<Size> {
    let is_terminal = std::io::stdout().is_terminal();
    is_terminal.then(|| system_size().or_else(size_from_env).unwrap_or(DEFAULT))
}

#[cfg(unix)]
fn system_size() -> Option<Size> {
    let found = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let (columns, rows) = (found.ws_col.into(), found.ws_row.into());
    // Some terminals do not know their size.
    (columns > 0 && rows > 0).then_some(Size { columns, rows })
}

#[cfg(not(unix))]
fn system_size() -> Option<Size> {
    None
}

/// Reads the variables that shells set.
fn size_from_env() -> Option<Size> {
    let number = |name| std::env::var(name).ok()?.parse().ok().filter(|it| *it > 0);
    let columns = number("COLUMNS")?;
    let rows = number("LINES").unwrap_or(DEFAULT.rows);
    Some(Size { columns, rows })
}
