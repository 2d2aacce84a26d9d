import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { useBrowser } from '../support/browser.ts';

vi.setConfig({ testTimeout: 90_000 });

const web = fileURLToPath(new URL('../../src/web', import.meta.url));
let cacheDir: string;
let server: ViteDevServer;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'messenger-vite-'));
  server = await createServer({
    configFile: join(web, 'vite.config.ts'),
    cacheDir,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  await server.listen();
});

afterAll(async () => {
  await server.close();
  await rm(cacheDir, { recursive: true });
  expect(complaints).toEqual([]);
});

useBrowser(async (browser) => {
  page = await (await browser.newContext({ baseURL: server.resolvedUrls!.local[0]! })).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto('/ui');
  await page.getByRole('heading', { level: 1 }).waitFor();
});

const listNames = (): Promise<string[]> => page.getByRole('navigation').getByRole('link').allTextContents();

test('every component has a page', async () => {
  const names = await listNames();
  // What only gives names to others shows nothing.
  const files = (await readdir(join(web, 'ui'))).filter((name) => name.endsWith('.tsx'));
  expect(names.toSorted()).toEqual(files.map((name) => name.replace('.tsx', '')).toSorted());
  for (const name of names) {
    await page.goto(`/ui#${name}`);
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  }
});
