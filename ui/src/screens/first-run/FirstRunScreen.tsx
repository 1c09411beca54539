export const FirstRunScreen = (_: { app?: unknown }) => null;
