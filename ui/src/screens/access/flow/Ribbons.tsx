/** The ribbons of the flow: bands as wide as √people, and the threads of what is in focus. */
import { memo } from "react";
import { plural } from "../../../components/format";
import { STATE_WORD } from "../../../components/accessWords";
import { DASH, type Band, type FlowLayout } from "./layout";
import styles from "./Flow.module.css";

interface Props {
  layout: FlowLayout;
  focused: boolean;
  /** The step whose loss is looked at: its number stands out. */
  cut: number | null;
}

const classOf = (band: Band, focused: boolean) => [styles.band, band.nested ? styles.nestedBand : "", band.ribbon.onPath ? `${focused ? styles.onBand : styles.calm} ${band.ribbon.system}` : "", band.ribbon.state === "active" ? "" : styles.weakBand].join(" ");

export const Ribbons = memo(function Ribbons({ layout, focused, cut }: Props) {
  const off = layout.bands.filter((b) => !b.ribbon.onPath);
  const on = layout.bands.filter((b) => b.ribbon.onPath).sort((a, b) => Number(a.followed) - Number(b.followed));
  const name = (id: string) => layout.byId.get(id)?.node.label ?? "";
  const band = (b: Band) => (
    <path key={b.id} d={b.outline} className={classOf(b, focused)} strokeWidth={b.nested ? b.width : undefined}>
      <title>{`${name(b.ribbon.from)} to ${name(b.ribbon.to)}: ${plural(b.ribbon.people, "person", "people")}, ${STATE_WORD[b.ribbon.state]}${b.nested ? ", by nesting" : ""}`}</title>
    </path>
  );
  return (
    <svg className={styles.ribbons} width={layout.width} height={layout.height} aria-hidden="true">
      <g>{off.map(band)}</g>
      <g>{on.map(band)}</g>
      <g>
        {on.filter((b) => focused || b.ribbon.state !== "active").map((b) => (
          <path key={b.id} d={b.line} className={`${styles.line} ${b.followed ? styles.followed : ""} ${focused ? "" : styles.calmLine} ${b.ribbon.system}`} strokeDasharray={DASH[b.ribbon.state] ?? undefined} />
        ))}
      </g>
      {focused && (
        <g>
          {on.map((b) => b.ends.map(([x, y], n) => <circle key={`${b.id}${n}`} cx={x} cy={y} r={3} className={`${styles.port} ${b.ribbon.system}`} />))}
          {on.filter((b) => b.step !== null).map((b) => (
            <g key={b.id} className={`${styles.step} ${b.step === cut ? styles.cut : ""} ${b.ribbon.system}`} transform={`translate(${b.middle[0]} ${b.middle[1]})`}>
              <circle r={9} />
              <text y={3.9}>{b.step}</text>
            </g>
          ))}
        </g>
      )}
    </svg>
  );
});
