import { TextDecoder } from 'node:util';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { refuse } from '../faults.ts';
import type { ListRecord } from '../records.ts';
import { showsDate, type CellForm } from './cells.ts';
import { parserOf, sheetReader } from './rows.ts';
import { SharedStrings } from './strings.ts';

/** More parts than this, and the file is an archive rather than a workbook. */
const MOST_PARTS = 10_000;

/** A workbook ready to be read. `share`: how much of the sheet has been read, 0 to 1. */
export interface OpenWorkbook {
  records: AsyncGenerator<ListRecord[]>;
  share: () => number;
  close: () => Promise<void>;
}

/**
 * Opens the first visible sheet of a workbook (XLSX), streamed: memory stays the same however long it is. Dates come in the list's calendar
 * and numbers with its decimal separator, as a text file of the same format has them. Throws a Refusal for an archive that is no workbook
 * or is broken. The caller closes it.
 */
export async function openWorkbook(path: string, form: Pick<CellForm, 'calendar' | 'decimal'>): Promise<OpenWorkbook> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error: unknown) => broken(error));
  const strings = new SharedStrings();
  const close = async (): Promise<void> => {
    strings.close();
    zip.close();
  };
  try {
    const parts = await readParts(zip);
    const book = await readBook(zip, parts);
    const sheet = parts.get(book.sheet);
    if (!sheet) throw refuse('import_file_broken', 'The workbook has no sheet to read', 'file');
    await readStrings(zip, parts.get('xl/sharedStrings.xml'), strings);
    const dateStyles = await readDateStyles(zip, parts.get('xl/styles.xml'));
    let read = 0;
    const records = readSheet(zip, sheet, strings, { ...form, from1904: book.from1904, dateStyles }, (bytes) => {
      read += bytes;
    });
    return { records, share: () => Math.min(1, read / Math.max(1, sheet.uncompressedSize)), close };
  } catch (error) {
    await close();
    return broken(error);
  }
}

function broken(error: unknown): never {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('import_'))
    throw error;
  throw refuse('import_file_broken', 'The workbook is broken: open it in a spreadsheet program and save it anew', 'file');
}

function readParts(zip: ZipFile): Promise<Map<string, Entry>> {
  const { promise, resolve, reject } = Promise.withResolvers<Map<string, Entry>>();
  const parts = new Map<string, Entry>();
  zip.on('entry', (entry: Entry) => {
    parts.set(entry.fileName, entry);
    if (parts.size > MOST_PARTS) reject(refuse('import_file_binary', 'The file is an archive, not a workbook', 'file'));
    else zip.readEntry();
  });
  zip.once('end', () => resolve(parts));
  zip.once('error', reject);
  zip.readEntry();
  return promise;
}

async function feed(zip: ZipFile, entry: Entry, parser: { write: (text: string) => void; end: () => void }): Promise<void> {
  for await (const text of textOf(zip, entry)) parser.write(text);
  parser.end();
}

async function* textOf(zip: ZipFile, entry: Entry, onRead: (bytes: number) => void = () => undefined): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

async function readBook(zip: ZipFile, parts: ReadonlyMap<string, Entry>): Promise<{ sheet: string; from1904: boolean }> {
  const workbook = parts.get('xl/workbook.xml');
  if (!workbook) throw refuse('import_file_binary', 'The file is an archive, not a workbook of Excel', 'file');
  const sheets: { id: string; hidden: boolean }[] = [];
  let from1904 = false;
  await feed(
    zip,
    workbook,
    parserOf({
      open(name, attributes) {
        if (name === 'sheet') {
          const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
          sheets.push({ id: id ?? '', hidden: attributes['state'] !== undefined && attributes['state'] !== 'visible' });
        } else if (name === 'workbookPr') from1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      },
    }),
  );
  const targets = new Map<string, string>();
  const relations = parts.get('xl/_rels/workbook.xml.rels');
  if (relations) {
    const open = (_: string, { Id: id = '', Target: target = '' }: Readonly<Record<string, string>>): void => {
      targets.set(id, target);
    };
    await feed(zip, relations, parserOf({ open }));
  }
  const first = sheets.find((sheet) => !sheet.hidden);
  const target = targets.get(first?.id ?? '') ?? 'worksheets/sheet1.xml';
  return { sheet: target.startsWith('/') ? target.slice(1) : `xl/${target}`, from1904 };
}

async function readStrings(zip: ZipFile, entry: Entry | undefined, strings: SharedStrings): Promise<void> {
  if (!entry) return;
  let text = '';
  let inText = false;
  let aside = false;
  const parser = parserOf({
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') aside = true;
      else if (name === 't') inText = !aside;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') aside = false;
      else if (name === 'si') strings.add(text);
    },
  });
  await feed(zip, entry, parser);
}

async function readDateStyles(zip: ZipFile, entry: Entry | undefined): Promise<Set<number>> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let inCells = false;
  if (entry) {
    const parser = parserOf({
      open(name, attributes) {
        if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
        else if (name === 'cellXfs') inCells = true;
        else if (name === 'xf' && inCells) formats.push(Number(attributes['numFmtId'] ?? 0));
      },
      close(name) {
        if (name === 'cellXfs') inCells = false;
      },
    });
    await feed(zip, entry, parser);
  }
  return new Set(formats.flatMap((format, style) => (showsDate(format, codes) ? [style] : [])));
}

async function* readSheet(
  zip: ZipFile,
  entry: Entry,
  strings: SharedStrings,
  form: CellForm,
  onRead: (bytes: number) => void,
): AsyncGenerator<ListRecord[]> {
  const reader = sheetReader(strings, form);
  try {
    for await (const text of textOf(zip, entry, onRead)) {
      reader.write(text);
      const records = reader.take();
      if (records.length > 0) yield records;
    }
    reader.end();
  } catch (error) {
    broken(error);
  }
  const records = reader.take();
  if (records.length > 0) yield records;
}
