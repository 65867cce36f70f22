import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../kernel/errors.ts';

/**
 * Streams the one file of a form (`file`) to disk, readable by us alone, and gathers the text fields, in whatever order they come. Throws
 * `file_missing`, `import_file_empty` and `file_too_large`; what has been written then is the caller's to remove.
 */
export async function receiveFile(
  request: FastifyRequest,
  path: string,
): Promise<{ fileName: string; fields: Record<string, unknown> }> {
  const fields: Record<string, unknown> = {};
  let fileName: string | null = null;
  let bytes = 0;
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.value !== '') fields[part.fieldname] = part.value;
      continue;
    }
    if (part.fieldname !== 'file') {
      part.file.resume();
      continue;
    }
    fileName = nameOnly(part.filename);
    await pipeline(part.file, createWriteStream(path, { mode: 0o600 }));
    if (part.file.truncated) throw new Refusal('file_too_large', 'The file is too large.', { field: 'file', status: 413 });
    bytes = part.file.bytesRead;
  }
  if (fileName === null) throw new Refusal('file_missing', 'Choose a file.', { field: 'file' });
  if (bytes === 0) throw new Refusal('import_file_empty', 'The file is empty.', { field: 'file' });
  return { fileName, fields };
}

/** A browser may send a whole path; only the last part is kept, without control characters. */
function nameOnly(fileName: string): string {
  const last = fileName.split(/[/\\]/).at(-1) ?? '';
  return last.replaceAll(/\p{Cc}/gu, '').slice(0, 200) || 'list';
}
