/** The tabs of an inspector. Which one is open stands in the address. */
import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useAddress } from "./address";
import styles from "./InspectorTabs.module.css";

export interface InspectorTab {
  id: string;
  title: string;
  mark?: ReactNode;
  content: () => ReactNode;
}

export function InspectorTabs({ label, tabs }: { label: string; tabs: readonly InspectorTab[] }) {
  const { params, go } = useAddress();
  const asked = params.get("tab");
  const open = tabs.find((t) => t.id === asked) ?? tabs[0];
  if (!open) return null;
  return (
    <Tabs className={styles.wrap} selectedKey={open.id} onSelectionChange={(id) => go({ set: { tab: id === tabs[0]?.id ? null : String(id) }, replace: true })}>
      <TabList className={styles.tabs} aria-label={label}>
        {tabs.map((tab) => (
          <Tab key={tab.id} id={tab.id} className={styles.tab}>
            {tab.title}
            {tab.mark}
          </Tab>
        ))}
      </TabList>
      {tabs.map((tab) => (
        <TabPanel key={tab.id} id={tab.id} className={styles.panel}>
          {tab.content()}
        </TabPanel>
      ))}
    </Tabs>
  );
}
