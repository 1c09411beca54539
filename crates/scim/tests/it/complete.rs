//! What is offered while a filter is typed.

use lanyard_scim::Catalog;
use lanyard_scim::filter::{Completion, CompletionKind, complete};

/// Completes where the `|` stands.
fn at(text: &str) -> Vec<Completion> {
    let caret = text.find('|').unwrap();
    complete(&text.replace('|', ""), caret, &Catalog::core())
}

fn inserts(text: &str) -> Vec<String> {
    at(text).into_iter().map(|completion| completion.insert).collect()
}

/// The text after the first completion was taken.
fn taken(text: &str) -> String {
    let mut whole = text.replace('|', "");
    let first = at(text).into_iter().next().unwrap_or_else(|| panic!("nothing for {text}"));
    whole.replace_range(first.replace, &first.insert);
    whole
}

#[test]
fn attributes() {
    assert!(inserts("|").contains(&"userName".to_owned()));
    assert!(inserts("|").contains(&"not (".to_owned()));
    assert_eq!(taken("us|"), "userName");
    assert_eq!(taken("USERN|"), "userName");
    assert_eq!(taken("title pr and disp|"), "title pr and displayName");
    assert_eq!(taken("name.g|"), "name.givenName");
    assert_eq!(
        taken("depart|"),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
    );
    assert_eq!(taken("(userN|ame eq \"x\")"), "(userName eq \"x\")");
    assert_eq!(taken("emails[ty|"), "emails[type");
    assert_eq!(inserts("emails[|"), ["value", "display", "type", "primary", "not (", "("]);
    assert!(at("us|").iter().all(|completion| completion.kind == CompletionKind::Attribute));
}

#[test]
fn operators_by_type() {
    assert_eq!(inserts("active |"), ["eq ", "ne ", "pr "]);
    assert_eq!(inserts("userName s|"), ["sw "]);
    assert!(inserts("emails |").contains(&"[".to_owned()));
    assert!(!inserts("userName |").contains(&"[".to_owned()));
    assert_eq!(inserts("emails[primary |"), ["eq ", "ne ", "pr "]);
}

#[test]
fn values_from_the_schema() {
    assert_eq!(inserts("active eq |"), ["true", "false"]);
    assert_eq!(taken("active eq t|"), "active eq true");
    assert_eq!(inserts("emails.type eq \"h|"), ["\"home\""]);
    assert_eq!(taken("emails[type eq \"w|\""), "emails[type eq \"work\"");
    assert_eq!(inserts("userName eq |"), ["\"\""]);
    assert_eq!(inserts("userName eq \"a|"), Vec::<String>::new());
}

#[test]
fn connectives() {
    assert_eq!(inserts("userName pr |"), ["and ", "or "]);
    assert_eq!(inserts("(userName eq \"x\" |"), ["and ", "or ", ")"]);
    assert_eq!(inserts("emails[type pr |"), ["and ", "or ", "]"]);
    assert_eq!(inserts("userName pr a|"), ["and "]);
}

#[test]
fn nonsense_gives_nothing_and_never_panics() {
    assert_eq!(inserts("\"x\" |"), Vec::<String>::new());
    assert_eq!(inserts(")|"), Vec::<String>::new());
    for caret in 0..12 {
        complete("ü eq \"ö", caret, &Catalog::core());
    }
}
