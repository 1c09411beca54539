//! The recipes that come with Lanyard; the folder `recipes` of the repository.

use super::Recipe;

/// File by file.
pub(crate) const FILES: &[(&str, &str)] = &[("halcyon.yaml", include_str!("../../../../../../recipes/halcyon.yaml"))];

/// The recipes that come with Lanyard. Each is good: a test reads them all.
pub fn builtin() -> Vec<Recipe> {
    FILES.iter().filter_map(|(file, text)| Recipe::read(text, file).ok()).collect()
}
