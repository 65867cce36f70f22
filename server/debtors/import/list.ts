import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { refuse } from './faults.ts';
import { fieldOf, mapHeader, type Layout } from './headers.ts';
import type { ListFormat } from './profiles.ts';
import { readRecords, type CsvRecord } from './records.ts';
import { detectDelimiter, detectEncoding, SNIFF_BYTES, type Delimiter, type Encoding } from './sniff.ts';

/** A list ready to be read: its shape, and its records behind the header. */
export interface OpenList {
  encoding: Encoding;
  delimiter: Delimiter;
  layout: Layout;
  bytes: number;
  records: AsyncGenerator<CsvRecord>;
  /** Bytes of the file read so far. */
  bytesRead: () => number;
}

/**
 * Opens a list: finds encoding, delimiter and columns where the format leaves them out. Throws a Refusal for a file that is not there,
 * empty, binary or wrongly encoded, and for columns that cannot be mapped. The caller reads `records` to their end or returns them.
 */
export async function openList(path: string, format: Pick<ListFormat, 'encoding' | 'delimiter' | 'columns'>): Promise<OpenList> {
  const { head, bytes } = await readHead(path);
  const { encoding, skip } = detectEncoding(head, head.length === bytes, format.encoding);
  const text = new TextDecoder(encoding).decode(head.subarray(skip), { stream: true });
  const named = new Set(Object.values(format.columns).flat());
  const delimiter = format.delimiter ?? detectDelimiter(text, (cell) => fieldOf(cell) !== null || named.has(cell.trim()));
  let bytesRead = skip;
  const chunks = decoded(path, encoding, skip, (size) => {
    bytesRead += size;
  });
  const records = readRecords(chunks, delimiter);
  try {
    const layout = mapHeader(await readHeader(records), format.columns);
    return { encoding, delimiter, layout, bytes, records, bytesRead: () => bytesRead };
  } catch (error) {
    await records.return(undefined);
    throw error;
  }
}

async function readHead(path: string): Promise<{ head: Buffer; bytes: number }> {
  const info = await stat(path).catch(() => null);
  if (!info?.isFile()) throw refuse('import_file_missing', 'There is no such file', 'file');
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), bytes: info.size };
  } finally {
    await file.close();
  }
}

/** The first record that has any text and is not Excel's `sep=` line. */
async function readHeader(records: AsyncGenerator<CsvRecord>): Promise<string[]> {
  for (;;) {
    const next = await records.next();
    if (next.done === true) throw refuse('import_file_empty', 'The file has no text', 'file');
    const { cells } = next.value;
    if (cells.every((cell) => cell.trim() === '') || /^sep=/i.test(cells[0] ?? '')) continue;
    return cells.map((cell) => cell.trim());
  }
}

async function* decoded(path: string, encoding: Encoding, skip: number, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let offset = skip;
  try {
    for await (const chunk of createReadStream(path, { start: skip }) as AsyncIterable<Buffer>) {
      const text = decoder.decode(chunk, { stream: true });
      offset += chunk.length;
      onRead(chunk.length);
      if (text !== '') yield Buffer.from(text);
    }
    const rest = decoder.decode();
    if (rest !== '') yield Buffer.from(rest);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse('import_wrong_encoding', `The file is not ${encoding} throughout: look before byte ${offset}`, 'encoding', {
      offset,
    });
  }
}
