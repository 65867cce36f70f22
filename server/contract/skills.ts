import { z } from 'zod';
import { normaliseDigits } from './digits.ts';

/** What agents speak and can do, and what campaigns ask of them. */

/** Languages, ISO 639-1. Who states none speaks them all. */
export const spokenLanguages = z
  .array(z.string().regex(/^[a-z]{2}$/, 'a language as two small letters, like ar'))
  .max(20)
  .overwrite((codes) => [...new Set(codes)]);

/** Short names in any script; the same name, however its letters are sized, is the same skill. */
export const skillNames = z
  .array(
    z
      .string()
      .overwrite((name) => normaliseDigits(name).trim().toLowerCase())
      .min(1, 'a skill has a name')
      .max(30, 'a skill is named in at most 30 letters'),
  )
  .max(20, 'at most 20 skills')
  .overwrite((names) => [...new Set(names)]);
