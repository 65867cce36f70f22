/** Figures of dialplans/inbound.conf. */
export const INBOUND_FIGURES = {
  /** A caller whom no application takes in by then is served by the dialplan. */
  takeInWithinMs: 4_000,
  /** A voice message ends after so much silence, */
  voicemailSilenceMs: 10_000,
  /** and at this length. */
  longestVoicemailMs: 180_000,
} as const;
