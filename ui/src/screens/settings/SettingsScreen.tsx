/** Settings: appearance, where data and secrets are, the keys. */
import { useQueryClient } from "@tanstack/react-query";
import { FolderOpen, Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useAddress } from "../../components/address";
import { Button, Id, Segments } from "../../components/controls";
import { FaultView } from "../../components/FaultView";
import { KeyTable } from "../../components/KeyTable";
import { useOpenFolder } from "../../components/useOpenFolder";
import { api } from "../../ipc";
import { keys, useAppState } from "../../ipc/queries";
import { setTheme, useThemeChoice, type ThemeChoice } from "../../theme/theme";
import { Retention } from "./Retention";
import styles from "./SettingsScreen.module.css";

const THEMES: readonly { id: ThemeChoice; text: string; icon: React.ReactNode }[] = [
  { id: "light", text: "Light", icon: <Sun className="s" /> },
  { id: "dark", text: "Dark", icon: <Moon className="s" /> },
  { id: "system", text: "As the system", icon: <Monitor className="s" /> },
];

export function SettingsScreen() {
  const theme = useThemeChoice();
  const app = useAppState().data;
  const client = useQueryClient();
  const navigate = useNavigate();
  const { params, go } = useAddress();
  const [error, setError] = useState<unknown>(null);
  const { open, busy, error: openError } = useOpenFolder(() => void navigate("/overview"));

  // A fault's button, or the menu in the rail, asks for the folder's dialog.
  const asked = params.get("open") === "folder";
  useEffect(() => {
    if (!asked) return;
    go({ set: { open: null }, replace: true });
    void open();
  }, [asked, go, open]);

  const choose = (choice: ThemeChoice) => {
    setTheme(choice);
    client.setQueryData([...keys.setting, "theme"], choice);
    setError(null);
    void api.setSetting("theme", choice).catch(setError);
  };

  return (
    <div className={styles.screen}>
      <div className={styles.head}><h1>Settings</h1></div>
      {error !== null && <FaultView error={error} />}
      {openError !== null && <FaultView error={openError} onRetry={() => void open()} />}
      <section aria-labelledby="s-look">
        <h2 id="s-look">Appearance</h2>
        <div className={styles.line}>
          <div><p className="strong">Theme</p><p className="xs t3">Kept in the data folder.</p></div>
          <Segments label="Theme" value={theme} options={THEMES} onChange={choose} />
        </div>
      </section>
      {app && (
        <section aria-labelledby="s-data">
          <h2 id="s-data">Data</h2>
          <div className={styles.line}>
            <div className="grow">
              <p className="strong">Data folder{app.demo ? " of the demo company" : ""}</p>
              <Id text={app.dataDir} what="path of the data folder" />
              <p className="xs t3">The cache can be rebuilt by a sync. The ledger (history and audit log) cannot: back it up.</p>
            </div>
            <Button icon={<FolderOpen className="s" />} isDisabled={busy} onPress={() => void open()}>{busy ? "Opening…" : "Open another…"}</Button>
          </div>
          <div className={styles.line}>
            <div>
              <p className="strong">{app.secrets === "keychain" ? "Secrets are in the keychain of this machine" : "Secrets come from the environment"}</p>
              <p className="xs t3">
                {app.secrets === "keychain"
                  ? "Tokens and the key of the encrypted files. They never reach this window, a log or an export."
                  : "They hold for this process only and are kept nowhere."}
              </p>
            </div>
          </div>
          <div className={styles.line}>
            <div><p className="strong">First choices</p><p className="xs t3">Connect a system, open the demo company, or open an existing data folder.</p></div>
            <Button onPress={() => void navigate("/welcome")}>Show them</Button>
          </div>
        </section>
      )}
      <Retention />
      <section aria-labelledby="s-rules">
        <h2 id="s-rules">Findings</h2>
        <div className={styles.line}>
          <div><p className="strong">Rules</p><p className="xs t3">What is looked for: each rule’s severity, its numbers, and whether it is asked at all.</p></div>
          <Button onPress={() => void navigate("/findings/rules")}>See the rules</Button>
        </div>
      </section>
      <section aria-labelledby="s-keys">
        <h2 id="s-keys">Keys</h2>
        <KeyTable />
      </section>
      <section aria-labelledby="s-about">
        <h2 id="s-about">About</h2>
        <div className={styles.line}>
          <div><p className="strong">Lanyard {app?.version}</p><p className="xs t3">See every door a badge opens, and prove that it is shut when the badge comes back.</p></div>
        </div>
      </section>
    </div>
  );
}
