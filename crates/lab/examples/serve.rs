//! Opens the lab by hand: `cargo run -p lanyard-lab --example serve -- [--people N] [--seed S] [--port P] [--page N] [--portal no] [--fault KIND]…`
#![expect(clippy::print_stdout, reason = "the one line on standard output is what this program is for")]

use lanyard_lab::{LabOptions, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = LabOptions::whole();
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--people" => options.people = value.parse()?,
            "--seed" => options.seed = value.parse()?,
            "--port" => options.port = value.parse()?,
            "--page" => {
                options.provider.default_page = value.parse()?;
                options.downstream.default_page = value.parse()?;
            }
            "--portal" if value == "no" => options.portal = None,
            "--fault" => options.add_fault(&value)?,
            _ => return Err(format!("there is no option {name}").into()),
        }
    }
    let lab = serve(options).await?;
    println!("{}", serde_json::to_string(lab.summary())?);
    tokio::signal::ctrl_c().await?;
    lab.stop().await;
    Ok(())
}
