//! Add-ons that agents may use: the lists of the editors, the permissions of people, and the judgment on each add-on.

pub(crate) mod events;
pub(crate) mod grants;
pub(crate) mod judge;
pub(crate) mod lists;
pub(crate) mod registry;
