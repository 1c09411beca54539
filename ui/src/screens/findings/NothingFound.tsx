/** Nothing was found: which is only good where everything was asked. */
import { CircleDashed, ShieldCheck } from "lucide-react";
import { Link } from "react-router";
import { Button, buttonClass, Time } from "../../components/controls";
import { Empty } from "../../components/Empty";
import { plural } from "../../components/format";
import { toast } from "../../components/toasts";
import { api, toFault, type RuleState } from "../../ipc";

export const askRules = () => void api.evaluateFindings().then(() => toast("good", "The rules are being asked."), (error: unknown) => { const fault = toFault(error); toast("bad", fault.what, fault.next); });

export function NothingFound({ rules, evaluatedAt }: { rules: readonly RuleState[]; evaluatedAt: number | null }) {
  const asked = rules.filter((r) => r.evaluated === "fully" || r.evaluated === "partly");
  const missing = rules.filter((r) => r.evaluated === "not" || r.evaluated === "partly");
  const apart = rules.filter((r) => r.evaluated === "nothingToAsk");
  const off = rules.filter((r) => r.evaluated === "off");
  if (evaluatedAt === null || asked.length === 0) {
    return (
      <Empty
        title="Nothing was evaluated yet."
        acts={<><Link className={buttonClass("primary")} to="/sources">See the sources</Link>{rules.length > 0 && <Button onPress={askRules}>Evaluate now</Button>}</>}
      >
        <CircleDashed className="s ne" /> This is not to say that nothing is wrong: no rule could be asked. Rules are asked after each sync, about what was read.
        {missing.length > 0 && <> {plural(missing.length, "rule")} could not be evaluated.</>}
      </Empty>
    );
  }
  if (missing.length > 0) {
    return (
      <Empty title="Nothing was found, as far as was read." acts={<Link className={buttonClass()} to="/findings/rules">See the rules</Link>}>
        <CircleDashed className="s ne" /> {plural(asked.length, "rule")} were asked <Time at={evaluatedAt} />, but {plural(missing.length, "rule")} could not be evaluated in full. What they would say is not known.
      </Empty>
    );
  }
  return (
    <Empty title="Nothing is wrong that a rule looks for." acts={<Link className={buttonClass()} to="/findings/rules">See the rules</Link>}>
      <ShieldCheck className="s good" /> {plural(asked.length, "rule")} were asked about all that {asked.length === 1 ? "it is" : "they are"} about, <Time at={evaluatedAt} />.
      {apart.length > 0 && <> {plural(apart.length, "rule")} had no system to ask about.</>}
      {off.length > 0 && <> {plural(off.length, "rule")} {off.length === 1 ? "is" : "are"} switched off.</>}
    </Empty>
  );
}
