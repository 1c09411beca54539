/** An empty place: what will be here, and how to get it. */
import type { ReactNode } from "react";
import styles from "./Empty.module.css";

export const Empty = ({ title, children, acts }: { title: string; children?: ReactNode; acts?: ReactNode }) => (
  <div className={styles.empty}>
    <p className={styles.title}>{title}</p>
    {children !== undefined && <div className={styles.text}>{children}</div>}
    {acts !== undefined && <div className={styles.acts}>{acts}</div>}
  </div>
);
