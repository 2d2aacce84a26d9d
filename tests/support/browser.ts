import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/**
 * What Playwright 1.65 switches off, which it says in a switch that ours replaces, and the two pages behind the address bar:
 * nobody types there, and they cost twice as much as all else that belongs to an empty window.
 */
const disabledFeatures = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
];

/** It speaks to nobody by itself. */
const args = [
  `--disable-features=${disabledFeatures.join(',')}`,
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Whoever has no browser can run the other tests; where `CI` is set it has to be there. */
const isLeftOut = !existsSync(executablePath) && !process.env['CI'];

/**
 * Gives the tests of a file or a suite a browser, the one that is installed, and closes it after them. Where there is none
 * they are left out and say why.
 */
export function useBrowser(take: (browser: Browser) => void | Promise<void>): void {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (isLeftOut) {
      console.warn(`Left out: there is no browser at ${executablePath}; CHROMIUM_PATH says where one is.`);
      return;
    }
    browser = await chromium.launch({ executablePath, args });
    await take(browser);
  });
  beforeEach(({ skip }) => skip(isLeftOut));
  afterAll(() => browser?.close());
}
