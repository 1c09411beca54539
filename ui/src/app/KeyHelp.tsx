/** The keys, on "?". */
import { Dialog } from "../components/dialogs";
import { KeyTable } from "../components/KeyTable";

export const KeyHelp = ({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) => (
  <Dialog title="Keys" wide isOpen={isOpen} onClose={onClose}>
    <KeyTable />
  </Dialog>
);
