//! What a person is told about a filter that cannot be read.

use lanyard_scim::Filter;
use lanyard_scim::filter::{FilterErrorKind, MAX_LENGTH, MAX_NESTING};

/// The filter, what is said, the text that is marked, and what it would be replaced by.
const CASES: &[(&str, &str, &str, Option<&str>)] = &[
    (
        "",
        "the filter is empty: begin with an attribute, as in userName eq \"anna\"",
        "",
        None,
    ),
    (
        "   ",
        "the filter is empty: begin with an attribute, as in userName eq \"anna\"",
        "",
        None,
    ),
    (
        "userName",
        "expected an operator such as eq after userName, but the filter ends here",
        "",
        None,
    ),
    (
        "userName equals \"a\"",
        "expected an operator such as eq after userName, but found equals; did you mean eq?",
        "equals",
        Some("eq"),
    ),
    (
        "userName = \"a\"",
        "expected an operator such as eq after userName, but found =; did you mean eq?",
        "=",
        Some("eq"),
    ),
    (
        "userName==\"a\"",
        "expected an operator such as eq after userName, but found ==; did you mean eq?",
        "==",
        Some("eq"),
    ),
    (
        "userName != \"a\"",
        "expected an operator such as eq after userName, but found !=; did you mean ne?",
        "!=",
        Some("ne"),
    ),
    (
        "meta.created >= \"2026\"",
        "expected an operator such as eq after meta.created, but found >=; did you mean ge?",
        ">=",
        Some("ge"),
    ),
    (
        "userName contains \"a\"",
        "expected an operator such as eq after userName, but found contains; did you mean co?",
        "contains",
        Some("co"),
    ),
    (
        "userName eqq \"a\"",
        "expected an operator such as eq after userName, but found eqq; did you mean eq?",
        "eqq",
        Some("eq"),
    ),
    (
        "userName \"a\"",
        "expected an operator such as eq after userName, but found \"a\"",
        "\"a\"",
        None,
    ),
    (
        "userName eq",
        "expected a value such as \"text\", 42 or true after eq, but the filter ends here",
        "",
        None,
    ),
    (
        "userName eq )",
        "expected a value such as \"text\", 42 or true after eq, but found )",
        ")",
        None,
    ),
    (
        "userName eq anna",
        "put anna in double quotes; did you mean \"anna\"?",
        "anna",
        Some("\"anna\""),
    ),
    (
        "displayName eq John Smith and title pr",
        "put John Smith in double quotes; did you mean \"John Smith\"?",
        "John Smith",
        Some("\"John Smith\""),
    ),
    (
        "(userName eq anna)",
        "put anna in double quotes; did you mean \"anna\"?",
        "anna",
        Some("\"anna\""),
    ),
    (
        "userName eq trueish",
        "put trueish in double quotes; did you mean \"trueish\"?",
        "trueish",
        Some("\"trueish\""),
    ),
    (
        "meta.created gt 2026-01-01T00:00:00Z",
        "put 2026-01-01T00:00:00Z in double quotes; did you mean \"2026-01-01T00:00:00Z\"?",
        "2026-01-01T00:00:00Z",
        Some("\"2026-01-01T00:00:00Z\""),
    ),
    (
        "meta.created gt 2026-01-01",
        "put 2026-01-01 in double quotes; did you mean \"2026-01-01\"?",
        "2026-01-01",
        Some("\"2026-01-01\""),
    ),
    (
        "userName eq 'anna'",
        "texts stand in straight double quotes; did you mean \"anna\"?",
        "'anna'",
        Some("\"anna\""),
    ),
    (
        "userName eq “anna”",
        "texts stand in straight double quotes; did you mean \"anna\"?",
        "“anna”",
        Some("\"anna\""),
    ),
    (
        "userName eq \"anna",
        "the closing double quote of this text is missing",
        "\"anna",
        None,
    ),
    (
        "userName eq \"an\\",
        "the closing double quote of this text is missing",
        "\"an\\",
        None,
    ),
    (
        "userName eq \"a\\qb\"",
        "within a text write \\\" for a quote and \\\\ for a backslash; control characters are not allowed",
        "\\q",
        None,
    ),
    (
        "userName eq \"a\tb\"",
        "within a text write \\\" for a quote and \\\\ for a backslash; control characters are not allowed",
        "\t",
        None,
    ),
    (
        "userName eq \"\\ud83d\"",
        "within a text write \\\" for a quote and \\\\ for a backslash; control characters are not allowed",
        "\\ud83d",
        None,
    ),
    ("a eq 01", "01 is no number", "01", None),
    ("a eq 1e999", "1e999 is no number", "1e999", None),
    ("a eq -", "- is no number", "-", None),
    ("(userName pr", "a closing parenthesis ) is missing", "", None),
    ("(userName pr]", "a closing parenthesis ) is missing", "]", None),
    ("emails[type eq \"work\"", "a closing bracket ] is missing", "", None),
    ("emails[type eq \"work\")", "a closing bracket ] is missing", ")", None),
    (
        "userName pr)",
        "there is nothing open that ) could close; leave it out",
        ")",
        Some(""),
    ),
    (")", "there is nothing open that ) could close", ")", None),
    (
        "a pr && b pr",
        "expected and, or, or the end, but found &&; did you mean and?",
        "&&",
        Some("and"),
    ),
    (
        "a pr || b pr",
        "expected and, or, or the end, but found ||; did you mean or?",
        "||",
        Some("or"),
    ),
    (
        "a pr adn b pr",
        "expected and, or, or the end, but found adn; did you mean and?",
        "adn",
        Some("and"),
    ),
    ("a pr b pr", "expected and, or, or the end, but found b", "b", None),
    (
        "a pr and",
        "expected an attribute such as userName after and, but the filter ends here",
        "",
        None,
    ),
    (
        "a pr or )",
        "expected an attribute such as userName after or, but found )",
        ")",
        None,
    ),
    ("()", "expected an attribute such as userName after (, but found )", ")", None),
    (
        "\"userName\" eq \"a\"",
        "expected an attribute such as userName, but found \"userName\"; did you mean userName?",
        "\"userName\"",
        Some("userName"),
    ),
    ("42 eq userName", "expected an attribute such as userName, but found 42", "42", None),
    (
        "not userName pr",
        "what follows not stands in parentheses: not (userName pr)",
        "not",
        None,
    ),
    (
        "! userName pr",
        "expected an attribute such as userName, but found !; did you mean not?",
        "!",
        Some("not"),
    ),
    (
        "name.given.first eq 1",
        "name.given.first is no attribute: an attribute has only one level of sub-attributes",
        "name.given.first",
        None,
    ),
    ("a[b[c pr]]", "brackets cannot stand within brackets", "[", None),
    (
        "emails[type eq \"work\"].value eq \"x\"",
        ".value cannot follow a closing bracket; put the whole condition into the brackets, as in emails[type eq \"work\" and value co \"@example.com\"]",
        ".value",
        None,
    ),
];

#[test]
fn errors_are_plain_and_point_at_the_place() {
    for (text, message, marked, suggestion) in CASES {
        let error = Filter::parse(text).expect_err(text);
        assert_eq!(error.to_string(), *message, "{text}");
        assert_eq!(&text[error.at..error.at + error.len], *marked, "{text}: {error:?}");
        assert_eq!(error.suggestion.as_deref(), *suggestion, "{text}");
        assert!(!error.expected().is_empty(), "{text}");
    }
}

#[test]
fn suggestions_lead_to_filters() {
    for text in [
        "userName equals \"a\"",
        "userName = \"a\"",
        "userName eq anna",
        "userName eq 'anna'",
        "a pr && b pr",
        "userName pr)",
        "meta.created gt 2026-01-01",
    ] {
        let error = Filter::parse(text).unwrap_err();
        let mut mended = text.to_owned();
        mended.replace_range(error.at..error.at + error.len, error.suggestion.as_deref().unwrap());
        assert!(Filter::parse(&mended).is_ok(), "{text} became {mended}");
    }
}

#[test]
fn limits() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(MAX_NESTING)).is_ok());
    assert_eq!(Filter::parse(&nested(MAX_NESTING + 1)).unwrap_err().kind, FilterErrorKind::TooDeep);
    assert_eq!(Filter::parse(&"(".repeat(500_000)).unwrap_err().kind, FilterErrorKind::TooDeep);
    assert_eq!(Filter::parse(&"not (".repeat(100_000)).unwrap_err().kind, FilterErrorKind::TooDeep);
    assert_eq!(
        Filter::parse(&"a".repeat(MAX_LENGTH + 1)).unwrap_err().kind,
        FilterErrorKind::TooLong
    );
}
