import { isUtf8 } from 'node:buffer';
import { refuse } from './faults.ts';

/** Encodings a list may have; the names are those of the Encoding Standard. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256'] as const;
export type Encoding = (typeof ENCODINGS)[number];

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** How many bytes at the beginning of a file are looked at. */
export const SNIFF_BYTES = 65_536;

const SIGNATURES: readonly (readonly [string, readonly number[]])[] = [
  ['an old or a locked Excel workbook; save it as XLSX without a password, or as CSV', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46]],
  ['compressed (gzip); unpack it first', [0x1f, 0x8b]],
  ['a picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a picture', [0xff, 0xd8, 0xff]],
  ['a program', [0x7f, 0x45, 0x4c, 0x46]],
];

/**
 * Which encoding a file's beginning is in: by byte-order mark, by the zero bytes of UTF-16, as valid UTF-8, else Windows-1256 where
 * that gives plausible text. `whole` tells that `head` is the entire file. Throws a Refusal for an empty or binary file, or for text in no
 * encoding known here; `stated` is believed unless the bytes contradict it.
 */
export function detectEncoding(head: Buffer, whole: boolean, stated?: Encoding): { encoding: Encoding; skip: number } {
  if (head.length === 0) throw refuse('import_file_empty', 'The file is empty', 'file');
  const mark = byteOrderMark(head);
  const rest = head.subarray(mark?.skip ?? 0);
  if (rest.length === 0) throw refuse('import_file_empty', 'The file is empty', 'file');
  if (mark) {
    if (stated !== undefined && stated !== mark.encoding) {
      throw refuse('import_wrong_encoding', `The file says it is ${mark.encoding}, not ${stated}`, 'encoding');
    }
    refuseBinary(rest, mark.encoding);
    return mark;
  }
  const signature = SIGNATURES.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (signature) throw refuse('import_file_binary', `The file is not a list but ${signature[0]}`, 'file');
  const encoding = stated ?? guessEncoding(head, whole);
  refuseBinary(head, encoding);
  if (encoding === 'utf-8' && !isUtf8(whole ? head : wholeCharacters(head))) {
    throw refuse('import_wrong_encoding', 'The file is not UTF-8', 'encoding');
  }
  if (encoding === 'windows-1256') refuseImplausible(head);
  return { encoding, skip: 0 };
}

function byteOrderMark(head: Buffer): { encoding: Encoding; skip: number } | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', skip: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', skip: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', skip: 2 };
  return null;
}

/** UTF-16 without a mark shows as zero (Latin) or 06 (Arabic) in every other byte: delimiters and line ends are always Latin. */
function guessEncoding(head: Buffer, whole: boolean): Encoding {
  let zerosEven = 0;
  let zerosOdd = 0;
  for (const [index, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) zerosEven += 1;
    else zerosOdd += 1;
  }
  const few = head.length / 200;
  if (zerosOdd > few && zerosEven === 0) return 'utf-16le';
  if (zerosEven > few && zerosOdd === 0) return 'utf-16be';
  return isUtf8(whole ? head : wholeCharacters(head)) ? 'utf-8' : 'windows-1256';
}

/** Cuts a UTF-8 sequence that the end of the look-ahead broke. */
function wholeCharacters(head: Buffer): Buffer {
  for (let back = 1; back <= 3; back += 1) {
    const byte = head[head.length - back] ?? 0;
    if (byte < 0x80) return head;
    if (byte >= 0xc0) return head.subarray(0, head.length - back);
  }
  return head;
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f]/g;

function refuseBinary(bytes: Buffer, encoding: Encoding): void {
  const text = new TextDecoder(encoding).decode(bytes, { stream: true });
  const controls = text.match(CONTROL)?.length ?? 0;
  if (text.includes('\u0000') || controls > text.length / 100) {
    throw refuse('import_file_binary', 'The file is not text', 'file');
  }
}

/**
 * Every byte means something in Windows-1256, so only its sense can tell: in Arabic or Persian text, accented Latin letters do not
 * stand inside Arabic words, as they seem to in ISO 8859-6 or a Mac encoding read wrongly.
 */
function refuseImplausible(head: Buffer): void {
  const text = new TextDecoder('windows-1256').decode(head);
  const arabic = text.match(/[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af]/g)?.length ?? 0;
  const odd =
    text.match(/[\u0621-\u064a][\u00c0-\u00ff\u0152\u0153\u0192]|[\u00c0-\u00ff\u0152\u0153\u0192][\u0621-\u064a]/g)?.length ?? 0;
  const latin = text.match(/[a-z][\u00e0-\u00ff]|[\u00e0-\u00ff][a-z]/gi)?.length ?? 0;
  if (odd > Math.max(3, arabic / 20) || (arabic < 4 && latin === 0)) {
    throw refuse(
      'import_wrong_encoding',
      'The text is neither UTF-8 nor UTF-16, and makes no sense as Windows-1256. Save the list as UTF-8, or say which encoding it has',
      'encoding',
    );
  }
}

/**
 * The delimiter of a list: the one that gives the first line most known columns (`knows`), then most columns. Text inside quotes does not
 * count. A first line `sep=;`, as Excel writes it, decides by itself.
 */
export function detectDelimiter(text: string, knows: (header: string) => boolean): Delimiter {
  const line = firstRecord(text);
  const stated = /^sep=(.)\s*$/i.exec(line)?.[1];
  const named = DELIMITERS.find((delimiter) => delimiter === stated);
  if (named) return named;
  const scored = DELIMITERS.map((delimiter) => {
    const cells = splitOutsideQuotes(line, delimiter);
    return { delimiter, known: cells.filter((cell) => knows(cell.replaceAll('"', ''))).length, cells: cells.length };
  });
  const best = scored.toSorted((a, b) => b.known - a.known || b.cells - a.cells)[0];
  return best?.delimiter ?? ',';
}

/** The text up to the first line end outside quotes; leading blank lines are passed over. */
function firstRecord(text: string): string {
  const start = text.search(/[^\r\n]/);
  if (start === -1) return '';
  let quoted = false;
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) return text.slice(start, index);
  }
  return text.slice(start);
}

function splitOutsideQuotes(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let quoted = false;
  let from = 0;
  for (let index = 0; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === delimiter) {
      cells.push(line.slice(from, index));
      from = index + 1;
    }
  }
  return [...cells, line.slice(from)];
}
