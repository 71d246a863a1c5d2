mod conflicts;
mod edit_activity;
mod intents;
mod order;
mod pending_intents;
mod refusals;
mod repeated;
mod restore;
