import { MessengerError, type Messenger } from '../../src/client/index.ts';
import { parseFrame } from '../../src/client/wire.ts';
import { fullServerFrames, type FullServerType } from '../../src/protocol/full.ts';

/**
 * Looks whether every frame that a messenger of the SDK takes is as the contract has it, and says so when it is not. What
 * the SDK itself refuses, and kinds that it does not know, are no matter of it.
 */
export const checkFrames = (messenger: Messenger, onBreach: (error: MessengerError) => void): (() => void) =>
  messenger.on('frame', ({ direction, text }) => {
    const frame = direction === 'in' ? perhapsParse(text) : undefined;
    if (frame === undefined || frame.type === 'unknown_change') return;
    const { error } = fullServerFrames[frame.type].safeParse(frame);
    if (!error) return;
    const message = `The frame ${frame.type} is not as the protocol has it: ${error.message}`;
    onBreach(new MessengerError('bad_answer', { message, retry: 'never' }));
  });

function perhapsParse(text: string): { type: FullServerType | 'unknown_change' } | undefined {
  try {
    return parseFrame(text);
  } catch {
    return undefined;
  }
}
