import type { Delimiter } from './sniff.ts';

/** A record longer than this (characters), or with more line breaks, was swallowed by a quotation mark that nobody closed. */
const MAX_RECORD_LENGTH = 65_536;
const MAX_RECORD_LINES = 25;

/** One record of a list. `row` counts records from 1, the header included, as a spreadsheet does. `broken`: its quotes do not close. */
export interface ListRecord {
  readonly row: number;
  readonly cells: string[];
  readonly broken: boolean;
}

/** A line without quotation marks, cut into cells only when somebody asks: of two readers each looks at half of the lines. */
class Line implements ListRecord {
  readonly row: number;
  readonly broken = false;
  private readonly text: string;
  private readonly delimiter: Delimiter;

  constructor(row: number, text: string, delimiter: Delimiter) {
    this.row = row;
    this.text = text;
    this.delimiter = delimiter;
  }

  get cells(): string[] {
    return this.text.split(this.delimiter);
  }
}

/** A record that ends before `end`, behind its line break: one line of text with nothing to unquote. */
interface PlainRecord {
  text: string;
  end: number;
}

/** The same of a record with quotation marks, which may hold line breaks. */
interface QuotedRecord {
  cells: string[];
  lines: number;
  end: number;
}

/** More text is needed to tell where the record ends. */
const UNFINISHED = 'unfinished';
/** A quotation mark is never closed. */
const UNCLOSED = 'unclosed';

/**
 * The records of a list, streamed in handfuls: memory stays the same however long the list is. A cell may stand in quotation marks, then
 * it may hold delimiters, line breaks and doubled quotation marks. A stray quotation mark spoils one line, not the rest: where a record
 * swallows others (too long, or line breaks and a wrong number of cells), its first line is given as broken and reading goes on at the
 * line behind it.
 */
export async function* readRecords(chunks: AsyncIterable<string>, delimiter: Delimiter): AsyncGenerator<ListRecord[]> {
  const cutter = new Cutter(delimiter);
  for await (const chunk of chunks) {
    const records = cutter.cut(chunk, false);
    if (records.length > 0) yield records;
  }
  const records = cutter.cut('', true);
  if (records.length > 0) yield records;
}

/** Cuts text into records, keeping what is not yet a whole record. */
class Cutter {
  private text = '';
  private row = 0;
  private width = 0;
  private lineBreak: '\n' | '\r' | null = null;
  private readonly delimiter: Delimiter;

  constructor(delimiter: Delimiter) {
    this.delimiter = delimiter;
  }

  cut(chunk: string, last: boolean): ListRecord[] {
    const text = this.text + chunk;
    // Old Mac files end lines with a carriage return alone.
    this.lineBreak ??= text.includes('\n') ? '\n' : text.includes('\r') && (last || text.length > 1_024) ? '\r' : null;
    const records: ListRecord[] = [];
    let at = 0;
    while (at < text.length) {
      const found = this.find(text, at, last);
      if (found === UNFINISHED) break;
      this.row += 1;
      if (found !== UNCLOSED && 'text' in found) {
        records.push(new Line(this.row, found.text, this.delimiter));
        at = found.end;
      } else {
        const broken = found === UNCLOSED || this.swallows(found);
        const { cells, end } = broken ? this.firstLine(text, at) : found;
        records.push({ row: this.row, cells, broken });
        at = end;
      }
      if (this.width === 0) this.width = records[0]?.cells.length ?? 0;
    }
    this.text = text.slice(at);
    return records;
  }

  private swallows({ lines, cells }: QuotedRecord): boolean {
    return lines > MAX_RECORD_LINES || (lines > 1 && this.width > 0 && cells.length !== this.width);
  }

  private find(text: string, from: number, last: boolean): PlainRecord | QuotedRecord | typeof UNFINISHED | typeof UNCLOSED {
    const lineBreak = this.lineBreak === null ? -1 : text.indexOf(this.lineBreak, from);
    if (lineBreak === -1 && !last) return text.length - from > MAX_RECORD_LENGTH ? UNCLOSED : UNFINISHED;
    const end = lineBreak === -1 ? text.length : lineBreak;
    const line = text.slice(from, text[end - 1] === '\r' && end > from ? end - 1 : end);
    if (!line.includes('"')) return { text: line, end: end + 1 };
    return this.findQuoted(text, from, last);
  }

  private findQuoted(text: string, from: number, last: boolean): QuotedRecord | typeof UNFINISHED | typeof UNCLOSED {
    const cells: string[] = [];
    let lines = 1;
    let at = from;
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        const close = closingQuote(text, at + 1);
        if (close === -1 || (close === text.length - 1 && !last)) {
          if (last || text.length - from > MAX_RECORD_LENGTH) return UNCLOSED;
          return UNFINISHED;
        }
        cell = text.slice(at + 1, close);
        if (this.lineBreak !== null && cell.includes(this.lineBreak)) lines += cell.split(this.lineBreak).length - 1;
        if (this.endsCell(text, close + 1)) {
          if (cell.includes('"')) cell = cell.replaceAll('""', '"');
        } else cell = `"${cell}"`;
        at = close + 1;
      }
      const end = this.cellEnd(text, at);
      cells.push(cell + text.slice(at, end));
      if (end === text.length && !last) return text.length - from > MAX_RECORD_LENGTH ? UNCLOSED : UNFINISHED;
      if (end < text.length && text[end] === this.delimiter) {
        at = end + 1;
        continue;
      }
      const lastCell = cells.at(-1) ?? '';
      if (lastCell.endsWith('\r') && text[end - 1] === '\r') cells[cells.length - 1] = lastCell.slice(0, -1);
      return { cells, lines, end: end + 1 };
    }
  }

  private endsCell(text: string, at: number): boolean {
    const next = text[at];
    return next === undefined || next === this.delimiter || next === '\r' || next === '\n';
  }

  private cellEnd(text: string, from: number): number {
    const lineBreak = this.lineBreak === null ? -1 : text.indexOf(this.lineBreak, from);
    const line = lineBreak === -1 ? text.length : lineBreak;
    for (let at = from; at < line; at += 1) if (text[at] === this.delimiter) return at;
    return line;
  }

  private firstLine(text: string, from: number): Pick<QuotedRecord, 'cells' | 'end'> {
    const lineBreak = this.lineBreak === null ? -1 : text.indexOf(this.lineBreak, from);
    const end = lineBreak === -1 ? text.length : lineBreak;
    const line = text.slice(from, end).replace(/\r+$/, '');
    return { cells: line.split(this.delimiter).map((cell) => cell.replaceAll(/^\s*"|"\s*$/g, '')), end: end + 1 };
  }
}

/** Where a quoted cell's text ends, -1 for nowhere; a doubled quotation mark is part of the text. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
