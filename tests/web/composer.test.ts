import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { makeCuttable } from './support/cut.ts';
import { phone, Web } from './support/web.ts';

const web = Web.use();

const field = (page: Page) => page.getByRole('textbox', { name: /^(Message|Сообщение)$/ });

const said = (page: Page) => page.locator('.message-text');

/** Waits until the sender’s page knows that its message is stored, which others may see before it. */
const untilStored = (page: Page, text: string): Promise<void> =>
  page.locator('[data-seq]').filter({ hasText: text }).waitFor();

/** The texts of a chat as the server keeps them, the oldest first. */
async function listTexts(actor: Actor, chatId: string): Promise<string[]> {
  const answer = await fetch(`${web.server.url}/history/${chatId}`, { headers: actor.authorization });
  return ((await answer.json()) as { text: string }[]).map(({ text }) => text);
}

async function openGroup(...names: readonly string[]) {
  const actors = await createActors(web.server, ...names);
  const { chatId } = await createGroup(web.server, [...actors]);
  return { actors, chatId, path: `/c/${chatId}` };
}

test('Enter sends at once, Shift and Enter begin a line', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const a = await web.visit(path, { as: actors[0]! });
  const b = await web.visit(path, { as: actors[1]! });
  await field(a.page).pressSequentially('one');
  await a.page.keyboard.press('Shift+Enter');
  await a.page.keyboard.type('two');
  await a.page.keyboard.press('Enter');
  await expect.poll(() => said(a.page).allInnerTexts()).toEqual(['one\ntwo']);
  expect(await field(a.page).inputValue()).toBe('');
  await expect.poll(() => said(b.page).allInnerTexts()).toEqual(['one\ntwo']);
  await a.page.keyboard.press('Enter');
  await a.page.keyboard.type('   ');
  await a.page.keyboard.press('Enter');
  await a.page.keyboard.type('three');
  await a.page.keyboard.press('Enter');
  await expect.poll(() => said(b.page).allInnerTexts()).toEqual(['one\ntwo', 'three']);
});

test('on glass Enter begins a line, the button sends, and nothing brings the keyboard by itself', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const context = await web.browser.newContext({
    baseURL: web.server.url,
    viewport: phone,
    hasTouch: true,
    isMobile: true,
    locale: 'ru-RU',
  });
  await web.logIn(context, actors[0]!);
  const page = await context.newPage();
  web.watch(page);
  await page.goto(path);
  await field(page).tap();
  await page.keyboard.type('раз');
  await page.keyboard.press('Enter');
  await page.keyboard.type('два');
  expect(await field(page).inputValue()).toBe('раз\nдва');
  await page.getByRole('button', { name: 'Отправить' }).tap();
  await expect.poll(() => said(page).allInnerTexts()).toEqual(['раз\nдва']);

  // What opens there has the focus, but no field of it brings the keyboard.
  const isInside = (): Promise<boolean> =>
    page.getByRole('dialog').evaluate((box) => box.contains(document.activeElement));
  const isTyping = (): Promise<boolean> => page.evaluate(() => document.activeElement instanceof HTMLInputElement);
  await page.getByRole('button', { name: 'Эмодзи' }).tap();
  await page.getByRole('searchbox', { name: 'Поиск эмодзи' }).waitFor();
  expect([await isInside(), await isTyping()]).toEqual([true, false]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Меню чата' }).tap();
  await page.getByRole('menuitem', { name: 'Перейти к дате…' }).tap();
  await page.getByRole('heading', { name: 'Перейти к дате' }).waitFor();
  expect([await isInside(), await isTyping()]).toEqual([true, false]);
  await page.goto('/new');
  await page.getByRole('searchbox', { name: 'Имя, @имя' }).waitFor();
  expect(await isTyping()).toBe(false);
});

test('what is written offline is sent in order and once', async () => {
  const { actors, path, chatId } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]! });
  const cut = await makeCuttable(page);
  await field(page).fill('0');
  await page.keyboard.press('Enter');
  await expect.poll(() => said(page).allInnerTexts()).toEqual(['0']);
  await expect.poll(() => listTexts(actors[0]!, chatId)).toEqual(['0']);
  cut.set(true);
  const texts = ['1', '2', '3', '4', '5'];
  for (const text of texts) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
  }
  await expect.poll(() => said(page).allInnerTexts()).toEqual(['0', ...texts]);
  expect(await listTexts(actors[0]!, chatId)).toEqual(['0']);
  cut.set(false);
  await expect.poll(() => listTexts(actors[0]!, chatId)).toEqual(['0', ...texts]);
  expect(await said(page).allInnerTexts()).toEqual(['0', ...texts]);
});

test('what is too long is told and not lost', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]! });
  await field(page).fill('я'.repeat(7_990));
  await page.getByText('10 characters left').waitFor();
  await field(page).fill('😀'.repeat(8_001));
  await page.getByText('Too long by 1 character').waitFor();
  await page.keyboard.press('Enter');
  expect(await field(page).inputValue()).toBe('😀'.repeat(8_001));
  expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
  await field(page).fill('😀'.repeat(8_000));
  await page.keyboard.press('Enter');
  await said(page).first().waitFor();
});

test('the arrow up corrects the last message; Escape and the same text leave it', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const a = await web.visit(path, { as: actors[0]! });
  const b = await web.visit(path, { as: actors[1]! });
  for (const text of ['first', 'secnd']) {
    await field(a.page).fill(text);
    await a.page.keyboard.press('Enter');
  }
  await expect.poll(() => said(b.page).allInnerTexts()).toEqual(['first', 'secnd']);
  await untilStored(a.page, 'secnd');
  await a.page.keyboard.press('ArrowUp');
  await a.page.getByText('Edit message').waitFor();
  await expect.poll(() => field(a.page).inputValue()).toBe('secnd');
  await a.page.keyboard.press('Escape');
  await expect.poll(() => field(a.page).inputValue()).toBe('');
  await a.page.keyboard.press('ArrowUp');
  await expect.poll(() => field(a.page).inputValue()).toBe('secnd');
  // Keys may come one right after the other: each finds the field as the one before has left it.
  expect(
    await field(a.page).evaluate(async (area: HTMLTextAreaElement) => {
      const values: string[] = [];
      for (const key of ['Enter', 'ArrowUp', 'Escape', 'ArrowUp']) {
        area.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        await new Promise((resolve) => setTimeout(resolve));
        values.push(area.value);
      }
      return values;
    }),
  ).toEqual(['', 'secnd', '', 'secnd']);
  await field(a.page).fill('second');
  await a.page.keyboard.press('Enter');
  await expect.poll(() => said(b.page).allInnerTexts()).toEqual(['first', 'second']);
  expect(await field(a.page).inputValue()).toBe('');
});

test('an answer with its mention outlives the correction of another message', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]! });
  for (const text of ['Shall we?', 'At fife']) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
    await untilStored(page, text);
  }
  await page.getByRole('article', { name: /Shall we/ }).focus();
  await page.keyboard.press('r');
  await page.getByText('Reply to').waitFor();
  await field(page).pressSequentially('Yes @b');
  await page.getByRole('option', { name: 'Bob' }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByText('At fife', { exact: true }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Edit', exact: true }).click();
  await expect.poll(() => field(page).inputValue()).toBe('At fife');
  await field(page).fill('At five');
  await page.keyboard.press('Enter');
  await said(page).getByText('At five').waitFor();
  await page.getByText('Reply to').waitFor();
  expect(await field(page).inputValue()).toBe('Yes @Bob ');
  await page.keyboard.press('Enter');
  const answer = page.getByRole('article', { name: /Yes @Bob/ });
  await answer.getByRole('link', { name: '@Bob', exact: true }).waitFor();
  await answer.getByText('Shall we?').waitFor();
});

test('members are completed, and the mention counts for who is meant', async () => {
  const { actors, path, chatId } = await openGroup('Alice', 'Bob-Smith', 'Bella');
  const a = await web.visit(path, { as: actors[0]! });
  const b = await web.visit('/', { as: actors[1]! });
  await field(a.page).pressSequentially('😀 @b');
  const options = a.page.getByRole('option');
  await expect.poll(() => options.allInnerTexts()).toEqual(['B\nBella', 'B\nBob-Smith']);
  await a.page.keyboard.press('ArrowDown');
  const active = await field(a.page).getAttribute('aria-activedescendant');
  expect(await a.page.locator(`[id="${active}"]`).innerText()).toContain('Bob-Smith');
  await a.page.keyboard.press('Tab');
  await expect.poll(() => field(a.page).inputValue()).toBe('😀 @Bob-Smith ');
  await a.page.keyboard.type('look');
  await a.page.keyboard.press('Home');
  await a.page.keyboard.type('So 👍 ');
  await a.page.keyboard.press('Enter');
  const link = a.page.getByRole('link', { name: '@Bob-Smith', exact: true });
  await link.waitFor();
  expect(await link.getAttribute('href')).toBe(`/u/${actors[1]!.id}`);
  const chatOf = async (actor: Actor): Promise<{ unread_mentions: number }> => {
    const answer = await fetch(`${web.server.url}/api/v1/chats/${chatId}`, { headers: actor.authorization });
    return (await answer.json()) as { unread_mentions: number };
  };
  await expect.poll(async () => (await chatOf(actors[1]!)).unread_mentions).toBe(1);
  expect((await chatOf(actors[2]!)).unread_mentions).toBe(0);
  await b.page.goto(path);
  await b.page.getByRole('link', { name: '@Bob-Smith', exact: true }).waitFor();
  // A correction keeps whom it is about.
  await untilStored(a.page, 'So 👍 😀 @Bob-Smith look');
  await a.page.keyboard.press('ArrowUp');
  await expect.poll(() => field(a.page).inputValue()).toBe('So 👍 😀 @Bob-Smith look');
  await a.page.keyboard.press('Home');
  await a.page.keyboard.type('And ');
  await a.page.keyboard.press('Enter');
  await said(b.page).getByText('And So').waitFor();
  await b.page.getByRole('link', { name: '@Bob-Smith', exact: true }).waitFor();
});

test('Escape closes the list of members and leaves the text', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]! });
  await field(page).pressSequentially('@');
  await page.getByRole('option').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('option').waitFor({ state: 'detached' });
  expect(await field(page).inputValue()).toBe('@');
});

test('files are refused, text is pasted', async () => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]! });
  await field(page).focus();
  const give = (kind: 'drop' | 'paste'): Promise<boolean> =>
    field(page).evaluate((area, type) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'x.txt', { type: 'text/plain' }));
      const options = { bubbles: true, cancelable: true };
      const event =
        type === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: data })
          : new DragEvent('drop', { ...options, dataTransfer: data });
      return !area.dispatchEvent(event);
    }, kind);
  expect(await give('drop')).toBe(true);
  await expect.poll(() => page.getByText("Files can't be sent yet").count()).toBe(1);
  expect(await give('paste')).toBe(true);
  await expect.poll(() => page.getByText("Files can't be sent yet").count()).toBe(2);
  expect(new URL(page.url()).pathname).toBe(path);
});

const placeOfFocus = (page: Page) =>
  page.evaluate(() => {
    const { x, y } = document.activeElement!.getBoundingClientRect();
    return { x, y };
  });

test.each([
  { locale: 'en-GB', button: 'Emoji', query: 'rocket', name: 'rocket' },
  { locale: 'ru-RU', button: 'Эмодзи', query: 'ракет', name: 'ракета' },
])('emoji are found by keyboard: $locale', async ({ locale, button, query, name }) => {
  const { actors, path } = await openGroup('Alice', 'Bob');
  const { page } = await web.visit(path, { as: actors[0]!, locale, colorScheme: 'dark' });
  await field(page).fill('to the moon');
  await page.keyboard.press('Home');
  await page.getByRole('button', { name: button, exact: true }).press('Enter');
  await page.locator('input:focus').waitFor();
  await page.getByRole('group').getByRole('button').nth(40).waitFor();
  await page.keyboard.press('ArrowDown');
  const first = await placeOfFocus(page);
  await page.keyboard.press('ArrowDown');
  const below = await placeOfFocus(page);
  expect([below.x, below.y > first.y]).toEqual([first.x, true]);
  for (let row = 0; row < 2; row++) await page.keyboard.press('ArrowUp');
  await page.locator('input:focus').waitFor();
  await page.keyboard.type(query);
  await page.getByRole('button', { name, exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => field(page).inputValue()).toBe('🚀to the moon');
  await page.keyboard.press('Escape');
  await page.locator('textarea:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('🚀to the moon').first().waitFor();
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('button', { name, exact: true }).waitFor();
});
