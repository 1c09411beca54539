//! Recipes: those that come with Lanyard and that of the documentation are good; what is wrong is told where it stands, and no secret with it.

use super::builtin::FILES;
use super::*;

const DOCUMENT: &str = include_str!("../../../../../../docs/recipes.md");

fn example() -> &'static str {
    let (_, after) = DOCUMENT.split_once("```yaml\n").unwrap();
    after.split_once("```").unwrap().0
}

fn read(text: &str) -> Result<Recipe, RecipeProblem> {
    Recipe::read(text, "acme.yaml")
}

#[test]
fn every_recipe_that_comes_with_lanyard_is_good() {
    let there = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../recipes"))
        .unwrap()
        .count();
    assert_eq!((builtin().len(), FILES.len()), (there, there));
    let mut names: Vec<String> = builtin().iter().map(|recipe| recipe.name().to_owned()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), there, "each has a name of its own");
    for (file, text) in FILES {
        let recipe = Recipe::read(text, file).unwrap_or_else(|problem| panic!("{problem}"));
        assert!(!recipe.description().is_empty());
        // Who does not revoke by request says how a person does.
        assert!(recipe.revokes() || !recipe.steps().revoke.is_empty(), "{file}");
    }
}

#[test]
fn the_example_of_the_documentation_uses_everything_and_is_good() {
    let recipe = read(example()).unwrap_or_else(|problem| panic!("{problem}"));
    assert!(recipe.makes() && recipe.lists() && recipe.revokes() && recipe.names_host() && !recipe.replaces());
    assert_eq!(
        (recipe.asks(), recipe.limit(), recipe.overlap_ms()),
        (Asks::Manager, Some(2), Some(3_600_000))
    );
    assert_eq!(recipe.steps().hand_over.len(), 1);
    for (name, tells) in [
        ("name", "`${name}`"),
        ("key", "`${key}`"),
        ("expires", "`${expires}`"),
        ("expiresIn", "`${expiresIn}`"),
        ("id", "`${id}`"),
    ] {
        assert!(DOCUMENT.contains(tells), "{name} is not documented");
    }
}

#[test]
fn it_fits_its_kind_and_host_alone() {
    let recipe = read(example()).unwrap();
    assert!(recipe.fits(SourceKind::Scim, "https://eu.acme.example/scim/v2"));
    assert!(recipe.fits(SourceKind::Scim, "https://EU.Acme.example:8443/"));
    for address in [
        "https://acme.example/",
        "https://acme.example.evil.test/",
        "https://eu-acme.example/",
        "https://evil.test/acme.example",
        "nothing",
    ] {
        assert!(!recipe.fits(SourceKind::Scim, address), "{address}");
    }
    assert!(!recipe.fits(SourceKind::Backstage, "https://eu.acme.example/"));
    let any = read(&example().replace("  host: \"*.acme.example\"", "  # any")).unwrap();
    assert!(any.fits(SourceKind::Scim, "http://10.0.0.1/") && !any.names_host());
}

#[test]
fn each_problem_is_told_where_it_stands() {
    for (from, to, part) in [
        ("recipe/1", "recipe/2", "recipe/1"),
        ("name: Acme directory", "name: ''", "give the recipe a name"),
        ("\"*.acme.example\"", "https://acme.example", "a host's name"),
        ("\"*.acme.example\"", "\"*\"", "a host's name"),
        ("method: POST  ", "method: GET  ", "one of POST, PUT"),
        ("method: DELETE ", "method: GET ", "one of DELETE"),
        (
            "path: /api/v2/tokens                   #",
            "path: api/v2/tokens #",
            "begins with one /",
        ),
        (
            "path: /api/v2/tokens                   #",
            "path: //evil.test/x #",
            "begins with one /",
        ),
        (
            "path: /api/v2/tokens                   #",
            "path: https://evil.test/x #",
            "begins with one /",
        ),
        ("path: /api/v2/tokens                   #", "path: /api/../x #", "no . or .."),
        ("path: /api/v2/tokens                   #", "path: /api/%2E./x #", "no . or .."),
        ("path: /api/v2/tokens                   #", "path: /api/.%2e/x #", "no . or .."),
        ("path: /api/v2/tokens                   #", "path: '/api\\x' #", "backslash"),
        ("path: /api/v2/tokens                   #", "path: '/api#x' #", "no #"),
        ("path: /api/v2/tokens                   #", "path: '/a b' #", "no space"),
        (
            "path: /api/v2/tokens                   #",
            "path: /a?api_key=hush #",
            "looks like a secret",
        ),
        ("path: /api/v2/tokens/${id}", "path: /api/v2/tokens", "${id}"),
        ("label: ${name}", "label: ${nam}", "not known"),
        ("label: ${name}", "label: '${name'", "has no }"),
        ("ttl: ${expiresIn}", "ttl: ${id}", "not known"),
        ("value: /data/secret", "value: data.secret", "JSON pointer"),
        ("value: /data/secret", "value: /data/~2", "JSON pointer"),
        ("value: /data/secret", "value: ''", "a member of the answer"),
        ("Idempotency-Key: ${key}", "X-Name: ${name}", "sameKey needs"),
        ("overlap: 1h ", "overlap: soon ", "no length of time"),
        ("limit: 2 ", "limit: 0 ", "nothing to rotate"),
        ("- Put the new token", "- \"Put\\nthe new token", ""),
        ("as: manager", "as: nobody", "nobody"),
        ("  handOver:", "  handover:", "handover"),
    ] {
        assert!(example().contains(from), "{from}");
        let text = example().replacen(from, to, 1);
        let problem = read(&text).unwrap_err();
        let line = example()[..example().find(from).unwrap()].lines().count();
        let fault = &problem.faults[0];
        assert!(problem.faults.iter().any(|fault| fault.message.contains(part)), "{to}: {problem:?}");
        let near = u32::try_from(line).unwrap();
        // A member that is missing is told at what needs it.
        assert!(
            part == "sameKey needs" || fault.line.abs_diff(near) <= 1,
            "{to}: line {near}, told {problem:?}"
        );
        assert!(problem.to_string().starts_with("acme.yaml, line "), "{problem}");
    }
    // Several at once.
    let text = example()
        .replace("limit: 2 ", "limit: 0 ")
        .replace("overlap: 1h ", "overlap: soon ");
    assert_eq!(read(&text).unwrap_err().faults.len(), 2);
    assert!(
        read("lanyard: recipe/1\nname: n\nfor: { kind: scim }\n").is_err(),
        "no way to get one"
    );
    assert!(read(&" ".repeat(LONGEST + 1)).is_err());
}

#[test]
fn a_secret_is_refused_and_not_repeated() {
    const SECRET: &str = "aB3dE6gH9jK2mN5pQ8sT1vW4";
    for (from, to) in [
        (
            "Idempotency-Key: ${key}",
            format!("Authorization: Bearer {SECRET}\n    X: ${{key}}"),
        ),
        ("Idempotency-Key: ${key}", format!("Cookie: s={SECRET}\n    X: ${{key}}")),
        ("Idempotency-Key: ${key}", format!("X-Api-Key: {SECRET}\n    X: ${{key}}")),
        ("Idempotency-Key: ${key}", format!("X-Other: {SECRET}\n    X: ${{key}}")),
        ("Idempotency-Key: ${key}", format!("X-Other: Bearer {SECRET}\n    X: ${{key}}")),
        ("label: ${name}", format!("label: {SECRET}")),
        ("label: ${name}", "password: short1".to_owned()),
        ("label: ${name}", "client_secret: short1".to_owned()),
        ("label: ${name}", "auth: Basic short1".to_owned()),
        ("path: /api/v2/tokens/${id}", format!("path: /api/{SECRET}/${{id}}")),
        ("- Put the new token", format!("- Use {SECRET}")),
    ] {
        let text = example().replacen(from, &to, 1);
        assert_ne!(text, example());
        let problem = read(&text).unwrap_err();
        let told = format!("{problem:?} {problem}");
        assert!(told.contains("as` whose credential"), "{to}: {told}");
        assert!(!told.contains(SECRET) && !told.contains("short1"), "{to}: {told}");
    }
    // Names of what is no secret are left alone.
    for plain in ["tokenType: scim", "type: token", "keyId: ${key}"] {
        let text = example().replacen("label: ${name}", &format!("label: ${{name}}\n    {plain}"), 1);
        read(&text).unwrap_or_else(|problem| panic!("{plain}: {problem}"));
    }
}

#[test]
fn whatever_is_written_it_is_read_or_told() {
    use proptest::prelude::*;
    proptest!(ProptestConfig::with_cases(200), |(line in 0usize..45, text in "\\PC{0,40}")| {
        let mut lines: Vec<&str> = example().lines().collect();
        let at = line % lines.len();
        lines[at] = &text;
        if let Err(problem) = read(&lines.join("\n")) {
            prop_assert!(!problem.faults.is_empty() && problem.faults.iter().all(|fault| fault.line > 0 && !fault.message.is_empty()));
        }
    });
}
