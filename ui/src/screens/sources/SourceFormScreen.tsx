export const SourceFormScreen = (_: { app?: unknown }) => null;
