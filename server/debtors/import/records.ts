import { parse } from 'csv-parse';
import type { Delimiter } from './sniff.ts';

/** A record longer than this, or with more line breaks, was swallowed by a quotation mark that nobody closed. */
const MAX_RECORD_BYTES = 65_536;
const MAX_RECORD_LINES = 25;

/** One record of a list. `row` counts records from 1, the header included, as a spreadsheet does. `broken`: its quotes do not close. */
export interface CsvRecord {
  row: number;
  cells: string[];
  broken: boolean;
  /** Bytes of UTF-8 text read up to the end of this record. */
  offset: number;
}

interface ParsedRecord {
  record: string[];
  info: { bytes: number; lines: number };
}

/**
 * The records of a list, streamed: memory stays the same however long the list is. A stray quotation mark spoils one line, not the rest:
 * where a record swallows others (too long, or line breaks and a wrong number of cells), its first line is given as broken and
 * reading goes on at the line behind it.
 */
export async function* readRecords(text: AsyncIterable<Buffer>, delimiter: Delimiter): AsyncGenerator<CsvRecord> {
  const tape = new Tape(text);
  let row = 0;
  let width = 0;
  for (;;) {
    const start = tape.start;
    let resume: number | null = null;
    let lines = 0;
    const parser = parse({
      delimiter,
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: false,
      max_record_size: MAX_RECORD_BYTES,
    });
    const feeding = feed(parser, tape);
    try {
      for await (const { record, info } of parser as AsyncIterable<ParsedRecord>) {
        const spans = info.lines - lines;
        lines = info.lines;
        if (spans > MAX_RECORD_LINES || (spans > 1 && width > 0 && record.length !== width)) {
          resume = tape.start;
          break;
        }
        row += 1;
        if (width === 0) width = record.length;
        tape.discard(start + info.bytes);
        yield { row, cells: record, broken: false, offset: tape.start };
      }
    } catch (error) {
      if (!isRecordFault(error)) throw error;
      resume = tape.start;
    }
    parser.destroy();
    await feeding;
    if (resume === null) return;
    row += 1;
    const end = tape.lineEnd();
    const cells = tape
      .textUntil(end)
      .split(delimiter)
      .map((cell) => cell.replaceAll(/^\s*"|"\s*$/g, ''));
    tape.discard(end);
    yield { row, cells, broken: true, offset: tape.start };
    if (await tape.exhausted()) return;
  }
}

function isRecordFault(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE';
}

/** Pours the tape into a parser until either ends, heeding back-pressure; read errors of the source reach whoever reads the parser. */
async function feed(parser: ReturnType<typeof parse>, tape: Tape): Promise<void> {
  try {
    for await (const piece of tape.pieces()) {
      if (parser.destroyed) return;
      if (parser.write(piece)) continue;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          parser.off('drain', done);
          parser.off('close', done);
          resolve();
        };
        parser.on('drain', done);
        parser.on('close', done);
      });
    }
    if (!parser.destroyed) parser.end();
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** The text from the first byte not yet understood on, so that reading can go back to it. */
class Tape {
  /** Absolute offset of the first byte kept. */
  start = 0;
  private kept: Buffer[] = [];
  private readonly source: AsyncIterator<Buffer>;
  private ended = false;

  constructor(text: AsyncIterable<Buffer>) {
    this.source = text[Symbol.asyncIterator]();
  }

  /** What is kept, then what is new, each piece kept until discarded. */
  async *pieces(): AsyncGenerator<Buffer> {
    const again = this.kept;
    if (again.length > 0) {
      const all = Buffer.concat(again);
      this.kept = [all];
      yield all;
    }
    for (;;) {
      const piece = await this.next();
      if (piece === null) return;
      yield piece;
    }
  }

  /** Forgets everything before an absolute offset. */
  discard(offset: number): void {
    let spare = offset - this.start;
    while (spare > 0) {
      const [first] = this.kept;
      if (first === undefined) return;
      const cut = Math.min(spare, first.length);
      if (cut === first.length) this.kept.shift();
      else this.kept[0] = first.subarray(cut);
      this.start += cut;
      spare -= cut;
    }
  }

  /** Absolute offset behind the end of the first kept line. */
  lineEnd(): number {
    const all = Buffer.concat(this.kept);
    this.kept = [all];
    const newline = all.indexOf(0x0a);
    return this.start + (newline === -1 ? all.length : newline + 1);
  }

  textUntil(offset: number): string {
    return Buffer.concat(this.kept)
      .subarray(0, offset - this.start)
      .toString()
      .replace(/[\r\n]+$/, '');
  }

  async exhausted(): Promise<boolean> {
    if (this.kept.some((piece) => piece.length > 0)) return false;
    return (await this.next()) === null;
  }

  private async next(): Promise<Buffer | null> {
    if (this.ended) return null;
    const { done, value } = await this.source.next();
    if (done === true) {
      this.ended = true;
      return null;
    }
    this.kept.push(value);
    return value;
  }
}
