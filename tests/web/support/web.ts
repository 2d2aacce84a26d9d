/// <reference lib="dom" />
/// <reference lib="dom.asynciterable" />
/** The web client as a person has it: the built page, a real server, Debian's Chromium. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Config } from '../../../src/server/config.ts';
import { useBrowser } from '../../support/browser.ts';
import type { Actor } from '../../support/cast.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { build } from '../../support/programs.ts';

export const phone = { width: 390, height: 780 };
export const desk = { width: 1280, height: 800 };

export interface VisitOptions extends Pick<
  BrowserContextOptions,
  'colorScheme' | 'locale' | 'viewport' | 'reducedMotion' | 'hasTouch' | 'isMobile'
> {
  /** Who has logged in on it; absent: nobody. */
  as?: Actor;
  /** Another road to the server, `http://…`. */
  by?: string;
  /** Whether the page is kept for later, by its service worker. By default not: it would load everything, each time. */
  keeps?: boolean;
}

/** One device with its own cookies and storage. */
export interface Device {
  context: BrowserContext;
  page: Page;
}

/**
 * A server and a browser for the tests of a file. After them it fails for whatever the pages complained of: errors on the
 * console, violations of the policy, requests to anywhere else.
 */
export class Web {
  server!: TestServer;
  browser!: Browser;
  /** What pages complained of. A test that provokes a complaint empties it. */
  readonly complaints: string[] = [];

  /** Call it once at the top of a file. */
  static use(config: Partial<Config> = {}): Web {
    const web = new Web();
    beforeAll(async () => {
      build();
      web.server = await startTestServer({ config });
    });
    afterAll(async () => {
      const { bugs } = web.server;
      await web.server[Symbol.asyncDispose]();
      expect(bugs).toEqual([]);
      expect(web.complaints).toEqual([]);
    });
    // After the server, so that it is closed before it.
    useBrowser((browser) => void (web.browser = browser));
    // Nobody goes on looking while the next test runs.
    afterEach(async () => {
      await Promise.all(web.browser?.contexts().map((context) => context.close()) ?? []);
    });
    return web;
  }

  /** Opens the page at a path on a device of its own: by default a desk, in English, light, without motion. */
  async visit(
    path: string,
    { as, by = this.server.url, keeps = false, ...options }: VisitOptions = {},
  ): Promise<Device> {
    const context = await this.browser.newContext({
      baseURL: by,
      viewport: desk,
      locale: 'en-GB',
      colorScheme: 'light',
      reducedMotion: 'reduce',
      ...options,
    });
    if (!keeps) await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'serviceWorker'));
    if (as) await this.logIn(context, as);
    context.on('page', (page) => this.watch(page, by));
    const page = await context.newPage();
    await page.goto(path);
    return { context, page };
  }

  /** Logs a device in without the form. */
  async logIn(context: BrowserContext, { id, email, password }: Actor): Promise<void> {
    const answer = await context.request.post('/api/v1/auth/token', {
      data: { identifier: email, password, cookie: true },
    });
    expect(answer.status()).toBe(200);
    await context.addInitScript((userId) => {
      // A page that could not be loaded has no storage.
      if (origin === 'null' || localStorage.getItem('begun')) return;
      localStorage.setItem('begun', '1');
      localStorage.setItem('messenger:user', userId);
    }, id);
  }

  /** Notes what a page complains of. That the network is away is no complaint. */
  watch(page: Page, origin: string = this.server.url): void {
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (
        /Failed to load resource|WebSocket connection to|ERR_INTERNET_DISCONNECTED|^offline |^connection_lost /.test(
          message.text(),
        )
      )
        return;
      this.complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`thrown: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && !['data:', 'blob:'].includes(url.protocol))
        this.complaints.push(`foreign request: ${request.url()}`);
    });
  }
}
