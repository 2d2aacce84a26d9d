import { test } from 'vitest';
import { createActors, createGroup } from '../support/cast.ts';
import { Web } from './support/web.ts';

const web = Web.use();

test('two people write to each other', async () => {
  const [alice, bob] = await createActors(web.server, 'Alice', 'Bob');
  const { chatId } = await createGroup(web.server, [alice, bob]);
  const a = await web.visit(`/c/${chatId}`, { as: alice });
  const b = await web.visit(`/c/${chatId}`, { as: bob });
  await a.page.getByLabel('Message').fill('Hello Bob');
  await a.page.keyboard.press('Enter');
  await b.page.getByText('Hello Bob').last().waitFor();
});
