//! The person at the terminal: the name, and the answer to a question.

use std::io::{self, BufRead, IsTerminal, Write};

/// Returns the name of the user, if the environment has it.
pub(super) fn user_name() -> Option<String> {
    let names = ["USER", "USERNAME", "LOGNAME"].into_iter();
    let mut names = names.filter_map(|name| std::env::var(name).ok());
    names.find(|name| !name.is_empty())
}

/// Returns the given name, or the user name of the system.
pub(super) fn name(given: Option<&str>) -> String {
    let who = given.map(str::to_owned).or_else(user_name);
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
