/** First run: three choices, and nothing else in the way. */
import { ArrowRight, Building2, Cable, FolderOpen, LoaderCircle } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components";
import { useNavigate } from "react-router";
import { FaultView } from "../../components/FaultView";
import { Brand } from "../../components/marks";
import { ConnectKinds } from "../../components/systemKinds";
import { useOpenFolder } from "../../components/useOpenFolder";
import type { AppState } from "../../ipc";
import styles from "./FirstRunScreen.module.css";

export function FirstRunScreen({ app }: { app: AppState }) {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<"demo" | "folder" | null>(null);
  const { open, openDemo, busy, error } = useOpenFolder(() => void navigate("/overview"));

  return (
    <main className={styles.screen} data-testid="first-run">
      <div className={styles.middle}>
        <Brand size={44} />
        <h1>See every door a badge opens, and prove that it is shut when the badge comes back.</h1>
        <p className={styles.lede}>Lanyard reads your systems into an encrypted cache on this machine and shows who can do what, and why. It only reads until you say otherwise.</p>
        <ul className={styles.choices}>
          <Choice
            icon={<Cable />}
            title="Connect a system"
            note="An identity provider or application that speaks SCIM 2.0, a Backstage backend, or an Azure tenant. You need its address and a way to sign in."
            onPress={() => void navigate("/sources/new")}
            isDisabled={busy}
            id="connect"
            under={<ConnectKinds short />}
          />
          <Choice
            icon={<Building2 />}
            title="Open the demo company"
            note="Halcyon Freight, made up: people from many places, nested groups, vaults with backups, and systems that do not quite agree."
            onPress={() => {
              setChosen("demo");
              void openDemo();
            }}
            isDisabled={busy}
            busy={busy && chosen === "demo" ? "Starting its systems, some seconds…" : undefined}
            id="demo"
          />
          <Choice
            icon={<FolderOpen />}
            title="Open an existing data folder"
            note="One that Lanyard has made before, on this machine or from a backup. Its key must be in this keychain."
            onPress={() => {
              setChosen("folder");
              void open();
            }}
            isDisabled={busy}
            busy={busy && chosen === "folder" ? "Opening…" : undefined}
            id="folder"
          />
        </ul>
        {error !== null && <FaultView compact error={error} onRetry={() => void (chosen === "demo" ? openDemo() : open())} />}
        {app.notices.map((notice) => <p key={notice} className={styles.notice}>{notice}</p>)}
      </div>
      <p className={styles.foot}>
        Lanyard {app.version} · data in <code>{app.dataDir}</code>
        {!app.firstRun && <button type="button" onClick={() => void navigate("/overview")}>Back to {app.company}</button>}
      </p>
    </main>
  );
}

interface ChoiceProps {
  icon: ReactNode;
  title: string;
  note: string;
  onPress: () => void;
  isDisabled: boolean;
  busy?: string;
  id: string;
  /** Shorter ways, below the choice. */
  under?: ReactNode;
}

const Choice = ({ icon, title, note, onPress, isDisabled, busy, id, under }: ChoiceProps) => (
  <li>
    <Button className={styles.choice} onPress={onPress} isDisabled={isDisabled} data-testid={`choice-${id}`}>
      <span className={styles.icon}>{busy === undefined ? icon : <LoaderCircle className="spin" />}</span>
      <span className="grow">
        <span className={styles.title}>{title}</span>
        <span className={styles.note}>{busy ?? note}</span>
      </span>
      <ArrowRight className={styles.arrow} />
    </Button>
    {under !== undefined && <div className={styles.under}>{under}</div>}
  </li>
);
