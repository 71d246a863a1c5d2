mod presence;
mod queries;
