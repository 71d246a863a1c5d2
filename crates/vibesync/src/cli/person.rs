//! The person at the terminal: the name, and the answer to a question.

use std::io::{self, IsTerminal, Write};

use super::result::{Failure, WrongUsage};

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

/// Says what a command is about to do, and asks whether to go on. Without a terminal the option `--yes` is the answer, so
/// that no script changes anything by accident. The question is no part of the output, which may be JSON.
pub(super) fn confirm(effect: &str, out: &mut impl Write) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let message = format!("{effect}, and there is no terminal to ask");
        return Err(WrongUsage::new(message, "Nothing was changed. Add --yes to go on.").into());
    }
    out.flush()?;
    write!(io::stderr(), "{effect}. Go on? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    let is_yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !is_yes {
        writeln!(out, "nothing was changed")?;
    }
    Ok(is_yes)
}
