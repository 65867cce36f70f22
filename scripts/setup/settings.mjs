import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether an operator has set a setting, in the environment or in `.env`. */
export function isSet(root, name) {
  if ((process.env[name] ?? '').trim() !== '') return true;
  const file = join(root, '.env');
  return existsSync(file) && new RegExp(`^\\s*(export\\s+)?${name}\\s*=\\s*\\S`, 'm').test(readFileSync(file, 'utf8'));
}
