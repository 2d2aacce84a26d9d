import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { socketDescriptions } from '../../src/protocol/sockets.ts';
import { useBrowser } from '../support/browser.ts';
import { startToyServer, type ToyServer } from '../http/toy-server.ts';

interface Visit {
  page: Page;
  complaints: string[];
  foreign: string[];
}

/** Viewers are slow where others work as well. */
const patienceMs = 90_000;

describe('the documents in a browser', { timeout: 2 * patienceMs }, () => {
  let server: ToyServer;
  let browser: Browser;

  beforeAll(async () => {
    server = await startToyServer();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  useBrowser((one) => void (browser = one));

  async function visit(path: string): Promise<Visit> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(patienceMs);
    const complaints: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== server.url) foreign.push(url.href);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.url + path);
    return { page, complaints, foreign };
  }

  test('Swagger UI shows every operation, opens one, and asks nobody else', async () => {
    const { page, complaints, foreign } = await visit('/docs');

    const operation = page.locator('.opblock', { hasText: '/readyz' });
    await operation.waitFor();
    await operation.locator('.opblock-summary-control').click();
    await operation.getByText('The database answers within a second').waitFor();
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation
      .locator('.live-responses-table')
      .getByText('"not_ready"')
      .or(operation.getByText('"ready"'))
      .first()
      .waitFor();

    await screenshot(page, 'docs');
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
  });

  test('Redoc shows every operation and asks nobody else', async () => {
    const { page, complaints, foreign } = await visit('/redoc');

    await page.getByRole('heading', { name: 'Should this node be sent work?' }).waitFor();

    await screenshot(page, 'redoc');
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
  });

  test('the page of the sockets shows every dialect with its frames and their examples, and asks nobody else', async () => {
    const { page, complaints, foreign } = await visit('/asyncapi');

    for (const { address, description, clientFrames, serverFrames, title } of socketDescriptions) {
      await page.getByText(address, { exact: true }).first().waitFor();
      await page.getByText(toSeen(description)).first().waitFor();
      for (const [side, frames] of [
        ['client', clientFrames],
        ['server', serverFrames],
      ] as const)
        if (Object.keys(frames).length > 0)
          await page.getByText(`${title}: what a ${side} says`, { exact: true }).first().waitFor();
      for (const { summary } of Object.values({ ...clientFrames, ...serverFrames }))
        await page.getByText(toSeen(summary)).first().waitFor();
    }

    await screenshot(page, 'asyncapi');
    expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
  });
});

/** The first words of a text in Markdown as a page shows them. */
const toSeen = (text: string): string => text.split(/[`’]/)[0]!.trim();

/** With SCREENSHOTS=<folder> the pages can be looked at. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
