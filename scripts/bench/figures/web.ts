import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { countFirst } from '../../support/first-load.ts';
import type { Load } from '../load/load-process.ts';
import { startServerProcess, startWorker } from '../support/child.ts';
import type { Context, Family } from '../support/context.ts';
import { median, quantile, type Measured } from '../support/result.ts';
import { createWorld, fillChats, idOf, openMaker } from '../support/world.ts';

/**
 * The web client in a browser, as its reader has it: what it loads, how soon one may write, and whether it stays smooth in a
 * long chat while one types and while others talk.
 */
const names = ['web-login-js', 'web-chat-js', 'web-interactive', 'web-typing', 'web-burst', 'web-burst-low'] as const;

/** As `npm run bench` has made it. */
const build = fileURLToPath(new URL('../../../web', import.meta.url));

const world = { people: 10, chats: 1, members: 10, step: 1 };
const messages = 100_000;
const chatId = idOf('chat', 0);
const viewer = { name: 'Viewer', email: 'viewer@example.com', password: 'the password of a viewer' };

const typed = 200;
const longFrameMs = 50;
const burst = { perSecond: 500, ms: 5_000 };
/** Frames are counted by windows of this length. */
const windowMs = 500;

interface Place {
  context: Context;
  browser: Browser;
  url: string;
  viewerId: string;
}

const report = (context: Context, measured: Measured): void =>
  context.wants(measured.name) ? context.report(measured) : undefined;

/** The browser; undefined, and it is said why, where there is none. */
async function openBrowser(context: Context): Promise<Browser | undefined> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    context.say(`  left out: there is no Chromium at ${executablePath}; CHROMIUM_PATH says where it is`);
    return undefined;
  }
  try {
    const { chromium } = await import('playwright-core');
    return await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
  } catch (error) {
    context.say(
      `  left out: ${error instanceof Error ? error.message : String(error)}; npm ci installs playwright-core`,
    );
    return undefined;
  }
}

async function post(url: string, path: string, body: unknown): Promise<{ id: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { id: string };
}

/** Somebody with a password who is in the long chat and has read all of it. */
async function createViewer(url: string, databaseUrl: string): Promise<string> {
  const { id } = await post(url, '/api/v1/auth/register', viewer);
  const sql = openMaker(databaseUrl);
  await sql`
    insert into memberships (chat_id, user_id, version, joined_version, read_seq, delivered_seq)
      values (${chatId}, ${id}, 1, 1, ${messages}, ${messages})`;
  await sql.end({ timeout: 5 });
  return id;
}

/** A device that was never here, with the cookies of the viewer. */
async function openDevice({ browser, url, viewerId }: Place): Promise<BrowserContext> {
  const device = await browser.newContext({
    baseURL: url,
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    serviceWorkers: 'block',
  });
  const { email: identifier, password } = viewer;
  const answer = await device.request.post('/api/v1/auth/token', { data: { identifier, password, cookie: true } });
  if (!answer.ok()) throw new Error(`not logged in: ${answer.status()}`);
  await device.addInitScript(`localStorage.setItem('messenger:user', '${viewerId}')`);
  return device;
}

const composerOf = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

/** What runs in the page is said as text: it is of another world than the bench. */
const untilReady = `new Promise((resolve) => {
  const look = () => {
    const isThere =
      document.body?.textContent.includes('Message ${messages} of') &&
      document.querySelector('main :is(textarea, input, [contenteditable])');
    if (isThere) resolve(performance.now());
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Opens the long chat; resolves with when one could write in it and read its end, counted from the navigation. */
async function openChat(page: Page): Promise<number> {
  await page.goto(`/c/${chatId}`, { waitUntil: 'commit' });
  const at = await page.evaluate<number>(untilReady);
  await composerOf(page).waitFor();
  return at;
}

async function measureFirstLoad(place: Place): Promise<void> {
  const { context } = place;
  const js = { unit: 'bytes', reference: null, reach: { of: 'value', atMost: 75_000 } } as const;
  const limitedBy = 'JavaScript, gzipped; what is fetched later is not counted';
  report(context, { name: 'web-login-js', value: countFirst(build, 'gate'), ...js, limitedBy });
  report(context, { name: 'web-chat-js', value: countFirst(build, 'shell'), ...js, limitedBy });

  const times: number[] = [];
  for (let round = 0; round < context.rounds.rounds; round++) {
    const fresh = await openDevice(place);
    times.push(await openChat(await fresh.newPage()));
    await fresh.close();
  }
  report(context, {
    name: 'web-interactive',
    value: median(times),
    unit: 'ms',
    reference: null,
    reach: { of: 'value', atMost: 1_000 },
    limitedBy: `empty cache, ${times.map((ms) => Math.round(ms)).join(', ')} ms`,
  });
}

const watchLongFrames = `
  globalThis.longFrames = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) if (duration > ${longFrameMs}) globalThis.longFrames.push(duration);
  }).observe({ type: 'long-animation-frame' });`;

async function measureTyping({ context }: Place, page: Page): Promise<void> {
  const composer = composerOf(page);
  await composer.click();
  await page.evaluate(watchLongFrames);
  await page.keyboard.type('All work and no play. '.repeat(10).slice(0, typed), { delay: 30 });
  const length = (await composer.inputValue()).length;
  if (length !== typed) throw new Error(`${length} of ${typed} characters were typed`);
  await sleep(200);
  const frames = await page.evaluate<number[]>('globalThis.longFrames');
  report(context, {
    name: 'web-typing',
    value: frames.length,
    unit: `frames > ${longFrameMs} ms`,
    reference: null,
    reach: { of: 'value', atMost: 0 },
    limitedBy: `${typed} characters; longest ${Math.round(Math.max(0, ...frames))} ms`,
  });
  await composer.fill('');
}

const startCounting = `
  globalThis.frames = [];
  globalThis.isCounting = true;
  requestAnimationFrame(function next(at) {
    globalThis.frames.push(at);
    if (globalThis.isCounting) requestAnimationFrame(next);
  });`;

/** Frames per second in each window of a series of instants. */
function toRates(instants: readonly number[]): number[] {
  const first = instants[0] ?? 0;
  const count = Math.floor(((instants.at(-1) ?? 0) - first) / windowMs);
  const windows = Array.from({ length: count }, () => 0);
  for (const at of instants) {
    const window = Math.floor((at - first) / windowMs);
    if (window < count) windows[window]!++;
  }
  return windows.map((frames) => (frames * 1_000) / windowMs);
}

/** Up and down over the messages until it is told to stop. */
async function scroll(page: Page, isOver: () => boolean): Promise<void> {
  const { width, height } = page.viewportSize()!;
  await page.mouse.move(width * 0.7, height / 2);
  for (let turn = 0; !isOver(); turn++) {
    await page.mouse.wheel(0, turn % 40 < 20 ? -240 : 240);
    await sleep(50);
  }
}

async function measureBurst({ context, url }: Place, page: Page): Promise<void> {
  await using load = startWorker<Load>('load/load-process');
  const port = Number(new URL(url).port);
  const live = await load.ask('openLive', { port, firstPerson: 1, firstChat: 0, chats: 1, members: 2 });
  let isOver = false;
  const scrolling = scroll(page, () => isOver);
  await page.evaluate(startCounting);
  const { deliveries } = await load.ask('talkLive', { live, ...burst });
  const frames = await page.evaluate<number[]>('globalThis.isCounting = false, globalThis.frames');
  isOver = true;
  await scrolling;
  const rates = toRates(frames);
  const reach = { of: 'value', atLeast: 50 } as const;
  const limitedBy = `${deliveries} messages in ${burst.ms / 1_000} s, scrolling; windows of ${windowMs} ms`;
  const shared = { unit: 'frames/s', reference: null, reach, limitedBy };
  report(context, { name: 'web-burst', value: median(rates), ...shared });
  report(context, { name: 'web-burst-low', value: quantile(rates, 0.05), ...shared });
}

async function run(context: Context): Promise<void> {
  const browser = await openBrowser(context);
  if (!browser) return;
  try {
    await using database = await context.createDatabase();
    await createWorld(database.url, world);
    context.say(`  storing a chat of ${messages} messages`);
    await fillChats(database.url, world, { from: 0, to: 1, messages });
    await using server = await startServerProcess(database.url, { RATE_LIMITS: 'off' });
    const url = `http://127.0.0.1:${server.port}`;
    const place: Place = { context, browser, url, viewerId: await createViewer(url, database.url) };
    await measureFirstLoad(place);
    const page = await (await openDevice(place)).newPage();
    await openChat(page);
    await measureTyping(place, page);
    await measureBurst(place, page);
  } finally {
    await browser.close();
  }
}

export const webFamily: Family = { names, run };
