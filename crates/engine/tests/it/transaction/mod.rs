mod recovery;
mod rollback;
