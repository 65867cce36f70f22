/** The sounds of campaigns' own messages, one file each under the data folder, by the id of its row. */
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The switch's name of a recording: an absolute path without ending. The switch has to see the data folder under the same path. */
export function soundOf(dataDir: string, id: string): string {
  return join(dataDir, 'messages', id);
}

/** Writes a sound, whole or not at all, and on the disk when this resolves. The switch may run as somebody else: all may read it. */
export async function writeSound(dataDir: string, id: string, sound: Uint8Array): Promise<void> {
  const file = fileOf(dataDir, id);
  await mkdir(join(dataDir, 'messages'), { recursive: true, mode: 0o755 });
  const draft = `${file}.draft`;
  const handle = await open(draft, 'w', 0o644);
  try {
    await handle.writeFile(sound);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** Takes a sound away that no row will name. */
export async function dropSound(dataDir: string, id: string): Promise<void> {
  await rm(fileOf(dataDir, id), { force: true });
}

/** A recording's sound; null where its file is not there. */
export async function readSound(dataDir: string, id: string): Promise<Uint8Array | null> {
  return readFile(fileOf(dataDir, id)).catch(() => null);
}

/** Whether a recording's file is there. */
export function hasSound(dataDir: string, id: string): boolean {
  return existsSync(fileOf(dataDir, id));
}

function fileOf(dataDir: string, id: string): string {
  return `${soundOf(dataDir, id)}.ulaw`;
}
