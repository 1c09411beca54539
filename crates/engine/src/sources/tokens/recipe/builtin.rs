//! The recipes that come with Lanyard; the folder `recipes` of the repository.

use super::Recipe;

/// File by file.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("atlassian.yaml", include_str!("../../../../../../recipes/atlassian.yaml")),
    (
        "aws-identity-center.yaml",
        include_str!("../../../../../../recipes/aws-identity-center.yaml"),
    ),
    (
        "backstage-static.yaml",
        include_str!("../../../../../../recipes/backstage-static.yaml"),
    ),
    ("github.yaml", include_str!("../../../../../../recipes/github.yaml")),
    ("halcyon.yaml", include_str!("../../../../../../recipes/halcyon.yaml")),
    ("slack.yaml", include_str!("../../../../../../recipes/slack.yaml")),
    ("snowflake.yaml", include_str!("../../../../../../recipes/snowflake.yaml")),
];

/// The recipes that come with Lanyard. Each is good: a test reads them all.
pub fn builtin() -> Vec<Recipe> {
    FILES.iter().filter_map(|(file, text)| Recipe::read(text, file).ok()).collect()
}
