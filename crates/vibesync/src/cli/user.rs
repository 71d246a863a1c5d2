//! The name of the person who uses the command line.

/// Returns the name of the user, if the environment has it.
pub(super) fn user_name() -> Option<String> {
    let names = ["USER", "USERNAME", "LOGNAME"].into_iter();
    let mut names = names.filter_map(|name| std::env::var(name).ok());
    names.find(|name| !name.is_empty())
}
