//! The real window, as a person uses it: on a virtual screen, with a real keychain, driven from outside through WebDriver.

mod access;
mod accessible;
mod demo;
mod deprovision;
mod export;
mod findings;
mod first_run;
mod instance;
mod keyboard;
mod many;
mod people;
mod secrets;
mod sources;
mod tokens;
