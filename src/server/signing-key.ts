import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { keepSecret } from './secret-file.ts';
import { StartError } from './start-error.ts';

export interface SigningKey {
  key: KeyObject;
  /** Tells two keys apart and says nothing about either. */
  fingerprint: string;
  /** Where the key is kept; undefined when it is JWT_SECRET. */
  path: string | undefined;
  /** True when the file was written by this call. */
  made: boolean;
}

const settingKey = 'jwt_fingerprint';

/** The key that signs access tokens: JWT_SECRET, else the one kept in the data folder, made at the first start. */
export async function getSigningKey({
  jwtSecret,
  dataDir,
}: {
  jwtSecret?: string;
  dataDir: string;
}): Promise<SigningKey> {
  if (jwtSecret !== undefined) return toSigningKey(jwtSecret, undefined, false);
  const path = join(dataDir, 'signing-key');
  // What cannot be made here is reported when the key is written.
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch(() => undefined);
  const { secret, made } = await keepSecret(path);
  return toSigningKey(secret, path, made);
}

/**
 * Compares the key with the one that the database knows; the first server of a database tells it its own. Servers with
 * different keys would refuse each other's tokens. `alone` is for a database that only this server uses: there a new key
 * can only be the operator's wish, and it replaces the old one. Returns whether it did.
 * @throws StartError when another key is in use.
 */
export async function checkFingerprint({
  url,
  signingKey,
  alone,
}: {
  url: string;
  signingKey: SigningKey;
  alone: boolean;
}): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined });
  try {
    await sql`insert into settings (key, value) values (${settingKey}, ${signingKey.fingerprint}) on conflict (key) do nothing`;
    const [known] = await sql<{ value: string }[]>`select value from settings where key = ${settingKey}`;
    if (known?.value === signingKey.fingerprint) return false;
    if (!alone) throw new StartError(toMismatchReason(signingKey));
    await sql`update settings set value = ${signingKey.fingerprint} where key = ${settingKey}`;
    return true;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const toMismatchReason = ({ path }: SigningKey): string =>
  `This database is used with another signing key than ${path === undefined ? 'the JWT_SECRET given here' : `the one in ${path}`}.
Give every server of one database the same JWT_SECRET (or a copy of the first server's DATA_DIR/signing-key).
To change the key on purpose, stop all servers and run: delete from settings where key = '${settingKey}'; everybody's access tokens end with it.`;

function toSigningKey(secret: string, path: string | undefined, made: boolean): SigningKey {
  const fingerprint = createHash('sha256').update('messenger signing key\n').update(secret).digest('hex').slice(0, 32);
  return { key: createSecretKey(Buffer.from(secret)), fingerprint, path, made };
}
