/** Pictures of every screen of the web client: `npm run screenshots`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import type { Browser, BrowserContext } from 'playwright-core';
import postgres from 'postgres';
import sharp from 'sharp';
import { startServerProcess } from './bench/support/child.ts';
import { openPostgres } from './bench/support/postgres.ts';
import { shots, type Shot } from './screenshots/shots.ts';
import { stories, type Story } from './screenshots/story.ts';
import { password, tell, type Told } from './screenshots/tell.ts';
import { runCommand } from './support/run-command.ts';

const sizes = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 780 } };
const schemes = ['light', 'dark'] as const;
/** Of WebP; a screen has few colours and sharp edges. */
const quality = 82;

interface Options {
  out: string;
  only?: string;
}

const launch = async (): Promise<Browser> => {
  const { chromium } = await import('playwright-core').catch(() => {
    throw new Error('playwright-core is not installed. Run: npm ci');
  });
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'] });
};

async function takeAll({ out, only }: Options): Promise<void> {
  const wanted = shots.filter(({ name }) => only === undefined || name === only);
  if (wanted.length === 0) throw new Error(`There is no screen ${only}: ${shots.map(({ name }) => name).join(', ')}`);
  await using server = await openPostgres();
  const browser = await launch();
  try {
    await mkdir(out, { recursive: true });
    for (const [at, scheme] of schemes.entries())
      for (const size of ['desk', 'phone'] as const) {
        // What one looks at has been read: each round is on a server of its own.
        await using database = await server.createDatabase();
        // Light pictures speak the first language, dark ones the second.
        await takeRound({ browser, out, wanted, database: database.url, story: stories[at]!, scheme, size });
      }
  } finally {
    await browser.close();
  }
}

interface Round {
  browser: Browser;
  out: string;
  wanted: readonly Shot[];
  database: string;
  story: Story;
  scheme: (typeof schemes)[number];
  size: keyof typeof sizes;
}

async function takeRound({ browser, out, wanted, database, story, scheme, size }: Round): Promise<void> {
  await using node = await startServerProcess(database, { RATE_LIMITS: 'off', BCRYPT_COST: '4' });
  const url = `http://127.0.0.1:${node.port}`;
  const sql = postgres(database, { max: 1 });
  const told = await tell({ url, sql }, story);
  await sql.end();
  const look = { baseURL: url, viewport: sizes[size], colorScheme: scheme, locale: story.locale };
  const [inside, outside] = [await browser.newContext(look), await browser.newContext(look)];
  await logIn(inside, told);
  for (const shot of wanted) {
    const file = join(out, `${shot.name}-${size}-${scheme}.webp`);
    await writeFile(file, await take(shot.isOutside ? outside : inside, shot, told));
    process.stderr.write(`${file}\n`);
  }
  await inside.close();
  await outside.close();
}

/** As the form does it, without the form. */
async function logIn(context: BrowserContext, { username, userId }: Told): Promise<void> {
  const data = { identifier: username, password, cookie: true };
  const answer = await context.request.post('/api/v1/auth/token', { data });
  if (!answer.ok()) throw new Error(`nobody could log in: ${await answer.text()}`);
  await context.addInitScript({ content: `localStorage.setItem('messenger:user', ${JSON.stringify(userId)})` });
}

async function take(context: BrowserContext, { path, act }: Shot, told: Told): Promise<Buffer> {
  const page = await context.newPage();
  try {
    await page.goto(path(told));
    await page.waitForLoadState('networkidle');
    await act?.(page);
    // What fades in has faded in, and pictures are there.
    await page.waitForTimeout(700);
    return await sharp(await page.screenshot({ animations: 'disabled', caret: 'hide' }))
      .webp({ quality })
      .toBuffer();
  } finally {
    await context.setOffline(false);
    await page.close();
  }
}

const command = new Command('screenshots')
  .description('Takes a picture of every screen of the web client: desk and phone, light (English) and dark (Russian).')
  .option('--out <folder>', 'where to put them', 'docs/screenshots')
  .option('--only <screen>', 'one screen')
  .action(takeAll);

await runCommand(() => command.parseAsync());
