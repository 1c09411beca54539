//! The whole of Lanyard, from the wire to the answer: the engine's front and the `lanyard` program against the lab.
#![allow(clippy::unwrap_used, reason = "this is test code: what cannot go on has failed")]

mod access;
mod asking;
mod azure;
mod azure_hostile;
mod bench;
mod broken;
mod cli;
mod company;
mod deprovision;
mod documented;
mod faults;
mod findings;
mod findings_cli;
mod front;
mod history;
mod joins;
mod kill;
mod kill_rotations;
mod kill_runs;
mod kill_systems;
mod lab;
mod leaks;
mod portal;
mod quirks;
mod rotation;
mod steering;
mod tenant;
mod terminal;
mod walk;
mod ways_out;
