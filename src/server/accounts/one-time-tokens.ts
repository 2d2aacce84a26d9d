import { createHash, randomBytes } from 'node:crypto';

/** A secret for one use, such as a reset link or an invite; the database keeps the hash. */
export function createOneTimeToken(): { text: string; hash: Buffer } {
  const text = randomBytes(24).toString('base64url');
  return { text, hash: hashOneTimeToken(text) };
}

export const hashOneTimeToken = (text: string): Buffer => createHash('sha256').update(text).digest();
