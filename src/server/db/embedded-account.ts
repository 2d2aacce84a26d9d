import { spawnSync } from 'node:child_process';
import { geteuid } from 'node:process';
import { StartError } from '../start-error.ts';

/**
 * The operating system's account that PostgreSQL runs under. PostgreSQL refuses to run as root, so root lends it another
 * one; everybody else runs it as themselves, and `uid` and `gid` are absent.
 */
export interface Account {
  name: string;
  uid?: number;
  gid?: number;
}

const names = ['postgres', '_postgres'];
const home = '/var/lib/messenger';

export const isRoot = (): boolean => geteuid?.() === 0;

/** The account for a cluster owned by `ownerUid`, or for a new one when that is undefined. */
export function getAccount(ownerUid: number | undefined): Account {
  const uid = geteuid?.();
  if (uid === undefined) return { name: 'this user' };
  if (uid === 0) {
    if (ownerUid !== undefined && ownerUid !== 0)
      return findAccount(String(ownerUid)) ?? { name: `user ${ownerUid}`, uid: ownerUid, gid: ownerUid };
    return findDatabaseAccount() ?? makeDatabaseAccount();
  }
  if (ownerUid !== undefined && ownerUid !== uid) {
    const owner = findAccount(String(ownerUid))?.name ?? `user ${ownerUid}`;
    throw new StartError(
      `The database folder belongs to ${owner}, and this is another user. Start as ${owner} or as root, or choose another DATA_DIR.`,
    );
  }
  return { name: 'this user' };
}

/** Whether the account may enter this folder and list it. Asked of the kernel: modes alone do not know ACLs. */
export function canEnter(account: Account, folder: string): boolean {
  if (account.uid === undefined) return true;
  return runAs(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder]).status === 0;
}

export function runAs(account: Account, command: string, args: string[], input?: string) {
  return spawnSync(command, args, {
    ...identity(account),
    encoding: 'utf8',
    windowsHide: true,
    env: cleanEnv,
    cwd: neutralFolder(account),
    input: input ?? '',
  });
}

/** What `spawn` needs to run a command as the account. */
export const identity = ({ uid, gid }: Account): { uid?: number; gid?: number } => ({
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
});

/** PostgreSQL gets none of our secrets, and no PG… variable of the person's shell may reach it. */
export const cleanEnv: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

/** A lent account may not be able to stand where root stands. */
const neutralFolder = (account: Account): string | undefined => (account.uid === undefined ? undefined : '/');

const findDatabaseAccount = (): Account | undefined => names.map(findAccount).find((account) => account !== undefined);

function findAccount(name: string): Account | undefined {
  const ask = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' });
  const [uid, gid, label] = [ask('-u'), ask('-g'), ask('-un')];
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { name: `user ${label.stdout.trim()}`, uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function makeDatabaseAccount(): Account {
  // Debian, Red Hat and others; then BusyBox.
  spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    home,
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  if (!findDatabaseAccount()) {
    spawnSync('addgroup', ['-S', 'postgres']);
    spawnSync('adduser', ['-S', '-D', '-H', '-h', home, '-s', '/sbin/nologin', '-G', 'postgres', 'postgres']);
  }
  const made = findDatabaseAccount();
  if (made) return made;
  throw new StartError(
    'PostgreSQL does not run as root, and the user postgres could not be made. Start as an ordinary user, make a user named postgres, or set DATABASE_URL.',
  );
}
