//! Runs from end to end over a scripted world, by a clock in which hours pass in no time.

mod killed;
mod runs;
mod trial;
mod world;
