//! A JSON array of objects, one row a line.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::cells::time;
use crate::directory::SourceFacts;

/// Writes the rows: the wanted fields as they are, times as text, slots with their sources' names.
pub fn write(
    file: &mut dyn Write,
    rows: impl Iterator<Item = Map<String, Value>>,
    sources: &[SourceFacts],
    columns: &[&str],
) -> io::Result<()> {
    file.write_all(b"[")?;
    for (at, mut row) in rows.enumerate() {
        file.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let mut object = Map::new();
        for column in columns {
            let mut value = row.remove(*column).unwrap_or(Value::Null);
            match &mut value {
                Value::Number(millis) if *column == "changedAt" => {
                    value = millis.as_i64().map_or(Value::Null, |millis| Value::String(time(millis)));
                }
                Value::Array(slots) if *column == "slots" => slots.iter_mut().for_each(|slot| name_source(slot, sources)),
                _ => {}
            }
            object.insert((*column).to_owned(), value);
        }
        serde_json::to_writer(&mut *file, &object).map_err(io::Error::from)?;
    }
    file.write_all(b"\n]\n")
}

fn name_source(slot: &mut Value, sources: &[SourceFacts]) {
    let id = slot.get("source").and_then(Value::as_i64);
    if let (Some(slot), Some(source)) = (slot.as_object_mut(), sources.iter().find(|source| Some(source.id) == id)) {
        slot.insert("name".into(), Value::String(source.name.clone()));
    }
}
