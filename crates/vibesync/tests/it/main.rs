//! The program from outside, and the rules that hold across the repository.

mod cli;
mod doctor;
mod edges;
mod errors;
mod log;
mod project;
mod service;
