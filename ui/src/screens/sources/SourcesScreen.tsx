export const SourcesScreen = (_: { app?: unknown }) => null;
