//! The access map in the real window, over the make-believe company of 100,000 people in four systems: how long until it stands when it is
//! opened for the first time, and how long from an answer until it is drawn.

use std::time::Duration;

use lanyard_tests::window::{PATIENCE, Start, Window, built_in};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use xtask::build;
use xtask::setup::{self, Need};

use crate::Figure;

const PEOPLE: u32 = 100_000;
/// The make-believe company's systems.
const SOURCES: u64 = 4;
/// How many of them were read in full.
const READ: &str = "return new Set([...document.querySelectorAll('[data-health=fresh]')].map((state) => state.dataset.testid)).size";
/// How long they may take to be made up, served and read.
const READ_WITHIN: Duration = Duration::from_secs(900);
/// What is put in focus, in turn: the largest box of each column, and the last of it that stands alone.
const ROUNDS: usize = 8;
/// How long the window is left alone before the next one.
const REST: Duration = Duration::from_millis(700);

/// Notes when the engine's answer to the flow arrives, when a box of the flow that fits `wanted` stands in the document, and when a frame with it
/// was shown.
const WATCH: &str = r#"
const [wanted] = arguments;
const notes = (window.notes = { asked: performance.now(), answered: null, built: null, drawn: null });
if (!window.fetched) {
  window.fetched = window.fetch;
  window.fetch = async (...request) => {
    const answer = await window.fetched(...request);
    if (String(request[0]?.url ?? request[0]).includes('access_flow')) window.notes.answered = performance.now();
    return answer;
  };
}
const look = () => {
  if (!document.querySelector(wanted)) return;
  watching.disconnect();
  notes.built = performance.now();
  requestAnimationFrame(() => setTimeout(() => { notes.drawn = performance.now(); }));
};
const watching = new MutationObserver(look);
watching.observe(document.body, { subtree: true, childList: true, attributes: true });
return null;
"#;

/// From the question, and from the answer where one was fetched, to the drawing, in milliseconds.
struct Drawn {
    from_question: f64,
    from_answer: f64,
    /// Of that, until it stood in the document: what is left is style, layout and paint.
    building: f64,
}

/// Goes to an address and waits until what is wanted is drawn.
async fn drawn(window: &Window, address: &str, wanted: &str) -> Drawn {
    window.js(WATCH, vec![json!(wanted)]).await;
    window.go(address).await;
    let notes = window
        .until(&format!("{wanted} at {address}"), PATIENCE, async || {
            let notes = window.js("return window.notes", vec![]).await;
            notes["drawn"].is_number().then_some(notes)
        })
        .await;
    let at = |name: &str| notes.get(name).and_then(Value::as_f64);
    let (asked, drawn) = (at("asked").expect("noted"), at("drawn").expect("noted"));
    let answered = at("answered").expect("the answer comes through fetch");
    Drawn {
        from_question: drawn - asked,
        from_answer: drawn - answered,
        building: at("built").expect("noted") - answered,
    }
}

/// Measures the figures.
pub fn measure() -> Vec<Figure> {
    setup::ensure(&[Need::Desk, Need::Driver]).expect("what the window needs");
    built_in(build::programs(true).expect("builds"));
    Runtime::new().expect("a runtime").block_on(async {
        let mut window = Window::open(Start::demo(PEOPLE).at("/people")).await;
        window.filled(u64::from(PEOPLE), READ_WITHIN).await;
        window.go("/overview").await;
        let read = async || (window.js(READ, vec![]).await.as_u64() >= Some(SOURCES)).then_some(());
        window.until("all sources", READ_WITHIN, read).await;
        window.reopen_what_the_demo_read().await;
        window.go("/people").await;
        window.filled(u64::from(PEOPLE), READ_WITHIN).await;
        let opened = drawn(&window, "/access", "[data-testid=flow] [data-node]").await;
        let boxes = "return [...document.querySelectorAll('[data-testid=flow] [data-node]')].map((box) => box.dataset.node)\
                     .filter((id) => !/^(more|cluster):|^none$/.test(id))";
        let boxes = window.js(boxes, vec![]).await;
        let boxes: Vec<&str> = boxes.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert!(boxes.len() > ROUNDS, "a map of next to nothing: {boxes:?}");
        let (mut drawing, mut asking, mut told) = (0f64, 0f64, Vec::new());
        for round in 0..ROUNDS {
            // From rest: the answers that the last focus asked for beside the flow have come, as when somebody has looked at it.
            tokio::time::sleep(REST).await;
            let id = boxes[round * boxes.len() / ROUNDS];
            let focus = window.js("return encodeURIComponent(arguments[0])", vec![json!(id)]).await;
            let address = format!("/access?focus={}", focus.as_str().expect("a text"));
            let wanted = format!("[data-testid=flow] [data-node={}][aria-current]", json!(id));
            let focused = drawn(&window, &address, &wanted).await;
            drawing = drawing.max(focused.from_answer);
            asking = asking.max(focused.from_question);
            told.push(format!("{:.0} ({:.0})", focused.from_answer, focused.building));
        }
        window.close().await;
        vec![
            Figure {
                name: "drawing",
                what: "window: access map of 100,000 people opens, first time, s".into(),
                value: opened.from_question / 1e3,
                target: 1.0,
                at_most: true,
                from: format!("of which drawing {:.0} ms; four systems, release build", opened.from_answer),
            },
            Figure {
                name: "drawing",
                what: "window: a focus is drawn after its answer, ms".into(),
                value: drawing,
                target: 100.0,
                at_most: true,
                from: format!(
                    "the slowest of {ROUNDS}: {} (of which until it stood in the document); from the key to the drawing {asking:.0} ms at most",
                    told.join(", ")
                ),
            },
        ]
    })
}
