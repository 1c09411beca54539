//! The filters of RFC 7644 §3.4.2.2 and §3.5.2: what they parse to, print, and match.

use lanyard_scim::filter::{CompareOp, Literal, WarningKind};
use lanyard_scim::{AttrPath, Catalog, Filter, urn};
use serde_json::{Value, json};

use crate::fixtures;

/// The examples of RFC 7644 §3.4.2.2, and whether the enterprise user of RFC 7643 §8.3 matches.
const EXAMPLES: [(&str, bool); 20] = [
    (r#"userName eq "bjensen""#, false),
    (r#"name.familyName co "O'Malley""#, false),
    (r#"userName sw "J""#, false),
    (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, false),
    ("title pr", true),
    (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
    (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
    (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false),
    (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, true),
    (r#"title pr and userType eq "Employee""#, true),
    (r#"title pr or userType eq "Intern""#, true),
    (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, true),
    (
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        true,
    ),
    (
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        false,
    ),
    (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
    (
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        true,
    ),
    (
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        true,
    ),
    (
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "tour operations""#,
        true,
    ),
    (r#"emails[type eq "home" and value co "@example.com"]"#, false),
    (r#"userName Eq "BJENSEN@example.com""#, true),
];

fn parse(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn matches(text: &str, value: &Value) -> bool {
    parse(text).matches(value, &Catalog::core())
}

#[test]
fn the_examples_of_the_rfc() {
    let user = fixtures::json("user-enterprise");
    for (text, expected) in EXAMPLES {
        assert_eq!(matches(text, &user), expected, "{text}");
        assert_eq!(parse(text).check(&Catalog::core()), [], "{text}");
    }
}

#[test]
fn printing_is_canonical() {
    for (text, canonical) in [
        (
            r#"userType eq "Employee" and (emails.type eq "work")"#,
            r#"userType eq "Employee" and emails.type eq "work""#,
        ),
        ("  a  PR  OR ( b pr AND (c pr) )", "a pr or b pr and c pr"),
        ("(a pr or b pr) and c pr", "(a pr or b pr) and c pr"),
        ("NOT(a pr)", "not (a pr)"),
        ("not ((a pr))", "not (a pr)"),
        ("a pr and (b pr and c pr)", "a pr and (b pr and c pr)"),
        (r#"a eq "\u0041\/\n""#, r#"a eq "A/\n""#),
        ("a eq 1.50", "a eq 1.5"),
        ("a eq TRUE", "a eq true"),
        ("emails [ type eq \"work\" ]", "emails[type eq \"work\"]"),
        ("not pr and and eq 1", "not pr and and eq 1"),
    ] {
        let filter = parse(text);
        assert_eq!(filter.to_string(), canonical);
        assert_eq!(parse(canonical), filter);
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closer_than_both() {
    let compare = |name: &str| Filter::Present(AttrPath::name(name));
    assert_eq!(
        parse("a pr or b pr and not (c pr) or d pr"),
        Filter::Or(vec![
            compare("a"),
            Filter::And(vec![compare("b"), Filter::Not(Box::new(compare("c")))]),
            compare("d"),
        ])
    );
}

#[test]
fn a_long_chain_is_no_deep_tree() {
    let text = vec!["id eq \"2819c223\""; 20_000].join(" or ");
    let filter = parse(&text);
    assert_eq!(filter.to_string(), text);
    assert!(filter.matches(&json!({"id": "2819c223"}), &Catalog::core()));
}

#[test]
fn case_is_by_the_schema() {
    let user = json!({"id": "Ab", "userName": "Ünal", "externalId": "Xy", "shoe": "Red"});
    assert!(matches(r#"USERNAME eq "ÜNAL""#, &user));
    assert!(matches(r#"userName co "NA""#, &user));
    assert!(!matches(r#"id eq "ab""#, &user));
    assert!(matches(r#"id eq "Ab""#, &user));
    assert!(!matches(r#"externalId sw "x""#, &user));
    assert!(matches(r#"shoe eq "RED""#, &user));
}

#[test]
fn absent_null_and_empty() {
    for empty in [
        json!({}),
        json!({"title": null, "emails": null}),
        json!({"title": [], "emails": []}),
        json!({"emails": [null, {"value": null}]}),
    ] {
        assert!(!matches("title pr", &empty));
        assert!(!matches("emails pr", &empty), "{empty}");
        assert!(matches("title ne \"x\"", &empty));
        assert!(matches("emails ne \"x\"", &empty));
        assert!(!matches("title eq \"\"", &empty));
        assert!(!matches("title co \"\"", &empty));
        assert!(matches("title eq null", &empty));
        assert!(!matches("title ne null", &empty));
        assert!(matches("not (emails[value pr])", &empty));
    }
    let blank = json!({"title": "", "name": {"givenName": ""}});
    assert!(!matches("title pr", &blank));
    assert!(!matches("name pr", &blank));
    assert!(matches("title eq \"\"", &blank));
    assert!(matches("title ne null", &blank));
    assert!(matches("active pr", &json!({"active": false})));
}

#[test]
fn several_values_match_by_any() {
    let user = json!({"emails": [{"value": "a@x", "type": "work"}, {"value": "b@y", "type": "home"}, "c@z"]});
    assert!(matches("emails eq \"a@x\"", &user));
    assert!(matches("emails.value eq \"c@z\"", &user));
    assert!(matches("emails[value eq \"c@z\"]", &user));
    assert!(matches("emails ne \"a@x\"", &user));
    assert!(!matches("not (emails eq \"a@x\")", &user));
    assert!(matches("emails.type eq \"work\" and emails.value eq \"b@y\"", &user));
    assert!(!matches("emails[type eq \"work\" and value eq \"b@y\"]", &user));
    assert!(matches("emails[not (type eq \"work\")]", &user));
    // A server that sends one value without a list.
    assert!(matches("emails[type eq \"work\"]", &json!({"emails": {"type": "work"}})));
}

#[test]
fn truth_values_in_any_dress() {
    for (value, expected) in [
        (json!(true), true),
        (json!("True"), true),
        (json!("false"), false),
        (json!(false), false),
        (json!(null), false),
    ] {
        let user = json!({ "active": value });
        assert_eq!(matches("active eq true", &user), expected, "{user}");
        assert_eq!(matches("active eq \"true\"", &user), expected, "{user}");
        assert!(!matches("active gt false", &user));
        assert!(!matches("active co \"t\"", &user));
    }
    assert!(matches("emails[primary eq true]", &json!({"emails": [{"primary": "True"}]})));
}

#[test]
fn times_are_instants_and_numbers_are_numbers() {
    let user = json!({"meta": {"lastModified": "2026-01-01T12:00:00.500+02:00"}, "count": 10, "text": "9"});
    assert!(matches("meta.lastModified eq \"2026-01-01T10:00:00.5Z\"", &user));
    assert!(matches("meta.lastModified lt \"2026-01-01T10:00:01Z\"", &user));
    assert!(matches("meta.lastModified gt \"2026-01-01T11:59:00+02:00\"", &user));
    assert!(matches("meta.lastModified sw \"2026-01\"", &user));
    assert!(matches("count gt 9", &user));
    assert!(matches("count eq 10.0", &user));
    assert!(matches("text lt 10", &user));
    assert!(matches("text gt \"10\"", &user));
    assert!(matches("count ge 9223372036854775807 or count lt 9223372036854775807", &user));
}

#[test]
fn extensions_by_urn_and_by_plain_name() {
    let user = fixtures::json("user-enterprise");
    assert!(matches("department eq \"Tour Operations\"", &user));
    assert!(matches("manager.displayName sw \"john\"", &user));
    assert!(matches("manager eq \"26118915-6090-4610-87e4-49d8ca9f808d\"", &user));
    assert!(matches(&format!("{} pr", urn::ENTERPRISE_USER), &user));
    assert!(matches(&format!("{}:MANAGER.value pr", urn::ENTERPRISE_USER.to_lowercase()), &user));
    assert!(!matches(&format!("{} pr", urn::ENTERPRISE_USER), &fixtures::json("user-full")));
    // A core URN means the schema too: a user is no group, though both have a displayName.
    assert!(!matches(&format!("{}:displayName pr", urn::GROUP), &user));
    assert!(matches(&format!("{}:id pr", urn::USER), &user));
}

#[test]
fn literals_keep_their_kind() {
    let value = |text: &str| match parse(text) {
        Filter::Compare {
            op: CompareOp::Eq, value, ..
        } => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(value("a eq \"true\""), Literal::from("true"));
    assert_eq!(value("a eq true"), Literal::Bool(true));
    assert_eq!(value("a eq null"), Literal::Null);
    assert_eq!(value("a eq -0"), Literal::Number(0.into()));
    assert_eq!(value("a eq 18446744073709551615"), Literal::Number(u64::MAX.into()));
    assert_eq!(value("a eq \"\\ud83d\\ude00\""), Literal::from("😀"));
}

#[test]
fn doubts() {
    let doubts = |text: &str| {
        parse(text)
            .check(&Catalog::core())
            .into_iter()
            .map(|warning| warning.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(doubts("usrName pr"), ["usrName is not known; did you mean userName?"]);
    assert_eq!(
        doubts("name.givnName pr"),
        ["name.givnName is not known; did you mean name.givenName?"]
    );
    assert_eq!(
        doubts("givenName eq \"x\""),
        ["givenName is not known; did you mean name.givenName?"]
    );
    assert_eq!(doubts("qqqqqqqq pr"), ["qqqqqqqq is not known"]);
    assert_eq!(
        doubts("emails[typ eq \"work\"]"),
        ["emails.typ is not known; did you mean emails.type?"]
    );
    assert_eq!(doubts("active gt true"), ["gt makes no sense for active, which is of type boolean"]);
    assert_eq!(doubts("active eq \"yes\""), ["active is of type boolean and can never be \"yes\""]);
    assert_eq!(
        doubts("meta.created gt \"yesterday\""),
        ["meta.created is of type dateTime and can never be \"yesterday\""]
    );
    assert_eq!(
        doubts("name eq \"x\""),
        ["name has parts; compare one of them, such as name.formatted"]
    );
    assert_eq!(doubts("title[value eq \"x\"]"), ["title has no parts that brackets could ask for"]);
    assert_eq!(
        doubts("password eq \"x\""),
        ["servers never return password, so this cannot be seen"]
    );
    assert_eq!(
        doubts("department pr"),
        ["department is read as urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"]
    );
    assert_eq!(doubts(&format!("{} pr", urn::ENTERPRISE_USER)), Vec::<String>::new());
    let warnings = parse("a pr or a pr").check(&Catalog::core());
    assert_eq!(warnings.len(), 1);
    assert!(matches!(warnings[0].kind, WarningKind::UnknownAttribute { .. }));
}

#[test]
fn paths_of_a_filter() {
    let paths: Vec<String> = parse("userName pr and emails[type eq \"work\" and not (value pr)]")
        .paths()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(paths, ["userName", "emails.type", "emails.value"]);
}
