/** What was begun to be written, on all devices of a person. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { go } from './support/go.ts';
import { Web } from './support/web.ts';

const web = Web.use();

const field = (page: Page) => page.getByRole('textbox', { name: /^(Message|Сообщение)$/ });

const said = (page: Page) => page.locator('.message-text');

async function openGroup(...names: readonly string[]) {
  const actors = await createActors(web.server, ...names);
  const { chatId } = await createGroup(web.server, [...actors]);
  return { actors, chatId, path: `/c/${chatId}` };
}

test('a draft is on all devices of a person and gone when it was sent', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const a = await web.visit(path, { as: actors[0]! });
  const other = await web.visit(path, { as: actors[0]! });
  await field(other.page).waitFor();
  await field(a.page).pressSequentially('half a thought');
  await expect.poll(() => field(other.page).inputValue()).toBe('half a thought');
  await field(other.page).press('End');
  await other.page.keyboard.type(', finished');
  await expect.poll(() => field(a.page).inputValue()).toBe('half a thought, finished');
  // It is there when one comes back.
  await a.page.goto('/');
  await a.page.goto(path);
  await expect.poll(() => field(a.page).inputValue()).toBe('half a thought, finished');
  await field(a.page).press('Enter');
  await expect.poll(() => field(other.page).inputValue()).toBe('');
  await expect.poll(() => said(other.page).allInnerTexts()).toEqual(['half a thought, finished']);
  await other.page.reload();
  await said(other.page).first().waitFor();
  expect(await field(other.page).inputValue()).toBe('');
});

test('what was not saved yet is saved when one leaves the chat', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit('/settings', { as: actors[0]! });
  await go(page, path);
  await field(page).fill('in a hurry');
  await expect.poll(() => page.getByRole('button', { name: 'Send' }).isEnabled()).toBe(true);
  await page.goBack();
  await field(page).waitFor({ state: 'detached' });
  await page.goForward();
  await expect.poll(() => field(page).inputValue()).toBe('in a hurry');
});

interface Told {
  type: string;
  ref?: number;
  own?: { draft: { text: string } | null };
}

test('a draft stays, and stays away, when the server tells of it later than it answers', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit('/settings', { as: actors[0]! });
  const held: { text: string | undefined; pass: () => void }[] = [];
  let isHeld = false;
  let asked = 0;
  let answered = 0;
  const refs = new Set<unknown>();
  await page.routeWebSocket(/\/ws$/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((data) => {
      const { type, ref } = JSON.parse(String(data)) as { type: string; ref?: number };
      if (type === 'set_draft') {
        asked++;
        refs.add(ref);
      }
      server.send(data);
    });
    server.onMessage((data) => {
      const { type, ref, own } = JSON.parse(String(data)) as Told;
      const pass = (): void => socket.send(data);
      if (type === 'own' && isHeld) {
        held.push({ text: own?.draft?.text, pass });
        return;
      }
      pass();
      if (refs.delete(ref)) answered++;
    });
  });
  await page.reload();
  const leaveAndReturn = async (): Promise<void> => {
    await page.goBack();
    await field(page).waitFor({ state: 'detached' });
    await expect.poll(() => Promise.resolve(asked > 0 && answered === asked && held.length > 0)).toBe(true);
    await page.goForward();
    await field(page).waitFor();
  };
  const tell = (): void => {
    isHeld = false;
    for (const { pass } of held.splice(0)) pass();
  };
  await page.getByRole('button', { name: 'Save' }).first().waitFor();
  await go(page, path);
  isHeld = true;
  await field(page).fill('in a hurry');
  await expect.poll(() => page.getByRole('button', { name: 'Send' }).isEnabled()).toBe(true);
  await leaveAndReturn();
  await expect.poll(() => field(page).inputValue()).toBe('in a hurry');
  tell();

  isHeld = true;
  await field(page).press('Enter');
  await expect.poll(() => said(page).allInnerTexts()).toEqual(['in a hurry']);
  await leaveAndReturn();
  await said(page).first().waitFor();
  expect(await field(page).inputValue()).toBe('');
  tell();

  // Two were saved, and the server has told of the first.
  isHeld = true;
  await field(page).fill('in a');
  const heldTexts = (): Promise<unknown[]> => Promise.resolve(held.map(({ text }) => text));
  await expect.poll(heldTexts).toContain('in a');
  await field(page).fill('in a word');
  await page.goBack();
  await field(page).waitFor({ state: 'detached' });
  await expect.poll(heldTexts).toContain('in a word');
  await expect.poll(() => Promise.resolve(asked - answered)).toBe(0);
  const second = held.findIndex(({ text }) => text === 'in a word');
  for (const { pass } of held.splice(0, second)) pass();
  await page.getByRole('navigation', { name: 'Chats' }).getByText(/in a$/).waitFor();
  await page.goForward();
  await expect.poll(() => field(page).inputValue()).toBe('in a word');
  tell();
});
