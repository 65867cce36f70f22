/** Bytes that nobody reads without the installation's secret: AES-256-GCM, a fresh nonce for each. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Begins all that is sealed, so that what is from before sealing is told apart. */
const MARK = Buffer.from('WUSUL1');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

/** The key of one purpose, drawn from the installation's secret (HKDF, RFC 5869): no purpose's key tells another's. */
export function keyOf(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `wusul ${purpose}`, 32));
}

/** Bytes as they may be stored. */
export function seal(key: Buffer, bytes: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([MARK, nonce, cipher.getAuthTag(), sealed]);
}

/** What `seal` was given; bytes that were never sealed are returned as they are. Throws where the key is another or a bit has changed. */
export function unseal(key: Buffer, bytes: Buffer): Buffer {
  if (!isSealed(bytes)) return bytes;
  const [nonceAt, tagAt] = [MARK.length, MARK.length + NONCE_BYTES];
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(nonceAt, tagAt));
  decipher.setAuthTag(bytes.subarray(tagAt, tagAt + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(tagAt + TAG_BYTES)), decipher.final()]);
}

/** Whether these bytes came from `seal`. */
export function isSealed(bytes: Buffer): boolean {
  return bytes.subarray(0, MARK.length).equals(MARK);
}

/** How many bytes were sealed into these. */
export function sealedLength(bytes: Buffer): number {
  return bytes.length - MARK.length - NONCE_BYTES - TAG_BYTES;
}
