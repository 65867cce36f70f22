/**
 * An expected failure: one stable `code` a client may act on, a message a person understands, the field it is about where there is one.
 * Anything that is not a Refusal is unexpected and its text is never shown to a client.
 */
export class Refusal extends Error {
  readonly code: string;
  readonly field: string | null;
  readonly status: number;
  readonly details: Record<string, unknown>;

  constructor(
    code: string,
    message: string,
    options: { field?: string; status?: number; details?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.field = options.field ?? null;
    this.status = options.status ?? 400;
    this.details = options.details ?? {};
  }
}
