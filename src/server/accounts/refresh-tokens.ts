import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { toUuid } from '../../protocol/ids.ts';

/**
 * A refresh token is opaque to clients: session id, generation, 16 bytes of secret, and a seal over them.
 *
 * Its successor is computed from it, so two tabs that exchange the same token at once, or a client whose answer was lost,
 * get the same successor although nobody keeps it: the database holds hashes only. The seal tells a token that was once
 * ours from an invented one, and so a stranger cannot end a session by "reusing" a token that never was. Who reads the
 * database cannot compute a token; who has the key alone cannot either, for lack of the first secret.
 */
export interface RefreshToken {
  text: string;
  sessionId: string;
  generation: number;
  /** What the database keeps of it. */
  hash: Buffer;
}

export interface RefreshTokens {
  /** The first token of a session. */
  create(sessionId: string): RefreshToken;
  /** The one token that follows this one. */
  getSuccessor(token: RefreshToken): RefreshToken;
  /** The token that this text is, or undefined when it was not made here. */
  find(text: string): RefreshToken | undefined;
}

const sessionBytes = 16;
const secretStart = sessionBytes + 4;
const sealStart = secretStart + 16;
const totalBytes = sealStart + 32;

export function createRefreshTokens(signingKey: KeyObject): RefreshTokens {
  const keyFor = (use: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', signingKey, '', `messenger refresh token ${use}`, 32)));
  const sealKey = keyFor('seal');
  const successorKey = keyFor('successor');
  const seal = (content: Buffer): Buffer => createHmac('sha256', sealKey).update(content).digest();

  const assemble = (sessionId: string, generation: number, secret: Buffer): RefreshToken => {
    const content = Buffer.alloc(sealStart);
    content.write(sessionId.replaceAll('-', ''), 'hex');
    content.writeUInt32BE(generation, sessionBytes);
    secret.copy(content, secretStart, 0, sealStart - secretStart);
    return toToken(Buffer.concat([content, seal(content)]));
  };

  return {
    create: (sessionId) => assemble(sessionId, 0, randomBytes(sealStart - secretStart)),
    getSuccessor: ({ text, sessionId, generation }) =>
      assemble(sessionId, generation + 1, createHmac('sha256', successorKey).update(text).digest()),
    find(text) {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length !== totalBytes) return undefined;
      if (!timingSafeEqual(bytes.subarray(sealStart), seal(bytes.subarray(0, sealStart)))) return undefined;
      return toToken(bytes);
    },
  };
}

function toToken(bytes: Buffer): RefreshToken {
  const sessionId = toUuid(bytes.toString('hex', 0, sessionBytes));
  if (sessionId === undefined) throw new Error('a refresh token holds no session id');
  return {
    text: bytes.toString('base64url'),
    sessionId,
    generation: bytes.readUInt32BE(sessionBytes),
    hash: createHash('sha256').update(bytes).digest(),
  };
}
