/** Who says that numbers are not to be called. */
export const DO_NOT_CALL_SOURCES = ['registry', 'creditor', 'court', 'own'] as const;
export type DoNotCallSource = (typeof DO_NOT_CALL_SOURCES)[number];

/** What a list forbids: calls, or every channel there is. */
export const DO_NOT_CALL_BLOCKS = ['calls', 'everything'] as const;
export type DoNotCallBlocks = (typeof DO_NOT_CALL_BLOCKS)[number];
