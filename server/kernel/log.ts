import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * A JSON logger on standard error. Messages are static; values go into fields; personal data into neither: the fields named
 * here are removed wherever they appear, as a last line of defence.
 */
export function createLogger(role: string, level = 'info'): Logger {
  return pino(
    {
      level,
      base: { role },
      redact: {
        paths: [
          'number',
          'phone',
          'e164',
          'password',
          'token',
          'secret',
          'cookie',
          'name',
          '*.number',
          '*.phone',
          '*.password',
          'req.headers',
        ],
        censor: '[redacted]',
      },
    },
    pino.destination(2),
  );
}
