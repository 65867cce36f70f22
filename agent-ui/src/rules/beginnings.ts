/** How a new pack begins: with nothing, with all that another says, or with another as its base. */
export const BEGINNINGS = ['empty', 'copy', 'child'] as const;
export type Beginning = (typeof BEGINNINGS)[number];
