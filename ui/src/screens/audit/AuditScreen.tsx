export const AuditScreen = (_: { app?: unknown }) => null;
