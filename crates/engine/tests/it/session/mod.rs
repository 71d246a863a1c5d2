mod divergence;
mod presence;
mod queries;
