// Compiles src and scripts to dist and the web client to dist/web, when they are newer than what is there. Quick and quiet
// otherwise, because every `npm start` begins with it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const top = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(top, 'dist');
const stamp = join(dist, '.stamp');
const lock = join(dist, '.building');

const listSources = () =>
  ['src', 'scripts'].flatMap((folder) =>
    readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(top, join(entry.parentPath ?? entry.path, entry.name))),
  );

const isOfWeb = (path) => path.startsWith(join('src', 'web'));

/** By content: a checkout may give an older file a newer time, and the other way round. */
function hashSources(sources) {
  const hash = createHash('sha256');
  for (const path of [...sources.sort(), 'tsconfig.json', 'package-lock.json']) {
    hash.update(`${path}\0`);
    if (existsSync(join(top, path))) hash.update(readFileSync(join(top, path)));
  }
  return hash.digest('hex');
}

const isFresh = (hash) => existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;

function findCompiler() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')), 'bin', 'tsc');
  } catch {
    return undefined;
  }
}

/** Whether the build that took the lock is still at work; one that was killed is not. */
function isHeld() {
  const pid = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  try {
    return pid === 0 ? Date.now() - statSync(lock).mtimeMs < 5_000 : process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two builds at once would read each other's half-written files. */
function takeLock() {
  mkdirSync(dist, { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isHeld()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    else rmSync(lock, { force: true });
  }
}

/** Of files that are gone from the sources nothing may go on running. */
function removeLeftovers(sources) {
  const wanted = new Set(sources.filter((path) => !isOfWeb(path)).map((path) => path.replace(/\.ts$/, '.js')));
  for (const folder of ['src', 'scripts'].filter((name) => existsSync(join(dist, name)))) {
    for (const name of readdirSync(join(dist, folder), { recursive: true })) {
      const output = join(folder, name);
      if (/\.js(\.map)?$/.test(output) && !wanted.has(output.replace(/\.map$/, ''))) rmSync(join(dist, output));
    }
  }
}

/** Vite says only what went wrong, and builds the same whatever the environment calls itself. */
const buildWeb = () =>
  spawnSync(
    process.execPath,
    [findVite(), 'build', '--config', join(top, 'src', 'web', 'vite.config.ts'), '--logLevel', 'warn'],
    { cwd: top, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_ENV: 'production' } },
  ).status;

const findVite = () => join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin', 'vite.js');

function build(compiler, sources, hash) {
  takeLock();
  try {
    if (isFresh(hash)) return 0;
    // Types are checked by `npm run check:types`; here only what runs matters.
    const { status } = spawnSync(process.execPath, [compiler, '-p', top, '--noCheck'], {
      cwd: top,
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0 || buildWeb() !== 0) return 1;
    removeLeftovers(sources);
    writeFileSync(stamp, hash);
    return 0;
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * What programs that import `messenger/client` compile against. Nothing here needs it and it takes as long as the build, so
 * it is made by an install alone.
 */
function declareClient(compiler) {
  const project = join(top, 'tsconfig.client.json');
  if (process.env.npm_lifecycle_event !== 'prepare' || !compiler || !existsSync(project)) return;
  spawnSync(process.execPath, [compiler, '-p', project, '--noCheck'], { cwd: top, stdio: ['ignore', 2, 2] });
}

function main() {
  // An image may carry dist alone.
  if (!existsSync(join(top, 'src'))) return 0;
  const sources = listSources();
  const hash = hashSources(sources);
  if (isFresh(hash)) return 0;
  const compiler = findCompiler();
  if (compiler) {
    const status = build(compiler, sources, hash);
    if (status === 0) declareClient(compiler);
    return status;
  }
  // npm ci --omit=dev: installing is no reason to fail, starting without anything to start is.
  if (process.env.npm_lifecycle_event === 'prepare') return 0;
  console.error('dist/ is missing or older than src/, and the compiler is not installed. Run: npm ci');
  return 1;
}

process.exitCode = main();
