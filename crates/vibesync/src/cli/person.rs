//! The person at the terminal: the name, and the answer to a question.

use std::io::{self, BufRead, IsTerminal, Write};

/// Returns the given name, or the user name of the system.
pub(super) fn name(given: Option<&str>) -> String {
    let named = ["USER", "USERNAME", "LOGNAME"].into_iter();
    let user = || {
        named
            .filter_map(|name| std::env::var(name).ok())
            .find(|name| !name.is_empty())
    };
    let who = given.map(str::to_owned).or_else(user);
    who.unwrap_or_else(|| "unknown".to_owned())
}

/// Asks a question that `y` answers with yes. Without a terminal, the answer is no.
pub(super) fn confirm(question: &str, out: &mut impl Write) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        writeln!(
            out,
            "{question}\nnothing was changed: add --yes, because nobody can answer here"
        )?;
        return Ok(false);
    }
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim(), "y" | "Y" | "yes");
    if !is_yes {
        writeln!(out, "nothing was changed")?;
    }
    Ok(is_yes)
}
