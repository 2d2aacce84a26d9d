import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { top } from '../support/programs.ts';

const configFile = '.dependency-cruiser.cjs';

let copy: string | undefined;

afterEach(async () => {
  if (copy !== undefined) await rm(copy, { recursive: true });
  copy = undefined;
});

interface Cruise {
  modules: { source: string }[];
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

/** What the check of `npm run check` sees in a tree. It exits with the number of violations, which is no failure of it. */
const cruise = (tree: string): Promise<Cruise> =>
  new Promise((resolve, reject) => {
    const program = join(top, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [program, 'src', 'scripts', '--config', configFile, '--output-type', 'json'];
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(JSON.parse(stdout) as Cruise);
      else reject(new Error(`the check did not run: ${stderr}`, { cause: error }));
    });
  });

test('the check sees the whole tree and finds every import allowed', async () => {
  const { modules, summary } = await cruise(top);

  expect(modules.filter(({ source }) => /^(?:src|scripts)\//.test(source)).length).toBeGreaterThan(40);
  expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
});

test('each kind of forbidden import is found when it is planted', async () => {
  const planted = [
    ['protocol-knows-only-itself-and-zod', 'src/protocol/planted.ts', `import '../server/log.ts';`],
    ['browser-code-has-no-node-built-ins', 'src/protocol/planted.ts', `import 'node:fs';`],
    ['describe-adds-only-openapi', 'src/protocol/describe.ts', `import 'pino';`],
    ['foundations-know-no-slice', 'src/server/db/planted.ts', `import '../chats/subscriptions.ts';`],
    ['accounts-knows-only-what-stands-left-of-it', 'src/server/accounts/planted.ts', `import '../messages/writer.ts';`],
    [
      'neighbours-are-read-through-queries-or-policy',
      'src/server/messages/planted.ts',
      `import '../chats/commands.ts';`,
    ],
    ['slices-know-no-dialect', 'src/server/messages/planted.ts', `import '../dialects/plain.ts';`],
    ['only-app-composes-dialects', 'src/server/planted.ts', `import './dialects/plain.ts';`],
    ['nobody-but-main-starts-the-app', 'src/server/planted.ts', `import './app.ts';`],
    ['src-needs-neither-scripts-nor-tests', 'src/server/planted.ts', `import '../../scripts/contract.ts';`],
    ['src-runs-without-dev-dependencies', 'src/server/planted.ts', `import 'vitest';`],
    ['no-cycles', 'src/server/http/planted.ts', `import './planted.ts';`],
    ['everything-resolves', 'src/server/planted.ts', `import './nowhere.ts';`],
  ] as const;
  copy = await mkdtemp(join(tmpdir(), 'boundaries-'));
  for (const part of ['src', 'scripts', 'package.json', 'tsconfig.json', configFile])
    await cp(join(top, part), join(copy, part), { recursive: true });
  await symlink(join(top, 'node_modules'), join(copy, 'node_modules'));
  for (const [, file, text] of planted) await writeFile(join(copy, file), `${text}\n`, { flag: 'a' });

  const { summary } = await cruise(copy);

  const found = new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`));
  for (const [rule, file] of planted) expect([...found], `${rule} in ${file}`).toContain(`${rule} ${file}`);
});
