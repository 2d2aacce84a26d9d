import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { createActor, type Actor } from '../support/cast.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const button = (page: Page | Locator, name: string): Locator => page.getByRole('button', { name, exact: true });

async function profileOf({ authorization }: Actor): Promise<{ avatar_url: string | null }> {
  const response = await fetch(`${web.server.url}/api/v1/users/me`, { headers: authorization });
  return (await response.json()) as { avatar_url: string | null };
}

/** Left half red, right half blue. */
async function paint(): Promise<Buffer> {
  const red = sharp({ create: { width: 800, height: 400, channels: 3, background: '#ff0000' } });
  const blue = await sharp({ create: { width: 400, height: 400, channels: 3, background: '#0000ff' } })
    .png()
    .toBuffer();
  return red
    .composite([{ input: blue, left: 400, top: 0 }])
    .png()
    .toBuffer();
}

/** How much blue the stored picture of somebody has, from 0 to 1. */
async function blueOf(actor: Actor): Promise<number> {
  const { avatar_url: url } = await profileOf(actor);
  const picture = sharp(Buffer.from(await (await fetch(`${web.server.url}${url}`)).arrayBuffer()));
  const { width, height } = await picture.metadata();
  expect([width, height]).toEqual([256, 256]);
  return (await picture.stats()).channels[2]!.mean / 255;
}

test('a picture is chosen or dropped, cropped by keyboard and pointer, and removed', async () => {
  const alice = await createActor(web.server, 'Alice');
  const { page, context } = await web.visit('/settings/profile', { as: alice });
  const buffer = await paint();
  const input = page.locator('input[type=file]');
  await input.setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText("This browser can't open the file").waitFor();
  await button(page, 'Cancel').click();

  await input.setInputFiles({ name: 'halves.png', mimeType: 'image/png', buffer });
  const part = page.getByRole('application');
  await part.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowLeft');
  await button(page.getByRole('dialog'), 'Save').click();
  await page.locator('.picture-editor img').waitFor();
  expect(await blueOf(alice)).toBeGreaterThan(0.95);

  const transfer = await page.evaluateHandle(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'halves.png', { type: 'image/png' }));
      return data;
    },
    [...buffer],
  );
  await page.dispatchEvent('.picture-editor', 'drop', { dataTransfer: transfer });
  const box = (await part.boundingBox())!;
  await page.mouse.move(box.x + 20, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 20, box.y + 30, { steps: 4 });
  await page.mouse.up();
  const before = await page.locator('.picture-editor img').getAttribute('src');
  await page.getByRole('slider', { name: 'Zoom' }).press('ArrowRight');
  await button(page.getByRole('dialog'), 'Save').click();
  await expect.poll(() => page.locator('.picture-editor img').getAttribute('src')).not.toBe(before);
  expect(await blueOf(alice)).toBeLessThan(0.05);

  await button(page, 'Remove').click();
  await button(page, 'Choose picture').waitFor();
  expect((await profileOf(alice)).avatar_url).toBeNull();
  await context.close();
});
