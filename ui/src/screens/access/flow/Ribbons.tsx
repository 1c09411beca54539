/** The ribbons of the flow: bands as wide as √people, and the threads of what is in focus. */
import { memo } from "react";
import { plural } from "../../../components/format";
import { STATE_WORD } from "../../../components/accessWords";
import { DASH } from "./bands";
import styles from "./Flow.module.css";
import type { Band, FlowLayout } from "./places";
import { inSpan, type Span } from "./span";

interface Props {
  layout: FlowLayout;
  /** The height that is looked at: bands that lie above or below it altogether are left out. */
  span: Span;
  focused: boolean;
  /** The step whose loss is looked at: its number stands out. */
  cut: number | null;
}

/** So many bands can be pointed at one by one; what more there is is drawn in one go for each look, for nobody tells them apart. */
const APART = 160;

/** Of more than that, those thinner than this (in pixels) have no surface to see: they are lines where they are in focus, and nothing in the faded ground. */
const THIN = 2;
const surfaces = (bands: readonly Band[]) => (bands.length <= APART ? bands : bands.filter((b) => b.nested || b.width >= THIN));

const classOf = (band: Band, focused: boolean) => [styles.band, band.nested ? styles.nestedBand : "", band.ribbon.onPath ? `${focused ? styles.onBand : styles.calm} ${band.ribbon.system}` : "", band.ribbon.state === "active" ? "" : styles.weakBand].join(" ");
const lineClass = (band: Band, focused: boolean) => `${styles.line} ${band.followed ? styles.followed : ""} ${focused ? "" : styles.calmLine} ${band.ribbon.system}`;

/** Shapes that look the same, as one. */
interface Alike {
  className: string;
  width: number | undefined;
  dash: string | undefined;
  d: string;
}

/** Joins what looks the same into one shape each, in the order in which each look first comes. */
export function alike(bands: readonly Band[], look: (band: Band) => Omit<Alike, "d">, shape: (band: Band) => string): Alike[] {
  const looks = new Map<string, { look: Omit<Alike, "d">; parts: string[] }>();
  for (const band of bands) {
    const own = look(band);
    const key = `${own.className}|${own.width ?? ""}|${own.dash ?? ""}`;
    const known = looks.get(key);
    if (known) known.parts.push(shape(band));
    else looks.set(key, { look: own, parts: [shape(band)] });
  }
  return [...looks.values()].map((one) => ({ ...one.look, d: one.parts.join("") }));
}

const Drawn = ({ shapes }: { shapes: readonly Alike[] }) =>
  shapes.map((s) => <path key={`${s.className}|${s.width ?? ""}|${s.dash ?? ""}`} d={s.d} className={s.className} strokeWidth={s.width} strokeDasharray={s.dash} />);

const port = ([x, y]: [number, number]) => `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0`;

export const Ribbons = memo(function Ribbons({ layout, span, focused, cut }: Props) {
  const seen = layout.bands.filter((b) => inSpan(span, Math.min(b.ends[0][1], b.ends[1][1]) - b.width, Math.max(b.ends[0][1], b.ends[1][1]) + b.width));
  const off = seen.filter((b) => !b.ribbon.onPath);
  const on = seen.filter((b) => b.ribbon.onPath).sort((a, b) => Number(a.followed) - Number(b.followed));
  const name = (id: string) => layout.byId.get(id)?.node.label ?? "";
  const band = (b: Band) => (
    <path key={b.id} d={b.outline} className={classOf(b, focused)} strokeWidth={b.nested ? b.width : undefined}>
      <title>{`${name(b.ribbon.from)} to ${name(b.ribbon.to)}: ${plural(b.ribbon.people, "person", "people")}, ${STATE_WORD[b.ribbon.state]}${b.nested ? ", by nesting" : ""}`}</title>
    </path>
  );
  const bands = (all: readonly Band[], most: number) =>
    all.length <= most ? all.map(band) : <Drawn shapes={alike(all, (b) => ({ className: classOf(b, focused), width: b.nested ? b.width : undefined, dash: undefined }), (b) => b.outline)} />;
  return (
    <svg className={styles.ribbons} width={layout.width} height={layout.height} aria-hidden="true">
      {/* What is off the path of a focus fades into one ground. */}
      <g>{bands(focused ? surfaces(off) : off, focused ? 0 : APART)}</g>
      <g>{bands(focused ? surfaces(on) : on, APART)}</g>
      <g>
        <Drawn shapes={alike(on.filter((b) => focused || b.ribbon.state !== "active"), (b) => ({ className: lineClass(b, focused), width: undefined, dash: DASH[b.ribbon.state] ?? undefined }), (b) => b.line)} />
      </g>
      {focused && (
        <g>
          <Drawn shapes={alike(surfaces(on), (b) => ({ className: `${styles.port} ${b.ribbon.system}`, width: undefined, dash: undefined }), (b) => b.ends.map(port).join(""))} />
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
