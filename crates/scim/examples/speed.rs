//! How fast users are read: `cargo run -p lanyard-scim --release --example speed`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for people")]

use std::time::Instant;

use lanyard_scim::{Catalog, Filter, Page, UserBrief};

fn main() {
    let user = |index: usize| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"{index:08}-7f76-453a-919d-413861904646","externalId":"ext-{index}","userName":"user{index}@halcyon.example","name":{{"formatted":"Given{index} Family","familyName":"Family","givenName":"Given{index}"}},"displayName":"Given{index} Family","title":"Tour Guide","userType":"Employee","locale":"en-US","timezone":"Europe/Paris","active":true,"emails":[{{"value":"user{index}@halcyon.example","type":"work","primary":true}}],"phoneNumbers":[{{"value":"555-555-{index:04}","type":"work"}}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"employeeNumber":"{index}","department":"Operations","organization":"Halcyon Freight"}},"meta":{{"resourceType":"User","created":"2020-01-23T04:56:22Z","lastModified":"2026-05-13T04:42:34.123Z","version":"W\/\"{index}\"","location":"https://idp.example/scim/v2/Users/{index:08}-7f76-453a-919d-413861904646"}}}}"#
        )
    };
    let users: Vec<String> = (0..100_000).map(user).collect();
    let pages: Vec<String> = users
        .chunks(200)
        .map(|chunk| {
            format!(
                r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":100000,"itemsPerPage":200,"startIndex":1,"Resources":[{}]}}"#,
                chunk.join(",")
            )
        })
        .collect();
    let bytes: usize = pages.iter().map(String::len).sum();
    let only = std::env::args().nth(1).unwrap_or_default();
    let measure = |name: &str, work: &dyn Fn() -> usize| {
        if !name.contains(&only) {
            return;
        }
        let best = (0..5)
            .map(|_| {
                let start = Instant::now();
                std::hint::black_box(work());
                start.elapsed()
            })
            .min()
            .unwrap();
        println!(
            "{name:24} {:7.1} ms {:7.0} MB/s",
            best.as_secs_f64() * 1e3,
            bytes as f64 / best.as_secs_f64() / 1e6
        );
    };
    measure("skipped by serde_json", &|| {
        pages
            .iter()
            .map(|page| {
                serde_json::from_str::<serde::de::IgnoredAny>(page).unwrap();
                1
            })
            .sum()
    });
    measure("utf8", &|| {
        pages.iter().map(|page| std::str::from_utf8(page.as_bytes()).unwrap().len()).sum()
    });
    measure("into values", &|| {
        users
            .iter()
            .map(|user| {
                serde_json::from_str::<serde_json::Value>(user).unwrap();
                1
            })
            .sum()
    });
    measure("pages cut", &|| {
        pages.iter().map(|page| Page::read(page.as_bytes()).unwrap().resources.len()).sum()
    });
    measure("users read", &|| {
        users.iter().map(|user| UserBrief::read(user.as_bytes()).unwrap().id.len()).sum()
    });
    measure("pages cut, users read", &|| {
        let read = |page: &String| {
            let page = Page::read(page.as_bytes()).unwrap();
            page.resources
                .iter()
                .map(|user| UserBrief::read(user.get().as_bytes()).unwrap().id.len())
                .sum::<usize>()
        };
        pages.iter().map(read).sum()
    });
    if !"filter evaluated".contains(&only) {
        return;
    }
    let values: Vec<serde_json::Value> = users.iter().map(|user| serde_json::from_str(user).unwrap()).collect();
    let filter =
        Filter::parse(r#"active eq true and emails[type eq "work" and value co "user9"] and meta.lastModified gt "2026-01-01T00:00:00Z""#);
    let matcher = filter.unwrap().compile(&Catalog::core());
    measure("filter evaluated", &|| values.iter().filter(|value| matcher.matches(value)).count());
}
