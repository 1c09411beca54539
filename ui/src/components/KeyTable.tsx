/** The keys, as a table: for the help dialog and for Settings. */
import { Fragment } from "react";
import { CONTROL } from "./platform";
import styles from "./KeyTable.module.css";

const KEYS: readonly { title: string; rows: readonly [keys: readonly string[], what: string][] }[] = [
  {
    title: "Everywhere",
    rows: [
      [[`${CONTROL} K`], "Go to, or do"],
      [["Alt ←", "Alt →"], "Back, forward"],
      [["?"], "These keys"],
      [["Esc"], "Close what is open"],
    ],
  },
  {
    title: "Go to",
    rows: [
      [["g", "o"], "Overview"],
      [["g", "p"], "People"],
      [["g", "r"], "Groups"],
      [["g", "m"], "Access map"],
      [["g", "f"], "Findings"],
      [["g", "c"], "Changes"],
      [["g", "d"], "De-provisioning"],
      [["g", "t"], "Tokens"],
      [["g", "a"], "Audit log"],
      [["g", "s"], "Sources"],
      [["g", ","], "Settings"],
    ],
  },
  {
    title: "In a list",
    rows: [
      [["/"], "Search"],
      [["f"], "SCIM filter"],
      [["Tab"], "Take the completion"],
      [["j", "k"], "Next, previous row"],
      [["Home", "End"], "First, last row"],
      [["Enter"], "Open the row"],
    ],
  },
  {
    title: "On the access map",
    rows: [
      [["↑", "↓"], "The box above, below"],
      [["←", "→"], "Along the widest ribbon"],
      [["Enter"], "Focus the box, or open the stack"],
      [["+", "−"], "Larger, smaller"],
      [["0"], "The whole map"],
    ],
  },
];

export const KeyTable = () => (
  <div className={styles.keys}>
    {KEYS.map(({ title, rows }) => (
      <section key={title} aria-label={title}>
        <h3>{title}</h3>
        <dl>
          {rows.map(([keys, what]) => (
            <div key={what}>
              <dt>
                {keys.map((key, n) => (
                  <Fragment key={key}>
                    {n > 0 && " "}
                    <kbd>{key}</kbd>
                  </Fragment>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </section>
    ))}
  </div>
);
