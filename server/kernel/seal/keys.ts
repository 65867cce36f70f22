import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal } from '../errors.ts';

/** Where the history's key, the public keys that ever signed here and the exported heads lie. */
export interface HistoryFolder {
  keyFile: string;
  keysFolder: string;
  headsFolder: string;
}

/** The places under DATA_DIR; `keyFile` is that of the settings, or null for one of our own. */
export function historyFolder(dataDir: string, keyFile: string | null): HistoryFolder {
  const home = join(dataDir, 'history');
  return { keyFile: keyFile ?? join(home, 'key.pem'), keysFolder: join(home, 'keys'), headsFolder: join(home, 'heads') };
}

/** A name for a public key: the first 16 hexadecimal digits of SHA-256 over its SPKI. */
export function keyName(key: KeyObject): string {
  const spki = createPublicKey(key.type === 'private' ? key.export({ type: 'pkcs8', format: 'pem' }) : spkiPem(key));
  return createHash('sha256')
    .update(spki.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/**
 * The Ed25519 key (RFC 8032) that signs the daily heads, made when there is none, readable by its owner alone. Its public half is put
 * beside those of earlier keys. Throws a Refusal when the file holds anything else.
 */
export function readHistoryKey(folder: HistoryFolder): KeyObject {
  if (!existsSync(folder.keyFile)) makeKey(folder.keyFile);
  const key = privateKeyIn(readFileSync(folder.keyFile));
  if (key?.asymmetricKeyType !== 'ed25519')
    throw new Refusal('history_key', `${folder.keyFile} holds no Ed25519 private key in PEM`, { field: 'HISTORY_KEY_FILE' });
  const publicFile = join(folder.keysFolder, `${keyName(key)}.pem`);
  if (!existsSync(publicFile)) {
    mkdirSync(folder.keysFolder, { recursive: true, mode: 0o700 });
    writeFileSync(publicFile, spkiPem(createPublicKey(readFileSync(folder.keyFile))));
  }
  return key;
}

/** The public keys that are trusted here, by their names: those kept under DATA_DIR, and that of the key of the settings. */
export function trustedKeys(folder: HistoryFolder): Map<string, KeyObject> {
  const files = existsSync(folder.keysFolder)
    ? readdirSync(folder.keysFolder)
        .filter((name) => name.endsWith('.pem'))
        .map((name) => join(folder.keysFolder, name))
    : [];
  if (existsSync(folder.keyFile)) files.push(folder.keyFile);
  return new Map(files.map(readPublicKey).map((key) => [keyName(key), key]));
}

/** The public key of a PEM file that holds it or its private half. Throws when it holds no Ed25519 key. */
export function readPublicKey(file: string): KeyObject {
  const key = createPublicKey(readFileSync(file));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds no Ed25519 key`);
  return key;
}

/** Whole or not at all, and never over another's: of two workers that start at once, one makes the key. */
function makeKey(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft);
  }
}

function privateKeyIn(pem: Buffer): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

function spkiPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
