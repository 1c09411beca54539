//! Draws people and groups as the identity provider's SCIM documents, straight to bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::house::SITES;
use super::rng::mix;
use super::{Company, DAY, Department, Kind, Person};

/// The custom extension, so that clients meet a schema that they do not know.
pub(crate) const BADGE: &str = "urn:halcyon:scim:schemas:1.0:Badge";
const USER: &str = lanyard_scim::urn::USER;
const GROUP: &str = lanyard_scim::urn::GROUP;
const ENTERPRISE: &str = lanyard_scim::urn::ENTERPRISE_USER;

/// What goes into `meta` (RFC 7643 §3.1).
pub(crate) struct Seal<'a> {
    /// Base URL of the server, without a slash at the end.
    pub(crate) base: &'a str,
    /// `Users` or `Groups`.
    pub(crate) endpoint: &'a str,
    /// `User` or `Group`.
    pub(crate) resource_type: &'a str,
    pub(crate) id: &'a str,
    /// Milliseconds since 1970.
    pub(crate) created: i64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
}

/// Puts `meta` behind a document that has none yet, and tells its weak version (a hash of everything but `meta`).
/// The body must be a JSON object with at least one member.
pub(crate) fn seal(mut body: Vec<u8>, seal: &Seal<'_>) -> (Vec<u8>, u64) {
    let version = xxhash_rust::xxh3::xxh3_64(&body);
    let stamp = |millis| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
    body.pop();
    let Seal {
        base,
        endpoint,
        resource_type,
        id,
        created,
        modified,
    } = seal;
    let meta = format!(
        r#","meta":{{"resourceType":"{resource_type}","created":"{}","lastModified":"{}","location":"{base}/{endpoint}/{id}","version":"W/\"{version:016x}\""}}}}"#,
        stamp(*created),
        stamp(*modified),
    );
    body.extend_from_slice(meta.as_bytes());
    (body, version)
}

/// Draws documents of one company for one base URL.
#[derive(Debug)]
pub struct Renderer<'a> {
    company: &'a Company,
    base: String,
    user_ids: Vec<String>,
    /// Entitlements and privileged roles that follow from membership, by person.
    held: BTreeMap<u32, Vec<(&'static str, &'static str)>>,
}

/// Direct membership of these groups shows in the document as a role or an entitlement.
const HOLDINGS: [(&str, &str, &str); 6] = [
    ("ledgerly-approvers", "ledgerly:approver", "application"),
    ("ledgerly-admins", "ledgerly:admin", "application"),
    ("ledgerly-readers", "ledgerly:reader", "application"),
    ("platform-admins", "platform-admin", "privileged"),
    ("backup-operators", "backup-operator", "privileged"),
    ("breakglass", "breakglass", "privileged"),
];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserDoc<'a> {
    schemas: Vec<&'static str>,
    id: &'a str,
    external_id: String,
    user_name: &'a str,
    name: NameDoc<'a>,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick_name: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    user_type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    preferred_language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'static str>,
    active: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    emails: Vec<Plural<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phone_numbers: Vec<Plural<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<AddressDoc>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entitlements: Vec<Plural<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Plural<'a>>,
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    enterprise: Option<EnterpriseDoc<'a>>,
    #[serde(rename = "urn:halcyon:scim:schemas:1.0:Badge", skip_serializing_if = "Option::is_none")]
    badge: Option<BadgeDoc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NameDoc<'a> {
    formatted: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    family_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    given_name: &'a str,
}

#[derive(Serialize)]
struct Plural<'a> {
    value: Cow<'a, str>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    primary: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AddressDoc {
    #[serde(rename = "type")]
    kind: &'static str,
    street_address: &'static str,
    locality: &'static str,
    postal_code: &'static str,
    country: &'static str,
    primary: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnterpriseDoc<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    employee_number: Option<String>,
    cost_center: String,
    organization: &'static str,
    department: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: Option<ManagerDoc<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManagerDoc<'a> {
    value: &'a str,
    #[serde(rename = "$ref")]
    reference: String,
    display_name: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BadgeDoc {
    badge_number: u64,
    building: &'static str,
    cleared_until: Timestamp,
    escort_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDoc<'a> {
    schemas: [&'static str; 1],
    id: &'a str,
    display_name: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<MemberDoc<'a>>,
}

#[derive(Serialize)]
struct MemberDoc<'a> {
    value: Cow<'a, str>,
    #[serde(rename = "$ref")]
    reference: String,
    #[serde(rename = "type")]
    kind: &'static str,
    display: Cow<'a, str>,
}

impl Company {
    /// Draws documents whose `meta.location` and `$ref` begin with `base`, the server's base URL without a slash at its
    /// end, such as `http://127.0.0.1:4000/scim/v2`.
    #[must_use]
    pub fn renderer(&self, base: &str) -> Renderer<'_> {
        let mut held: BTreeMap<u32, Vec<(&'static str, &'static str)>> = BTreeMap::new();
        for (name, value, kind) in HOLDINGS {
            if let Some(group) = self.group(name) {
                for &member in &self.groups[group].people {
                    held.entry(member).or_default().push((value, kind));
                }
            }
        }
        let user_ids = (0..self.people.len()).map(|number| self.user_id(number)).collect();
        Renderer {
            company: self,
            base: base.to_owned(),
            user_ids,
            held,
        }
    }
}

impl Renderer<'_> {
    /// The identity provider's document of one person: JSON, with `meta`. The number must be below the count of people.
    #[must_use]
    pub fn user(&self, number: usize) -> Vec<u8> {
        seal(self.user_body(number), &self.user_seal(number)).0
    }

    /// The same without `meta`.
    pub(crate) fn user_body(&self, number: usize) -> Vec<u8> {
        to_json(&self.user_doc(number, &self.company.people[number]))
    }

    /// The identity provider's document of one group: JSON, with `meta` and every direct member. The number must be
    /// below the count of groups.
    #[must_use]
    pub fn group(&self, number: usize) -> Vec<u8> {
        let id = self.company.group_id(number);
        let group = &self.company.groups[number];
        let seal_of = Seal {
            base: &self.base,
            endpoint: "Groups",
            resource_type: "Group",
            id: &id,
            created: group.created,
            modified: group.changed,
        };
        seal(self.group_body(number), &seal_of).0
    }

    /// The same without `meta`.
    pub(crate) fn group_body(&self, number: usize) -> Vec<u8> {
        let id = self.company.group_id(number);
        let group = &self.company.groups[number];
        let nested = group.groups.iter().map(|&child| {
            let id = self.company.group_id(child as usize);
            MemberDoc {
                reference: format!("{}/Groups/{id}", self.base),
                value: Cow::Owned(id),
                kind: "Group",
                display: Cow::Borrowed(&self.company.groups[child as usize].name),
            }
        });
        let people = group.people.iter().map(|&member| {
            let id = &self.user_ids[member as usize];
            MemberDoc {
                reference: format!("{}/Users/{id}", self.base),
                value: Cow::Borrowed(id),
                kind: "User",
                display: self.company.people[member as usize].display_name(),
            }
        });
        to_json(&GroupDoc {
            schemas: [GROUP],
            id: &id,
            display_name: &group.name,
            members: nested.chain(people).collect(),
        })
    }

    /// The number in the personnel system that feeds the provider.
    pub(crate) fn external_id(&self, number: usize) -> String {
        format!("atlas-{:07}", 1000 + number)
    }

    fn user_seal(&self, number: usize) -> Seal<'_> {
        let person = &self.company.people[number];
        Seal {
            base: &self.base,
            endpoint: "Users",
            resource_type: "User",
            id: &self.user_ids[number],
            created: person.joined,
            modified: person.changed,
        }
    }

    fn user_doc<'a>(&'a self, number: usize, person: &'a Person) -> UserDocOwner<'a> {
        UserDocOwner {
            renderer: self,
            number,
            person,
            display: person.display_name(),
            full: person.full_name(),
        }
    }

    fn chance(&self, number: usize, salt: u64) -> u64 {
        mix(mix(self.company.seed, salt), number as u64)
    }
}

/// Holds the names that a document borrows while it is written.
struct UserDocOwner<'a> {
    renderer: &'a Renderer<'a>,
    number: usize,
    person: &'a Person,
    display: Cow<'a, str>,
    full: Cow<'a, str>,
}

impl Serialize for UserDocOwner<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            renderer, number, person, ..
        } = self;
        let luck = renderer.chance(*number, 0xb0);
        let site = &SITES[usize::from(person.site)];
        let staff = person.is_staff();
        let enterprise = person.department.map(|department| renderer.enterprise(*number, person, department));
        let badge = (staff && luck.is_multiple_of(2)).then(|| renderer.badge(*number, person));
        let mut schemas = vec![USER];
        schemas.extend(enterprise.is_some().then_some(ENTERPRISE));
        schemas.extend(badge.is_some().then_some(BADGE));
        let mut emails: Vec<_> = person
            .email()
            .map(|value| Plural {
                value: Cow::Owned(value),
                kind: "work",
                primary: true,
            })
            .into_iter()
            .collect();
        if let Some(formerly) = person.formerly {
            emails.push(Plural {
                value: Cow::Owned(format!("{formerly}@halcyon.example")),
                kind: "other",
                primary: false,
            });
        }
        let phone = || Plural {
            value: Cow::Owned(format!("tel:+{}-555-01{:02}-{:03}", site.dial, luck % 100, luck / 100 % 1000)),
            kind: "work",
            primary: true,
        };
        let address = || AddressDoc {
            kind: "work",
            street_address: site.street,
            locality: site.name,
            postal_code: site.postal,
            country: site.country,
            primary: true,
        };
        let held = renderer.held.get(&(*number as u32)).map_or(&[][..], Vec::as_slice);
        let plurals = |privileged: bool| {
            let kept = held.iter().filter(move |(_, kind)| (*kind == "privileged") == privileged);
            kept.map(|(value, kind)| Plural {
                value: Cow::Borrowed(*value),
                kind,
                primary: false,
            })
            .collect::<Vec<_>>()
        };
        UserDoc {
            schemas,
            id: &renderer.user_ids[*number],
            external_id: renderer.external_id(*number),
            user_name: &person.user_name,
            name: NameDoc {
                formatted: &self.full,
                family_name: person.family,
                given_name: &person.given,
            },
            display_name: &self.display,
            nick_name: person.nick,
            title: person.title,
            user_type: person.kind.label(),
            preferred_language: person.language,
            timezone: staff.then_some(site.zone),
            active: person.active,
            emails,
            phone_numbers: if staff && luck / 7 % 3 == 0 { vec![phone()] } else { Vec::new() },
            addresses: if staff && luck / 11 % 4 == 0 { vec![address()] } else { Vec::new() },
            entitlements: plurals(false),
            roles: plurals(true),
            enterprise,
            badge,
        }
        .serialize(serializer)
    }
}

impl Renderer<'_> {
    fn enterprise(&self, number: usize, person: &Person, department: Department) -> EnterpriseDoc<'_> {
        let manager = person.manager.map(|manager| {
            let id = &self.user_ids[manager as usize];
            ManagerDoc {
                value: id,
                reference: format!("{}/Users/{id}", self.base),
                display_name: self.company.people[manager as usize].display_name(),
            }
        });
        EnterpriseDoc {
            employee_number: (person.kind == Kind::Employee).then(|| format!("HF-{:06}", 1000 + number)),
            cost_center: format!("{}", 4000 + department as u32 * 10),
            organization: if person.kind == Kind::Contractor {
                "External"
            } else {
                "Halcyon Freight"
            },
            department: department.label(),
            manager,
        }
    }

    fn badge(&self, number: usize, person: &Person) -> BadgeDoc {
        let luck = self.chance(number, 0xbad9);
        let days = 30 + (luck % 700) as i64;
        BadgeDoc {
            badge_number: 100_000 + number as u64,
            building: SITES[usize::from(person.site)].slug,
            cleared_until: Timestamp::from_millisecond(self.company.today.as_millisecond() + days * DAY).unwrap_or(self.company.today),
            escort_required: person.kind == Kind::Contractor,
        }
    }
}

/// Writing these types to memory cannot fail: their keys are strings, and a vector takes every byte.
#[expect(
    clippy::expect_used,
    reason = "only a map with keys that are no strings, or a failing writer, makes this fail; there is neither"
)]
fn to_json(document: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1024);
    serde_json::to_writer(&mut bytes, document).expect("a document of strings, numbers and booleans");
    bytes
}
