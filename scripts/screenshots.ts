/** Pictures of every screen of the web client: `npm run screenshots`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import postgres from 'postgres';
import sharp from 'sharp';
import { startServerProcess } from './bench/support/child.ts';
import { openPostgres } from './bench/support/postgres.ts';
import { openFonts } from './screenshots/fonts.ts';
import { host, openFront, origin } from './screenshots/front.ts';
import { moveAway } from './screenshots/hand.ts';
import { password } from './screenshots/people.ts';
import { shots, type Shot } from './screenshots/shots.ts';
import { inEnglish } from './screenshots/story-english.ts';
import { inRussian } from './screenshots/story-russian.ts';
import type { Story } from './screenshots/story.ts';
import { tell, type Told } from './screenshots/tell.ts';
import { runCommand } from './support/run-command.ts';

const desk = { viewport: { width: 1280, height: 800 } };
const phone = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  userAgent:
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
} satisfies BrowserContextOptions;
const sizes = { desk, phone };
const looks = [
  { scheme: 'light', story: inEnglish },
  { scheme: 'dark', story: inRussian },
] as const;
/** Of the browser in the pictures; one of those that are kept for documents. */
const address = '192.0.2.44';
/** Of WebP; a screen has few colours and sharp edges. */
const quality = 82;

interface Options {
  out: string;
  only?: string[];
}

async function takeAll({ out, only }: Options): Promise<void> {
  const wanted = shots.filter(({ name }) => only === undefined || only.includes(name));
  if (wanted.length === 0) throw new Error(`There is no such screen: ${shots.map(({ name }) => name).join(', ')}`);
  await using server = await openPostgres();
  await using fonts = await openFonts();
  if (!fonts.isThere)
    process.stderr.write('The typeface Inter is not installed: the pictures have that of this machine.\n');
  await mkdir(out, { recursive: true });
  for (const look of looks)
    for (const size of ['desk', 'phone'] as const) {
      // What one looks at has been read: each round is on a server of its own.
      await using database = await server.createDatabase();
      await takeRound({ ...look, size, out, wanted, database: database.url, env: fonts.env });
    }
}

interface Round {
  out: string;
  wanted: readonly Shot[];
  database: string;
  story: Story;
  scheme: 'light' | 'dark';
  size: keyof typeof sizes;
  /** For the browser's process. */
  env: Record<string, string>;
}

async function takeRound({ out, wanted, database, story, scheme, size, env }: Round): Promise<void> {
  const config = { RATE_LIMITS: 'off', BCRYPT_COST: '4', PUBLIC_URL: origin, TRUST_PROXY: 'loopback' };
  await using node = await startServerProcess(database, config);
  await using front = await openFront(node.port);
  const sql = postgres(database, { max: 1 });
  await using told = await tell({ url: `http://127.0.0.1:${node.port}`, sql }, story);
  await sql.end();
  const browser = await launch(front.port, story.locale, env);
  try {
    const look = { ...sizes[size], baseURL: origin, colorScheme: scheme, locale: story.locale };
    const outside = await browser.newContext(look);
    const inside = await browser.newContext({ ...look, extraHTTPHeaders: { 'x-forwarded-for': address } });
    await logIn(inside, told);
    for (const shot of wanted) {
      if (shot.isOfPhone && size !== 'phone') continue;
      const file = join(out, `${shot.name}-${size}-${scheme}.webp`);
      await writeFile(file, await take(shot.isOutside ? outside : inside, shot, told));
      process.stderr.write(`${file}\n`);
    }
  } finally {
    await browser.close();
  }
}

/** A browser as people of that language have it, to whom the server behind the front is the one in the pictures. */
async function launch(port: number, locale: Story['locale'], env: Record<string, string>): Promise<Browser> {
  const { chromium } = await import('playwright-core').catch(() => {
    throw new Error('playwright-core is not installed. Run: npm ci');
  });
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      '--ignore-certificate-errors',
      `--host-resolver-rules=MAP ${host}:443 127.0.0.1:${port}`,
      `--lang=${locale}`,
    ],
    // On Linux fields for dates follow LANGUAGE, if the browser has that language (Debian: chromium-l10n).
    env: { ...process.env, ...env, LANGUAGE: locale.replace('-', '_') },
  });
}

/** As the form does it, without the form. */
async function logIn(context: BrowserContext, { username, userId }: Told): Promise<void> {
  const page = await context.newPage();
  await page.goto('/login');
  const failure = await page.evaluate(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/api/v1/auth/token', { method: 'POST', headers, body });
      return answer.ok ? undefined : answer.text();
    },
    JSON.stringify({ identifier: username, password, cookie: true }),
  );
  if (failure !== undefined) throw new Error(`nobody could log in: ${failure}`);
  await page.close();
  await context.addInitScript({ content: `localStorage.setItem('messenger:user', ${JSON.stringify(userId)})` });
}

async function take(context: BrowserContext, { path, act, undo }: Shot, told: Told): Promise<Buffer> {
  const page = await context.newPage();
  try {
    await page.goto(path(told));
    await page.waitForLoadState('networkidle');
    await act?.(page, told);
    await moveAway(page);
    // What fades in has faded in, and pictures are there.
    await page.waitForTimeout(700);
    const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    await undo?.(page);
    return await sharp(picture).webp({ quality }).toBuffer();
  } finally {
    await page.close();
    await context.setOffline(false);
  }
}

const command = new Command('screenshots')
  .description('Takes a picture of every screen of the web client: desk and phone, light (English) and dark (Russian).')
  .option('--out <folder>', 'where to put them', 'docs/screenshots')
  .option('--only <screens...>', 'some screens')
  .action(takeAll);

await runCommand(() => command.parseAsync());
