import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { ImportPreview } from '../../contract/imports.ts';
import { refuse } from './faults.ts';
import { fieldOf, mapHeader, REQUIRED_FIELDS, requiredOfChanges, type Layout } from './headers.ts';
import type { ListFormat } from './profiles.ts';
import { readRecords, type ListRecord } from './records.ts';
import { FIELDS, type Field } from './synonyms.ts';
import { openWorkbook } from './workbook/open.ts';
import { detectDelimiter, detectEncoding, SNIFF_BYTES, type Delimiter, type Encoding } from './sniff.ts';

/** A list ready to be read: its shape, and its records behind the header. */
export interface OpenList {
  /** Null for a workbook. */
  encoding: Encoding | null;
  delimiter: Delimiter | null;
  layout: Layout;
  bytes: number;
  /** In handfuls: a step of an asynchronous loop costs as much as reading a row. */
  records: AsyncGenerator<ListRecord[]>;
  /** Bytes of the file read so far. */
  bytesRead: () => number;
  /** Lets go of the file before its end. */
  close: () => Promise<void>;
}

type Form = Pick<ListFormat, 'columns'> & {
  [Name in 'encoding' | 'delimiter' | 'kind' | 'action' | 'calendar' | 'decimal']?: ListFormat[Name] | undefined;
};

const ZIP = [0x50, 0x4b, 0x03, 0x04];

/**
 * Opens a list, a text file or a workbook: finds encoding, delimiter and columns where the format leaves them out. Throws a Refusal for a
 * file that is not there, empty, binary, broken or wrongly encoded, and for columns that cannot be mapped. The caller reads `records`
 * to their end and closes the list.
 */
export async function openList(path: string, format: Form, required = requiredOf(format)): Promise<OpenList> {
  const { head, bytes } = await readHead(path);
  const source = ZIP.every((byte, index) => head[index] === byte)
    ? await openSheet(path, format, bytes)
    : openText(path, format, head, bytes);
  const { records, close } = source;
  try {
    const { header, rest } = await readHeader(records);
    const layout = mapHeader(header, format.columns, required);
    return { ...source, layout, bytes, records: behind(rest, records) };
  } catch (error) {
    await close();
    throw error;
  }
}

function requiredOf({ kind, action }: Form): readonly Field[] {
  return kind === 'changes' ? requiredOfChanges(action) : REQUIRED_FIELDS;
}

/** Rows a preview shows, and how much of each cell. */
const PREVIEW_ROWS = 5;
const PREVIEW_TEXT = 80;

export type FilePreview = Omit<ImportPreview, 'proposed' | 'absent'>;

/** What a list looks like: its header, which columns were found for which field, what is missing, and its first rows. Refusals as above. */
export async function previewList(path: string, format: Form): Promise<FilePreview> {
  const list = await openList(path, format, []);
  try {
    const { header, columns } = list.layout;
    const samples: string[][] = [];
    for await (const records of list.records) {
      samples.push(
        ...records.slice(0, PREVIEW_ROWS - samples.length).map(({ cells }) => cells.map((cell) => cell.slice(0, PREVIEW_TEXT))),
      );
      if (samples.length === PREVIEW_ROWS) break;
    }
    const missing = requiredOf(format).filter((field) => columns[field].length === 0);
    const found = Object.fromEntries(FIELDS.map((field) => [field, [...columns[field]]])) as ImportPreview['columns'];
    return { header: [...header], columns: found, missing, samples };
  } finally {
    await list.close();
  }
}

type Source = Omit<OpenList, 'layout' | 'bytes'>;

function openText(path: string, format: Form, head: Buffer, bytes: number): Source {
  const { encoding, skip } = detectEncoding(head, head.length === bytes, format.encoding);
  const text = new TextDecoder(encoding).decode(head.subarray(skip), { stream: true });
  const named = new Set(
    Object.values(format.columns)
      .flat()
      .filter((name) => name !== ''),
  );
  const delimiter = format.delimiter ?? detectDelimiter(text, (cell) => fieldOf(cell) !== null || named.has(cell.trim()));
  let bytesRead = skip;
  const chunks = decoded(path, encoding, skip, (size) => {
    bytesRead += size;
  });
  const records = readRecords(chunks, delimiter);
  const close = async (): Promise<void> => {
    await records.return(undefined);
  };
  return { encoding, delimiter, records, bytesRead: () => bytesRead, close };
}

async function openSheet(path: string, format: Form, bytes: number): Promise<Source> {
  const { calendar = 'gregorian', decimal = '.' } = format;
  const { records, share, close } = await openWorkbook(path, { calendar, decimal });
  return {
    encoding: null,
    delimiter: null,
    records,
    bytesRead: () => Math.round(share() * bytes),
    async close() {
      await records.return(undefined);
      await close();
    },
  };
}

async function* behind(rest: ListRecord[], records: AsyncGenerator<ListRecord[]>): AsyncGenerator<ListRecord[]> {
  if (rest.length > 0) yield rest;
  yield* records;
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

/** The first record that has any text and is not Excel's `sep=` line, and what was read behind it. */
async function readHeader(records: AsyncGenerator<ListRecord[]>): Promise<{ header: string[]; rest: ListRecord[] }> {
  for (;;) {
    const next = await records.next();
    if (next.done === true) throw refuse('import_file_empty', 'The file has no text', 'file');
    const at = next.value.findIndex(({ cells }) => cells.some((cell) => cell.trim() !== '') && !/^sep=/i.test(cells[0] ?? ''));
    const record = next.value[at];
    if (record) return { header: record.cells.map((cell) => cell.trim()), rest: next.value.slice(at + 1) };
  }
}

async function* decoded(path: string, encoding: Encoding, skip: number, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let offset = skip;
  try {
    for await (const chunk of createReadStream(path, { start: skip }) as AsyncIterable<Buffer>) {
      const text = decoder.decode(chunk, { stream: true });
      offset += chunk.length;
      onRead(chunk.length);
      if (text !== '') yield text;
    }
    const rest = decoder.decode();
    if (rest !== '') yield rest;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse('import_wrong_encoding', `The file is not ${encoding} throughout: look before byte ${offset}`, 'encoding', {
      offset,
    });
  }
}
