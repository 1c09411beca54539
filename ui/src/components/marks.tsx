/** Marks that carry meaning by shape first: systems, the state of an account, coverage, faces. */
import { Bot, Layers } from "lucide-react";
import type { AccountType, Coverage, Slot, Source, SourceKind } from "../ipc";
import { initial } from "./format";
import parts from "./parts.module.css";

/** A circle for SCIM, a ring when the system is downstream; a square with steps for Backstage; a triangle for Azure. */
export function SystemMark({ kind = "scim", downstream = false, off = false, small = false }: { kind?: SourceKind; downstream?: boolean; off?: boolean; small?: boolean }) {
  const size = small ? 14 : 16;
  return (
    <svg className={`${parts.sys} ${kind} ${off ? parts.sysOff : ""}`} width={size} height={size} style={{ width: size, height: size }} viewBox="0 0 16 16" aria-hidden="true">
      {kind === "backstage" ? (
        <path fill="currentColor" fillRule="evenodd" d="M4 1.3h8A2.7 2.7 0 0 1 14.7 4v8a2.7 2.7 0 0 1-2.7 2.7H4A2.7 2.7 0 0 1 1.3 12V4A2.7 2.7 0 0 1 4 1.3Zm-.1 10.5h8.2V4.6H9.9v2.3H7v2.3H3.9v2.6Z" />
      ) : kind === "azure" ? (
        <path fill="currentColor" fillRule="evenodd" d="M6.6 1.9a1.62 1.62 0 0 1 2.8 0l5.7 10.1a1.62 1.62 0 0 1-1.41 2.42H2.31A1.62 1.62 0 0 1 .9 12Zm1.4 4.6-3 5.5h6Z" />
      ) : downstream ? (
        <>
          <circle cx="8" cy="8" r="6.4" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <circle cx="8" cy="6.2" r="2" fill="currentColor" />
          <path fill="currentColor" d="M8 9c-1.9 0-3.3.9-3.8 2.3a5 5 0 0 0 7.6 0C11.3 9.9 9.9 9 8 9Z" />
        </>
      ) : (
        <path fill="currentColor" fillRule="evenodd" d="M8 .9a7.1 7.1 0 1 1 0 14.2A7.1 7.1 0 0 1 8 .9Zm0 2.7a2.35 2.35 0 1 0 0 4.7 2.35 2.35 0 0 0 0-4.7Zm0 5.6c-2 0-3.5 1-4.1 2.5a5.5 5.5 0 0 0 8.2 0C11.5 10.2 10 9.2 8 9.2Z" />
      )}
    </svg>
  );
}

export const SourceMark = ({ source, small = false }: { source: Source | undefined; small?: boolean }) => (
  <SystemMark kind={source?.settings.kind} downstream={source ? !source.settings.authoritative : false} off={source ? !source.settings.enabled : true} small={small} />
);

const WORDS = { active: "active", disabled: "disabled", noAccount: "no account", unstated: "state not told", notEvaluated: "not evaluated" } as const;

/** What a slot says, in words. `what` is "person" or "group": a group is held, not active. */
export function slotWords(slot: Slot, what: "person" | "group" = "person"): string {
  const word = what === "group" ? (slot.state === "active" ? "held" : slot.state === "noAccount" ? "not held" : WORDS[slot.state]) : WORDS[slot.state];
  return [word, slot.differs ? "differs" : "", slot.unconfirmed ? "not seen by the last sync" : ""].filter(Boolean).join(", ");
}

export type GlyphName = "active" | "disabled" | "noAccount" | "unstated" | "notEvaluated" | "differs" | "unconfirmed";

const glyphOf = (slot: Slot): GlyphName => (slot.differs ? "differs" : slot.unconfirmed ? "unconfirmed" : slot.state);

export function Glyph({ name, label, small = false }: { name: GlyphName; label?: string; small?: boolean }) {
  const extra = name === "notEvaluated" ? parts.glyphNe : name === "noAccount" ? parts.glyphNo : name === "differs" ? parts.glyphDf : name === "unconfirmed" ? parts.glyphUn : "";
  const size = small ? 13 : 16;
  const named = label === undefined ? { "aria-hidden": true as const } : { role: "img", "aria-label": label };
  return (
    <svg className={`${parts.glyph} ${extra}`} style={{ width: size, height: size }} viewBox="0 0 16 16" {...named}>
      {name === "active" && <circle className={parts.glyphFill} cx="8" cy="8" r="3.6" />}
      {name === "disabled" && <circle cx="8" cy="8" r="3.3" />}
      {name === "noAccount" && <path d="M5.5 8h5" />}
      {name === "unstated" && (<><circle cx="8" cy="8" r="3.3" /><path d="M8 8v.01" strokeWidth="2" /></>)}
      {name === "notEvaluated" && <circle cx="8" cy="8" r="3.8" />}
      {name === "unconfirmed" && (<><path d="M8 4.7a3.3 3.3 0 0 0 0 6.6Z" className={parts.glyphFill} /><circle cx="8" cy="8" r="3.3" strokeDasharray="1.8 1.6" /></>)}
      {name === "differs" && (<><rect x="0" y="0" width="16" height="16" rx="4" /><path d="M4.5 6.4h7M4.5 9.6h7M9.8 3.9 6.2 12.1" /></>)}
    </svg>
  );
}

export const SlotGlyph = ({ slot, source, what = "person" }: { slot: Slot; source: Source | undefined; what?: "person" | "group" }) => (
  <Glyph name={glyphOf(slot)} label={`${source?.settings.name ?? "Source"}: ${slotWords(slot, what)}`} />
);

export function Face({ name, type, big = false }: { name: string; type: AccountType | "group"; big?: boolean }) {
  return (
    <span className={`${parts.face} ${big ? parts.faceBig : ""} ${type === "person" ? "" : parts.faceSquare}`} aria-hidden="true">
      {type === "service" ? <Bot /> : type === "group" ? <Layers /> : initial(name)}
    </span>
  );
}

/** One tick per collection: full when complete, half when cut short, hollow when not read. */
export function Ticks({ coverage }: { coverage: readonly Coverage[] }) {
  return (
    <svg width={coverage.length * 6 - 2} height="12" aria-hidden="true" style={{ flex: "none" }}>
      {coverage.map((c, n) =>
        c.state === "complete" ? (
          <rect key={c.collection} x={n * 6} width="4" height="12" rx="1" fill="var(--text-3)" />
        ) : (
          <g key={c.collection}>
            <rect x={n * 6 + 0.5} y="0.5" width="3" height="11" rx="0.8" fill="none" stroke={c.state === "incomplete" ? "var(--text-3)" : "var(--line-3)"} />
            {c.state === "incomplete" && <rect x={n * 6} y="6" width="4" height="6" rx="1" fill="var(--text-3)" />}
          </g>
        ),
      )}
    </svg>
  );
}

/** Lanyard's own mark: a badge on its lanyard, checked. */
export const Brand = ({ size = 22 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 22 22" aria-hidden="true">
    <rect width="22" height="22" rx="6" fill="var(--accent)" />
    <path d="M4.7 0 10.1 7.9h1.8L17.3 0h-2.7L11 5.4 7.4 0Z" fill="var(--on-accent)" opacity=".55" />
    <rect x="10.1" y="6.6" width="1.8" height="3.4" fill="var(--on-accent)" />
    <rect x="5.5" y="9.4" width="11" height="8.6" rx="2" fill="var(--on-accent)" />
    <path d="M8.5 13.7l1.7 1.7 3.3-3.4" fill="none" stroke="var(--accent)" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);
