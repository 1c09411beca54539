//! Properties of filters: print then parse gives the same filter, and evaluation agrees with an obvious slow one.

use lanyard_scim::filter::{CompareOp, Literal, complete};
use lanyard_scim::{AttrPath, Catalog, Filter, urn};
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use crate::oracle;

fn any_literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        4 => prop_oneof![
            Just("anna"), Just("Anna"), Just("ANNA@example.com"), Just("example"), Just("work"), Just(""), Just("true"), Just("1"), Just("7"),
            Just("2026-01-01T10:00:00Z"), Just("2026-01-01T12:00:00+02:00"), Just("2026-01-02T00:00:00.25Z"), Just("ß"), Just("Σ")
        ].prop_map(Literal::from),
        1 => "\\PC{0,6}".prop_map(|text| Literal::from(text.as_str())),
        1 => prop_oneof![Just("a\"b\\c\n\t\u{1}"), Just("\u{2028}😀")].prop_map(Literal::from),
        1 => (-3i64..12).prop_map(|number| Literal::Number(number.into())),
        1 => any::<i64>().prop_map(|number| Literal::Number(number.into())),
        1 => any::<f64>().prop_filter_map("finite", |number| Number::from_f64(number).map(Literal::Number)),
        1 => any::<bool>().prop_map(Literal::Bool),
        1 => Just(Literal::Null),
    ]
}

fn any_op() -> impl Strategy<Value = CompareOp> {
    prop::sample::select(CompareOp::ALL)
}

fn any_path(inside: bool) -> impl Strategy<Value = AttrPath> {
    let texts: Vec<String> = if inside {
        ["value", "type", "primary", "display", "VALUE", "x"].map(str::to_owned).into()
    } else {
        [
            "userName",
            "USERNAME",
            "id",
            "externalId",
            "active",
            "title",
            "name",
            "name.givenName",
            "emails",
            "emails.value",
            "emails.type",
            "Emails.primary",
            "meta.lastModified",
            "meta.created",
            "members",
            "members.value",
            "department",
            "manager",
            "manager.value",
            "shoe",
            "shoe.size",
            "schemas",
            "roles.value",
            "urn:ietf:params:scim:schemas:core:2.0:User:userName",
            "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value",
            "urn:example:ext:1.0:badge",
            "urn:example:ext:1.0",
        ]
        .map(str::to_owned)
        .into()
    };
    prop::sample::select(texts).prop_map(|text| AttrPath::parse(&text).unwrap())
}

fn any_filter(inside: bool) -> BoxedStrategy<Filter> {
    let compare = (any_path(inside), any_op(), any_literal()).prop_map(|(path, op, value)| Filter::Compare { path, op, value });
    let present = any_path(inside).prop_map(Filter::Present);
    let leaf = if inside {
        prop_oneof![4 => compare, 1 => present].boxed()
    } else {
        let values = (
            prop::sample::select(vec!["emails", "members", "addresses", "title", "shoe", "roles"]),
            any_filter(true),
        )
            .prop_map(|(name, filter)| Filter::ValuePath {
                path: AttrPath::name(name),
                filter: Box::new(filter),
            });
        prop_oneof![4 => compare, 1 => present, 1 => values].boxed()
    };
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|part| Filter::Not(Box::new(part))),
        ]
    })
    .boxed()
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::sample::select(vec![
            json!("anna"), json!("Anna"), json!("anna@example.com"), json!("work"), json!("home"), json!(""), json!("True"), json!("false"), json!("7"),
            json!("2026-01-01T10:00:00Z"), json!("2026-01-01T10:00:00.000+00:00"), json!("2026-01-02T00:00:00.250Z"), json!("STRASSE ß"), json!("ΟΔΟΣ"),
        ]),
        1 => (-3i64..12).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn any_element() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["value", "Value", "type", "primary", "display", "x"]);
    prop_oneof![
        4 => prop::collection::vec((names, any_scalar()), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())),
        1 => any_scalar(),
    ]
}

/// Something like a user, with all the ways in which servers are sloppy.
fn any_resource() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "userName",
        "username",
        "id",
        "externalId",
        "active",
        "title",
        "displayName",
        "department",
        "shoe",
    ]);
    let plain = (names, any_scalar()).prop_map(|(name, value)| (name.to_owned(), value));
    let lists = prop::sample::select(vec!["emails", "EMAILS", "members", "addresses", "roles", "shoe", "title"]);
    let listed = (lists, prop::collection::vec(any_element(), 0..3)).prop_map(|(name, items)| (name.to_owned(), Value::from(items)));
    let single = (
        prop::sample::select(vec!["emails", "name", "meta", "manager", "shoe"]),
        any_element(),
    )
        .prop_map(|(name, item)| (name.to_owned(), item));
    let times = (prop::sample::select(vec!["lastModified", "created"]), any_scalar())
        .prop_map(|(name, value)| ("meta".to_owned(), json!({ name: value })));
    let extension = (
        prop::sample::select(vec![
            urn::ENTERPRISE_USER.to_owned(),
            urn::ENTERPRISE_USER.to_lowercase(),
            "urn:example:ext:1.0".to_owned(),
        ]),
        prop::collection::vec(
            (
                prop::sample::select(vec!["department", "Department", "manager", "badge"]),
                any_element(),
            ),
            0..3,
        ),
    )
        .prop_map(|(urn, members)| {
            (
                urn,
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            )
        });
    let schemas = prop::sample::subsequence(vec![urn::USER, urn::GROUP, urn::ENTERPRISE_USER], 0..=3)
        .prop_map(|urns| ("schemas".to_owned(), json!(urns)));
    prop::collection::vec(
        prop_oneof![3 => plain, 3 => listed, 1 => single, 1 => times, 1 => extension, 1 => schemas],
        0..8,
    )
    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<String, Value>>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn print_then_parse_is_the_same_filter(filter in any_filter(false)) {
        let text = filter.to_string();
        let parsed = Filter::parse(&text);
        prop_assert_eq!(parsed.as_ref().ok(), Some(&filter), "{}: {:?}", text, parsed);
        prop_assert_eq!(parsed.unwrap().to_string(), text);
    }

    #[test]
    fn evaluation_agrees_with_the_obvious_one(filter in any_filter(false), resource in any_resource()) {
        let fast = filter.matches(&resource, &Catalog::core());
        prop_assert_eq!(fast, oracle::matches(&filter, &resource), "{} on {}", filter, resource);
    }

    #[test]
    fn not_turns_every_answer_around(filter in any_filter(false), resource in any_resource()) {
        let catalog = Catalog::core();
        let turned = Filter::Not(Box::new(filter.clone()));
        prop_assert_ne!(filter.matches(&resource, &catalog), turned.matches(&resource, &catalog));
    }

    #[test]
    fn checking_and_completing_never_fail(filter in any_filter(false), caret in 0usize..200) {
        filter.check(&Catalog::core());
        let text = filter.to_string();
        for completion in complete(&text, caret, &Catalog::core()) {
            prop_assert!(text.get(completion.replace.clone()).is_some(), "{:?} in {}", completion, text);
        }
    }

    #[test]
    fn errors_stand_on_the_borders_of_characters(text in "[a-z\\[\\]()\"'“ü .=&<>0-9\\\\-]{0,24}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(text.get(error.at..error.at + error.len).is_some(), "{:?} in {}", error, text);
        }
        for completion in complete(&text, text.len() / 2, &Catalog::core()) {
            prop_assert!(text.get(completion.replace.clone()).is_some());
        }
    }

    /// What is offered at the end of a piece of a filter can be typed there: no piece with it is worse than before.
    #[test]
    fn completions_fit_where_they_are_offered(filter in any_filter(false), cut in 0usize..120) {
        let text = filter.to_string();
        let mut cut = cut.min(text.len());
        while !text.is_char_boundary(cut) { cut -= 1; }
        let piece = &text[..cut];
        for completion in complete(piece, cut, &Catalog::core()) {
            let mut longer = piece.to_owned();
            longer.replace_range(completion.replace.clone(), &completion.insert);
            if let Err(error) = Filter::parse(&longer) {
                prop_assert!(error.at + error.len >= longer.trim_end().len(), "{} after {}: {}", completion.insert, piece, error);
            }
        }
    }
}
