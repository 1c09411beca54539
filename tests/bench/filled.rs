//! Folders whose cache holds a large tenant: people, nested groups, and rights over subscriptions and vaults.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use lanyard_engine::record::{AccountRecord, GroupRecord, ItemColumns, ResourceKind, Row};
use lanyard_engine::secrets::{EnvKeychain, KEY_VARIABLE, Secret};
use lanyard_engine::store::cache::{Cache, Packer, SourceState, Version};
use lanyard_engine::store::folder::{Folder, obtain_key};
use lanyard_engine::view::{AuthSettings, AzureCloud, AzureSettings, Coverage, CoverageState, PeopleQuery, SourceKind, SourceSettings};
use lanyard_engine::{Engine, OpenOptions};

use crate::company::{self, Size};
use crate::tenant;

/// A large company.
pub const MANY: Size = Size {
    users: 1_000_000,
    groups: 50_000,
    members: 5_000_000,
};

/// The key of the measured folders: they hold made-up people and are thrown away.
pub const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The keychain of the measured folders.
pub fn keychain() -> Arc<EnvKeychain> {
    Arc::new(EnvKeychain::from_variables([(KEY_VARIABLE.to_owned(), KEY.to_owned())]).expect("a key"))
}

/// Opens an engine on a filled folder.
pub fn open(folder: &Path) -> Engine {
    Engine::open(OpenOptions {
        data_dir: folder.to_owned(),
        keychain: keychain(),
        demo: false,
    })
    .expect("opens")
}

/// A tenant that nobody reads: its rows are written.
fn settings() -> SourceSettings {
    let nowhere = || "http://127.0.0.1:1".to_owned();
    SourceSettings {
        kind: SourceKind::Azure,
        name: "Tenant".into(),
        url: nowhere(),
        auth: AuthSettings::ClientSecret { client_id: "bench".into() },
        authoritative: true,
        allow_writes: false,
        ca_pem: None,
        headers: Vec::new(),
        request_budget: None,
        enabled: true,
        azure: Some(AzureSettings {
            tenant: "halcyon".into(),
            cloud: AzureCloud::Other {
                authority: nowhere(),
                graph: nowhere(),
            },
            ..AzureSettings::default()
        }),
        backstage: None,
    }
}

/// Fills a folder's cache with a tenant of this size, as a sync would leave it.
pub fn fill(folder: &Path, size: Size) {
    let engine = open(folder);
    let source = engine.add_source(&settings(), Some(Secret::new("bench".into()))).expect("added").id;
    drop(engine);
    let identity = Folder::open(folder).expect("a folder");
    let key = obtain_key(&*keychain(), &identity, "cache", &folder.join("cache.db")).expect("a key");
    let cache = Cache::open(folder, &key).expect("opens").cache;
    let samples: Vec<String> = (0..300).map(company::user).collect();
    let samples: Vec<&[u8]> = samples.iter().map(String::as_bytes).collect();
    let dictionary = cache.train_dictionary(source, ResourceKind::User, &samples).expect("trains");
    let mut packer = Packer::new(dictionary.as_ref().map(|(id, body)| (*id, body.as_slice()))).expect("a packer");
    let mut writer = cache.writer(source).expect("a writer");
    writer.prepare_indexes().expect("prepares");
    // One in ten leads somebody.
    let managers: Vec<String> = (0..size.users).step_by(10).map(|number| company::names(number).3).collect();
    for number in 0..size.users {
        writer.begin().expect("begins");
        let (display, user_name, email, id) = company::names(number);
        let text = company::user(number);
        let record = AccountRecord {
            id: &id,
            user_name: Some(&user_name),
            display_name: Some(&display),
            email: Some(&email),
            external_id: Some("hf"),
            title: Some(["Clerk", "Engineer", "Analyst"][number % 3]),
            manager: Some(&managers[number % managers.len()]),
            department: Some(["Payments", "Platform", "Data", "Legal"][number % 4]),
            active: Some(number % 20 != 0),
            created: Some(1_614_844_800_000),
            modified: Some(1_700_000_000_000 + number as i64 * 977),
            ..AccountRecord::default()
        };
        writer
            .put_account(
                &record,
                Version::of(text.as_bytes(), None),
                &packer.pack(text.as_bytes()).expect("packs"),
            )
            .expect("puts");
        if number % 50_000 == 0 {
            writer.commit().expect("commits");
        }
    }
    for number in 0..size.groups {
        writer.begin().expect("begins");
        let (id, name) = (company::group_id(number), company::group_name(number));
        let record = GroupRecord {
            id: &id,
            display_name: Some(&name),
            members_listed: true,
            ..GroupRecord::default()
        };
        let row = writer
            .put_group(&record, Version::of(id.as_bytes(), None), &packer.pack(b"{}").expect("packs"))
            .expect("puts");
        let mut members: Vec<Row> = company::member_numbers(number, size).map(|member| member as Row + 1).collect();
        if number == 0 {
            // Half of all are in one group.
            members.extend((1..=size.users as Row).step_by(2));
        }
        // One group in ten is in another one.
        if number % 10 == 1 {
            members.push(row - 1);
        }
        members.sort_unstable();
        members.dedup();
        writer.put_members(row, &members, &[]).expect("puts");
        if number % 5_000 == 0 {
            writer.commit().expect("commits");
        }
    }
    writer.begin().expect("begins");
    for (kind, id, document) in tenant::items(size) {
        let columns = ItemColumns {
            id,
            ..ItemColumns::default()
        };
        let text = document.to_string();
        writer
            .put_item(
                kind,
                0,
                &columns,
                Version::of(text.as_bytes(), None),
                &packer.pack(text.as_bytes()).expect("packs"),
            )
            .expect("puts");
    }
    writer.finish().expect("finishes");
    let coverage = |collection: &str, have: usize| Coverage {
        collection: collection.into(),
        state: CoverageState::Complete,
        reasons: Vec::new(),
        have: have as u64,
        reported: Some(have as u64),
        unconfirmed: 0,
        read_at: Some(1_790_000_000_000),
        full_at: Some(1_790_000_000_000),
        how: String::new(),
    };
    let state = SourceState {
        coverage: [("Users", size.users), ("Groups", size.groups), ("Memberships", size.members)]
            .into_iter()
            .chain(tenant::KINDS.map(|kind| (ResourceKind::Item(kind).collection(), 1)))
            .map(|(collection, have)| coverage(collection, have))
            .collect(),
        last_sync_at: Some(1_790_000_000_000),
        account_count: size.users as u64,
        group_count: size.groups as u64,
        membership_count: size.members as u64,
        ..SourceState::default()
    };
    cache.set_state(source, &state).expect("kept");
}

/// Opens a filled folder and makes the picture and the map of it: the engine, and the seconds that it took.
pub fn load(folder: &Path) -> (Engine, f64) {
    let started = Instant::now();
    let engine = open(folder);
    engine.people(&PeopleQuery::default()).expect("answers");
    engine.make_map().expect("is made");
    (engine, started.elapsed().as_secs_f64())
}
