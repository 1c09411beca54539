//! Accounts and groups of three kinds of system are one identity and one team by the right rule, and as an admin decides.

use serde_json::json;

use super::{World, names, query, source};
use crate::directory::{Directory, DirectoryBuilder, SourceFacts};
use crate::record::{AccountRecord, DecidedSubject, Decision, GroupRecord, RecordSink};
use crate::view::{JoinConfidence, JoinKind, JoinRule, JoinVerb, SourceId, SourceKind};

const IDP: SourceId = 1;
const PORTAL: SourceId = 2;
const TENANT: SourceId = 3;

fn sources() -> Vec<SourceFacts> {
    let of = |id, name, kind| SourceFacts {
        kind,
        ..source(id, name, id == IDP)
    };
    vec![
        of(IDP, "Idp", SourceKind::Scim),
        of(PORTAL, "Portal", SourceKind::Backstage),
        of(TENANT, "Tenant", SourceKind::Azure),
    ]
}

/// Source, id, display name, user name, e-mail, external id, and whether it is a service principal.
type Account<'a> = (SourceId, &'a str, &'a str, &'a str, &'a str, &'a str, bool);

fn directory(accounts: &[Account<'_>], groups: &[(SourceId, &str, &str, &str)], decided: Vec<Decision>) -> Directory {
    let some = |text: &'static str| Some(text).filter(|text| !text.is_empty());
    let leak = |text: &str| some(String::leak(text.to_owned()));
    let mut builder = DirectoryBuilder::new(sources()).deciding(decided);
    for ((source, id, name, user, email, external, service), row) in accounts.iter().zip(1..) {
        builder.account(&AccountRecord {
            row,
            source: *source,
            id,
            user_name: leak(user),
            display_name: leak(name),
            email: leak(email),
            external_id: leak(external),
            active: Some(true),
            service: *service,
            ..AccountRecord::default()
        });
    }
    for ((source, id, name, external), row) in groups.iter().zip(1_000..) {
        builder.group(&GroupRecord {
            row,
            source: *source,
            id,
            display_name: leak(name),
            external_id: leak(external),
            created: None,
            modified: None,
            members_listed: true,
            unconfirmed: false,
        });
    }
    builder.finish(3)
}

/// The keys of the accounts of an identity with their rules.
fn identity(directory: &Directory, key: &str) -> Vec<(String, Option<JoinRule>, Option<JoinConfidence>)> {
    let person = directory.person(key, &super::Store::default()).unwrap();
    person
        .accounts
        .into_iter()
        .map(|account| (account.key, account.joined_by, account.confidence))
        .collect()
}

fn keys(directory: &Directory, key: &str) -> Vec<String> {
    identity(directory, key).into_iter().map(|(key, ..)| key).collect()
}

const ADA: &str = "0f0e0d0c-0000-4000-8000-00000000ada1";
const BOB: &str = "0f0e0d0c-0000-4000-8000-00000000b0b1";

#[test]
fn each_system_meets_the_others_by_its_own_keys() {
    let upper = ADA.to_uppercase();
    let directory = directory(
        &[
            // The provider keeps Entra's id; the portal's annotation has it in capitals.
            (IDP, "s1", "Ada Lovelace", "ada", "ada@acme.test", ADA, false),
            (PORTAL, "user:default/al", "Ada", "al", "", &upper, false),
            (TENANT, ADA, "Ada Lovelace", "ada.l@acme.onmicrosoft.test", "", "", false),
            // No annotation: the name that the provider of the catalog makes of the address.
            (IDP, "s2", "Bob", "bob", "Bob.Builder+x@Acme.test", "", false),
            (
                PORTAL,
                "user:default/bob.builder_x_acme.test",
                "B",
                "bob.builder_x_acme.test",
                "",
                "",
                false,
            ),
            // An Azure account meets the provider's by user name.
            (TENANT, BOB, "Bob", "BOB", "", "", false),
            // A service principal is nobody's namesake.
            (IDP, "s3", "Backup runner", "runner", "runner@acme.test", "", false),
            (
                TENANT,
                "0f0e0d0c-0000-4000-8000-00000000c0c1",
                "Backup runner",
                "runner",
                "runner@acme.test",
                "",
                true,
            ),
        ],
        &[
            (IDP, "g1", "Platform Team (EU)", ""),
            (PORTAL, "group:default/platform_team_eu", "The EU platform", ""),
            (TENANT, "0f0e0d0c-0000-4000-8000-00000000e0e1", "platform team (eu)", ""),
            (PORTAL, "group:default/ops", "Operations", BOB),
            (TENANT, BOB, "Ops", ""),
        ],
        Vec::new(),
    );
    let certain = Some(JoinConfidence::Certain);
    assert_eq!(
        identity(&directory, "1.s1"),
        [
            ("1.s1".to_owned(), None, None),
            ("2.user:default/al".to_owned(), Some(JoinRule::EntraId), certain),
            (format!("3.{ADA}"), Some(JoinRule::EntraId), certain),
        ]
    );
    assert_eq!(
        identity(&directory, "1.s2"),
        [
            ("1.s2".to_owned(), None, None),
            (
                "2.user:default/bob.builder_x_acme.test".to_owned(),
                Some(JoinRule::BackstageName),
                Some(JoinConfidence::Likely)
            ),
            (format!("3.{BOB}"), Some(JoinRule::UserName), Some(JoinConfidence::Strong)),
        ]
    );
    assert_eq!(keys(&directory, "1.s3"), ["1.s3"]);
    let team = directory.group("1.g1", &super::Store::default()).unwrap();
    let rules: Vec<_> = team.groups.iter().map(|group| (group.source, group.joined_by)).collect();
    assert_eq!(
        rules,
        [
            (IDP, None),
            (PORTAL, Some(JoinRule::BackstageName)),
            (TENANT, Some(JoinRule::DisplayName))
        ]
    );
    let ops = directory.group("2.group:default/ops", &super::Store::default()).unwrap();
    assert_eq!(ops.groups[1].joined_by, Some(JoinRule::EntraId));
    let joins = directory.joins();
    assert_eq!((joins.ambiguous_total, joins.decisions.len(), joins.generation), (0, 0, 3));
    let count = |rule, kind| {
        joins
            .by_rule
            .iter()
            .find(|counted| (counted.rule, counted.kind) == (rule, kind))
            .map(|counted| counted.count)
    };
    assert_eq!(count(JoinRule::EntraId, JoinKind::Account), Some(2));
    assert_eq!(count(JoinRule::BackstageName, JoinKind::Group), Some(1));
    assert_eq!(count(JoinRule::Decision, JoinKind::Account), None);
}

fn decided(seq: i64, verb: JoinVerb, one: (SourceId, &str), other: (SourceId, &str)) -> Decision {
    let subject = |(source, id): (SourceId, &str)| DecidedSubject {
        source,
        id: id.into(),
        name: format!("{id} then"),
    };
    Decision {
        seq,
        kind: JoinKind::Account,
        verb,
        one: subject(one),
        other: subject(other),
        reason: "asked them".into(),
        by: "olena".into(),
        at: 7,
    }
}

#[test]
fn an_admin_decides_what_the_rules_leave_open() {
    let accounts = [
        (IDP, "s1", "Kim Lee", "kim", "kim@acme.test", "", false),
        (PORTAL, "user:default/kim", "Kim Lee", "kim.lee", "KIM@acme.test", "", false),
        (PORTAL, "user:ops/kim", "Kim Lee", "kim.lee", "kim@acme.test", "", false),
        (TENANT, ADA, "K. L.", "kim@acme.test", "", "", false),
    ];
    let open = directory(&accounts, &[], Vec::new());
    let joins = open.joins();
    assert_eq!((joins.ambiguous_total, joins.ambiguous.len()), (1, 1));
    let question = &joins.ambiguous[0];
    assert_eq!((question.rule, question.value.as_str()), (JoinRule::Email, "kim@acme.test"));
    let carriers: Vec<_> = question
        .subjects
        .iter()
        .map(|subject| (subject.key.as_str(), subject.detail.as_str()))
        .collect();
    assert_eq!(
        carriers,
        [
            ("1.s1", "kim, kim@acme.test"),
            ("2.user:default/kim", "kim.lee, KIM@acme.test"),
            ("2.user:ops/kim", "kim.lee, kim@acme.test")
        ]
    );
    assert_eq!(keys(&open, "1.s1"), ["1.s1"]);
    // Either of the two Kims of the portal may be the provider's: it is not known of them that they have left. The tenant's is in no doubt.
    assert_eq!(open.overview().left_behind, 1);

    let settled = directory(
        &accounts,
        &[],
        vec![
            decided(1, JoinVerb::Join, (IDP, "s1"), (PORTAL, "user:default/kim")),
            decided(2, JoinVerb::Separate, (PORTAL, "user:ops/kim"), (IDP, "s1")),
            decided(3, JoinVerb::Join, (IDP, "s1"), (IDP, "gone")),
        ],
    );
    assert_eq!(keys(&settled, "1.s1"), ["1.s1", "2.user:default/kim"]);
    assert_eq!(settled.overview().left_behind, 2);
    let person = settled.person("1.s1", &super::Store::default()).unwrap();
    let decision = person.accounts[1].decision.as_ref().unwrap();
    assert_eq!(
        (
            person.accounts[1].joined_by,
            decision.seq,
            decision.by.as_str(),
            decision.reason.as_str()
        ),
        (Some(JoinRule::Decision), 1, "olena", "asked them")
    );
    assert!(person.accounts[0].decision.is_none());
    let joins = settled.joins();
    assert_eq!(joins.ambiguous_total, 0);
    let told: Vec<_> = joins
        .decisions
        .iter()
        .map(|decision| (decision.seq, decision.in_force, decision.other.name.as_str()))
        .collect();
    assert_eq!(told, [(3, false, "gone then"), (2, true, "Kim Lee"), (1, true, "Kim Lee")]);
    // Two of one source, by decision: one row, both accounts.
    let both = directory(
        &accounts,
        &[],
        vec![decided(1, JoinVerb::Join, (PORTAL, "user:default/kim"), (PORTAL, "user:ops/kim"))],
    );
    assert_eq!(keys(&both, "1.s1"), ["1.s1", "2.user:default/kim", "2.user:ops/kim"]);
    assert_eq!(both.joins().ambiguous_total, 0);
}

#[test]
fn what_rules_join_an_admin_can_part() {
    let mut world = World::new(vec![source(1, "Idp", true), source(2, "App", false)]);
    world.user(1, json!({"id": "a", "userName": "ann", "displayName": "Ann"}));
    world.user(2, json!({"id": "b", "userName": "ann", "displayName": "Ann"}));
    assert_eq!(names(&world.people(&world.directory(), &query())), ["Ann"]);
    world.decided = vec![decided(1, JoinVerb::Separate, (2, "b"), (1, "a"))];
    let parted = world.directory();
    assert_eq!(names(&world.people(&parted, &query())), ["Ann", "Ann"]);
    assert!(parted.joins().decisions[0].in_force);
}
