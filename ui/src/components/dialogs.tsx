/** Dialogs and menus in the product's dress. */
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { IconButton } from "./controls";
import styles from "./dialogs.module.css";

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** A question that must be answered before anything else. */
  alert?: boolean;
  wide?: boolean;
  foot?: ReactNode;
  children: ReactNode;
}

export const Dialog = ({ title, isOpen, onClose, alert = false, wide = false, foot, children }: Props) => (
  <ModalOverlay className={styles.overlay} isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable={!alert}>
    <Modal className={`${styles.modal} ${wide ? styles.wide : ""}`}>
      <AriaDialog className={styles.dialog} role={alert ? "alertdialog" : "dialog"}>
        <div className={styles.head}>
          <Heading slot="title">{title}</Heading>
          <IconButton label="Close" onPress={onClose}>
            <X />
          </IconButton>
        </div>
        <div className={styles.body}>{children}</div>
        {foot !== undefined && <div className={styles.foot}>{foot}</div>}
      </AriaDialog>
    </Modal>
  </ModalOverlay>
);
