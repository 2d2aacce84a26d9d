import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { FullSpeaker } from '../../support/full-speaker.ts';

/** Says something from a device of somebody; answers its seq. */
export async function say(device: FullSpeaker, chatId: string, text: string, more: object = {}): Promise<number> {
  const answer = await device.askRaw({ type: 'send', chat_id: chatId, client_id: randomUUID(), text, ...more });
  expect(answer['type'], JSON.stringify(answer)).toBe('ack');
  return answer['seq'] as number;
}

/** The direct chat of a device's person with somebody. */
export async function openDirect(device: FullSpeaker, { id }: { id: string }): Promise<string> {
  return (await device.askRaw({ type: 'open_direct', user_id: id }))['chat_id'] as string;
}
