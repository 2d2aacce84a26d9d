import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from 'vitest';
import { createActors } from '../support/cast.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

test('looks', async () => {
  const [alice, bob, carol] = await createActors(web.server, 'Alice-Liddell', 'Boris', 'Carol');
  for (const other of [bob, carol]) {
    const r = await fetch(`${web.server.url}/api/v1/users/${other.id}/block`, { method: 'PUT', headers: alice.authorization });
    expect(r.status).toBe(204);
  }
  for (const [locale, scheme, viewport] of [
    ['en-GB', 'light', undefined],
    ['ru-RU', 'dark', phone],
  ] as const) {
    const { page, context } = await web.visit('/settings', { as: alice, locale, colorScheme: scheme, ...(viewport && { viewport }) });
    for (const path of ['', '/profile', '/look', '/privacy', '/password', '/sessions', '/account']) {
      await page.goto('/settings' + path);
      await page.locator('.settings .page-head h1').locator('visible=true').first().waitFor();
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: `/tmp/shots/settings-${path.slice(1)}-${locale}-${scheme}.png` });
      expect.soft((await new AxeBuilder({ page }).analyze()).violations.map(v => [v.id, v.nodes.map(n=>n.html+n.failureSummary)])).toEqual([]);
    }
    await context.close();
  }
});
