mod conflicts;
mod edit_activity;
mod intents;
mod pending_intents;
mod restore;
