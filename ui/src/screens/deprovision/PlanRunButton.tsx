/** Plans a run from a plan: asks whether anything is to be written, and whom an offboarding is about. Nothing is sent yet. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ListChecks } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { runPath } from "../../components/address";
import { Button, SearchField, Segments } from "../../components/controls";
import { Dialog } from "../../components/dialogs";
import { FaultView } from "../../components/FaultView";
import { api, type PlanSummary } from "../../ipc";
import { keys } from "../../ipc/queries";
import styles from "./PlanRunButton.module.css";
import { useAct } from "./useAct";

const HOW = [{ id: "run", text: "Run it" }, { id: "dry", text: "Dry run" }] as const;

export function PlanRunButton({ plan, small = false, primary = false }: { plan: Pick<PlanSummary, "file" | "name" | "kind" | "problems">; small?: boolean; primary?: boolean }) {
  const [open, setOpen] = useState(false);
  const broken = plan.kind === null || plan.problems.some((p) => !p.warning);
  return (
    <>
      <Button small={small} variant={primary ? "primary" : "plain"} icon={<ListChecks className="s" />} isDisabled={broken} aria-label={`Plan a run of ${plan.name}`} onPress={() => setOpen(true)}>Plan a run</Button>
      {open && <PlanRunDialog plan={plan} onClose={() => setOpen(false)} />}
    </>
  );
}

function PlanRunDialog({ plan, onClose }: { plan: Pick<PlanSummary, "file" | "name" | "kind">; onClose: () => void }) {
  const navigate = useNavigate();
  const { act, busy, error } = useAct();
  const [how, setHow] = useState<"run" | "dry">("run");
  const [typed, setTyped] = useState("");
  const [person, setPerson] = useState<{ key: string; name: string } | null>(null);
  const leaver = plan.kind === "offboarding";
  const wanted = typed.trim();
  const hits = useQuery({ queryKey: [...keys.directory, "goto", wanted], queryFn: () => api.goto(wanted, 8), enabled: leaver && wanted !== "", placeholderData: keepPreviousData, gcTime: 5_000 });
  const people = wanted === "" ? [] : (hits.data ?? []).filter((h) => h.kind === "person");

  const go = async () => {
    const run = await act(() => api.planRun({ plan: { file: plan.file }, person: person?.key ?? null, dryRun: how === "dry" }), true);
    if (run) void navigate(runPath(run.id));
  };
  return (
    <Dialog
      title={`Plan a run of ${plan.name}`}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button variant="quiet" onPress={onClose}>Cancel</Button>
          <Button variant="primary" isDisabled={busy || (leaver && person === null)} onPress={() => void go()}>{busy ? "Planning…" : "Show the plan"}</Button>
        </>
      }
    >
      <div className={styles.body}>
        <p className="t2">The plan is worked out step by step, with the exact requests. Nothing is written before you agree to it.</p>
        {leaver && (
          <div>
            <SearchField label="Who leaves" value={typed} onChange={(text) => { setTyped(text); setPerson(null); }} placeholder="Name or user name of the leaver" />
            <div className={styles.hits} role="group" aria-label="People found">
              {people.map((hit) => (
                <button key={hit.key} type="button" aria-pressed={person?.key === hit.key} onClick={() => setPerson({ key: hit.key, name: hit.name })}>
                  <bdi className="cut">{hit.name}</bdi> <span className="t3 cut">{hit.note}</span>
                </button>
              ))}
              {wanted !== "" && hits.isSuccess && people.length === 0 && <p className="t3 xs">Nobody of this name.</p>}
            </div>
          </div>
        )}
        <div className={styles.line}>
          <Segments label="What is written" value={how} options={HOW} onChange={setHow} />
          <span className="xs t3">{how === "dry" ? "Nothing is written; the checks are asked once the plan is agreed to." : "The steps are written after you have agreed to them."}</span>
        </div>
        {error !== null && <FaultView compact error={error} />}
      </div>
    </Dialog>
  );
}
