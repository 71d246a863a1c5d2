mod conflicts;
mod edit_activity;
mod intents;
mod order;
mod pending_intents;
mod repeated;
mod restore;
