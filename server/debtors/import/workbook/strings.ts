import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCK = 65_536;
/** Blocks kept in memory: a workbook numbers its texts as its cells first name them, so the same few serve many rows. */
const BLOCKS_KEPT = 64;

/**
 * The texts that a workbook's cells share, on disk, so that memory does not grow with them but by eight bytes each. The caller closes it;
 * the file has no name any more once it is open.
 */
export class SharedStrings {
  private readonly file: number;
  private offsets = new Float64Array(1_024);
  private count = 0;
  private size = 0;
  private unwritten: Buffer[] = [];
  private unwrittenSize = 0;
  private readonly blocks = new Map<number, Buffer>();

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'wusul-strings-'));
    this.file = openSync(join(folder, 'strings'), 'w+', 0o600);
    rmSync(folder, { recursive: true });
  }

  add(text: string): void {
    if (this.count + 1 >= this.offsets.length) {
      const wider = new Float64Array(this.offsets.length * 2);
      wider.set(this.offsets);
      this.offsets = wider;
    }
    const bytes = Buffer.from(text);
    this.size += bytes.length;
    this.count += 1;
    this.offsets[this.count] = this.size;
    this.unwritten.push(bytes);
    this.unwrittenSize += bytes.length;
    if (this.unwrittenSize > BLOCK * 4) this.flush();
  }

  /** The text with an index, or an empty one where the workbook has none. */
  get(index: number): string {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return '';
    if (this.unwrittenSize > 0) this.flush();
    return this.read(this.offsets[index] ?? 0, this.offsets[index + 1] ?? 0).toString();
  }

  close(): void {
    closeSync(this.file);
  }

  private flush(): void {
    writeSync(this.file, Buffer.concat(this.unwritten));
    this.unwritten = [];
    this.unwrittenSize = 0;
  }

  private read(from: number, to: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = from; at < to;) {
      const number = Math.floor(at / BLOCK);
      const start = at - number * BLOCK;
      const part = this.block(number).subarray(start, start + to - at);
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  private block(number: number): Buffer {
    const known = this.blocks.get(number);
    if (known) return known;
    const buffer = Buffer.alloc(BLOCK);
    const length = readSync(this.file, buffer, 0, BLOCK, number * BLOCK);
    const block = buffer.subarray(0, length);
    if (this.blocks.size >= BLOCKS_KEPT) {
      const [oldest] = this.blocks.keys();
      if (oldest !== undefined) this.blocks.delete(oldest);
    }
    this.blocks.set(number, block);
    return block;
  }
}
