import { pino, type DestinationStream, type Logger } from 'pino';
import { faultFields } from './faults.ts';

export type { Logger } from 'pino';

/**
 * A JSON logger on standard error. Messages are static; values go into fields; personal data into neither: the fields named
 * here are removed wherever they appear, as a last line of defence, and of an error under `err` only what it is and where.
 */
export function createLogger(role: string, level = 'info', destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: { role },
      serializers: { err: faultFields },
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
    destination,
  );
}
