import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rm, stat } from 'node:fs/promises';
import { StartError } from './start-error.ts';

/**
 * A random secret kept in a file that only its owner may read: the one that is there, else a new one of 32 random bytes
 * in base64url. Written beside and linked into place, so two processes that make it at once agree on one and a crash
 * leaves none by half.
 */
export async function keepSecret(path: string): Promise<{ secret: string; made: boolean }> {
  const kept = await readSecret(path);
  if (kept !== undefined) return { secret: kept, made: false };
  const secret = randomBytes(32).toString('base64url');
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    await file.writeFile(`${secret}\n`);
    await file.sync();
    await file.close();
    await link(draft, path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST')
      throw new StartError(
        `${path} cannot be written: ${message}. Give this user the right to, or choose another DATA_DIR.`,
      );
    return { secret: (await readSecret(path)) ?? secret, made: false };
  } finally {
    await rm(draft, { force: true });
  }
  return { secret, made: true };
}

/** The secret in the file, or undefined when there is no file. A mode that lets others read is narrowed to 0600. */
export async function readSecret(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new StartError(`${path} cannot be read: ${message}. Do this as the user who started the server.`);
  });
  if (text === undefined) return undefined;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) await chmod(path, 0o600).catch(() => undefined);
  const secret = text.trim();
  if (secret.length < 32)
    throw new StartError(
      `${path} is empty or cut short. Restore it from a backup, or delete it to have a new one made.`,
    );
  return secret;
}
