//! Many people, rendered as the pages that a server would send. The same from run to run.

use serde_json::json;

const FIRST: [&str; 16] = [
    "Olena",
    "Siobhán",
    "Adaeze",
    "Giorgi",
    "美咲",
    "Łukasz",
    "Nguyễn",
    "Tomáš",
    "Ximena",
    "Rustam",
    "Αθηνά",
    "דניאל",
    "نور",
    "Zsófia",
    "Mehmet",
    "Þórdís",
];
const LAST: [&str; 16] = [
    "Shevchenko",
    "Ní Dhomhnaill",
    "Ọkáfọ̀",
    "Beridze",
    "田中",
    "Wójcik",
    "Hạnh",
    "Dvořák",
    "Muñoz-Ibáñez",
    "Aliev",
    "Παπαδοπούλου",
    "לוי",
    "الهاشمي",
    "Szőke",
    "Yıldız",
    "Jónsdóttir",
];
const DEPARTMENTS: [&str; 12] = [
    "Payments",
    "Platform",
    "Freight ops",
    "Data",
    "Finance",
    "People",
    "Legal",
    "Security",
    "IT",
    "Warehouse",
    "Customer care",
    "Sales",
];
const TITLES: [&str; 6] = ["Clerk", "Engineer", "Site Reliability Engineer", "Analyst", "Lead", "Manager"];

/// How many of what.
#[derive(Clone, Copy)]
pub struct Size {
    pub users: usize,
    pub groups: usize,
    pub members: usize,
}

impl Size {
    /// The company that most figures are about.
    pub const LARGE: Self = Self {
        users: 100_000,
        groups: 5_000,
        members: 500_000,
    };
}

/// A number that looks random and is not (SplitMix64).
pub fn mixed(number: usize) -> u64 {
    let mut mixed = (number as u64)
        .wrapping_add(0x9E37_79B9_7F4A_7C15)
        .wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^= mixed >> 27;
    mixed = mixed.wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn pick<'a>(from: &[&'a str], number: u64) -> &'a str {
    from[(number % from.len() as u64) as usize]
}

/// What a user is called: display name, user name, e-mail, id.
pub fn names(number: usize) -> (String, String, String, String) {
    let random = mixed(number);
    let display = format!("{} {}", pick(&FIRST, random), pick(&LAST, random >> 8));
    let user_name = format!(
        "{}.{}.{number}",
        ["olena", "siobhan", "adaeze", "giorgi", "misaki", "lukasz"][(random % 6) as usize],
        mixed(number + 7) % 9973
    );
    let email = format!("{user_name}@halcyon.example");
    (
        display,
        user_name,
        email,
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            random >> 32,
            random & 0xffff,
            number & 0xfff,
            random >> 20 & 0xfff,
            number
        ),
    )
}

/// A user's document: some 800 bytes.
pub fn user(number: usize) -> String {
    let random = mixed(number);
    let (display, user_name, email, id) = names(number);
    let modified = format!(
        "2026-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        1 + random % 11,
        1 + random % 28,
        random % 24,
        random % 60,
        random % 59
    );
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": id,
        "externalId": format!("hf-{number:07}"),
        "userName": user_name,
        "name": {"formatted": display, "familyName": pick(&LAST, random >> 8), "givenName": pick(&FIRST, random)},
        "displayName": display,
        "title": pick(&TITLES, random >> 16),
        "active": !random.is_multiple_of(20),
        "emails": [{"value": email, "type": "work", "primary": true}],
        "locale": "en-GB",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": format!("{number}"),
            "department": pick(&DEPARTMENTS, random >> 24),
            "manager": {"value": names(number / 8).3},
        },
        "meta": {"resourceType": "User", "created": "2021-03-04T08:00:00Z", "lastModified": modified, "version": format!("W/\"{:x}\"", random >> 40),
                 "location": format!("https://idp.halcyon.example/scim/v2/Users/{id}")},
    })
    .to_string()
}

/// A group's document with its members.
pub fn group(number: usize, size: Size) -> String {
    let members: Vec<_> = member_numbers(number, size)
        .map(|member| json!({"value": names(member).3, "type": "User"}))
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": group_id(number),
        "displayName": group_name(number),
        "members": members,
        "meta": {"resourceType": "Group", "created": "2021-03-04T08:00:00Z", "lastModified": "2026-05-06T07:08:09Z"},
    })
    .to_string()
}

/// A group's id.
pub fn group_id(number: usize) -> String {
    format!("g-{number:06}-{:08x}", mixed(number) >> 32)
}

/// A group's name.
pub fn group_name(number: usize) -> String {
    format!("{} {number}", pick(&DEPARTMENTS, mixed(number)))
}

/// Which users a group names.
pub fn member_numbers(group: usize, size: Size) -> impl Iterator<Item = usize> {
    let each = size.members / size.groups;
    (0..each).map(move |place| (mixed(group) as usize % size.users + place * 17) % size.users)
}
