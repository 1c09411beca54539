/** What a run waits for, each with what to do about it. */
import { Hand, KeyRound, OctagonX, TriangleAlert } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "../../components/controls";
import type { Need, Phase, Run } from "../../ipc";
import styles from "./Run.module.css";
import { ConfirmDialog, HandOverDialog, WaiveDialog } from "./RunDialogs";

interface Props {
  run: Run;
  shown: Phase;
  onCheck: (check: string) => void;
  onPlan: () => void;
}

const keyOf = (need: Need): string => `${need.kind}/${need.kind === "byHand" ? need.step : need.kind === "agree" ? "" : need.check}`;

export function Needs({ run, shown, onCheck, onPlan }: Props) {
  const [open, setOpen] = useState<Need | null>(null);
  const needs = run.needs.filter((need) => need.kind !== "agree" || shown !== "plan");
  return (
    <>
      {needs.length > 0 && (
        <ul className={`${styles.needs} ${run.state === "refusing" ? styles.refusing : ""}`} aria-label="What it waits for" data-testid="needs">
          {needs.map((need) => <Line key={keyOf(need)} run={run} need={need} onDo={() => setOpen(need)} onCheck={onCheck} onPlan={onPlan} />)}
        </ul>
      )}
      {open?.kind === "byHand" && <ConfirmDialog run={run} step={open.step} onClose={() => setOpen(null)} />}
      {open?.kind === "credential" && <HandOverDialog run={run} check={open.check} wanted={open.says} onClose={() => setOpen(null)} />}
      {open?.kind === "decide" && <WaiveDialog run={run} check={open.check} onClose={() => setOpen(null)} />}
    </>
  );
}

function Line({ run, need, onDo, onCheck, onPlan }: { run: Run; need: Need; onDo: () => void } & Pick<Props, "onCheck" | "onPlan">) {
  switch (need.kind) {
    case "agree":
      return <One glyph={<Hand className="s warn" />} title="It waits for agreement" says="Nothing was written." acts={<Button small onPress={onPlan}>Show the plan</Button>} />;
    case "byHand":
      return <One glyph={<Hand className="s warn" />} title={run.steps.find((s) => s.id === need.step)?.title ?? "A step by hand"} says={need.says} acts={<Button small onPress={onDo}>It is done…</Button>} />;
    case "credential":
      return <One glyph={<KeyRound className="s warn" />} title={`Hand over ${need.says}`} says={`So that “${titleOf(run, need.check)}” can be tried. It must be taken before the cut.`} acts={<Button small onPress={onDo}>Hand it over…</Button>} />;
    case "decide": {
      const check = run.checks.find((c) => c.id === need.check);
      return (
        <One
          glyph={check?.verdict === "notEvaluated" ? <TriangleAlert className="s bad" /> : <OctagonX className="s bad" />}
          title={check ? `${check.sourceName}: ${check.title}` : need.check}
          says={need.says}
          short
          acts={<><Button small onPress={() => onCheck(need.check)}>Show it</Button><Button small onPress={onDo}>Waive…</Button></>}
        />
      );
    }
  }
}

const titleOf = (run: Run, check: string): string => run.checks.find((c) => c.id === check)?.title ?? check;

/** `short`: what it says is told in full below, so that a line of it will do here. */
const One = ({ glyph, title, says, acts, short = false }: { glyph: ReactNode; title: string; says: string; acts: ReactNode; short?: boolean }) => (
  <li>
    {glyph}
    <p className={short ? "cut" : ""} title={short ? says : undefined}><b className={short ? "cut" : ""}>{title}</b>{says}</p>
    <span className={styles.acts}>{acts}</span>
  </li>
);
