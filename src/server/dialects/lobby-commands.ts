import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { countCodePoints } from '../../protocol/text.ts';
import type { Command, ParsedFrame } from '../realtime/dialect.ts';
import { words } from './lobby-words.ts';
import { findLineMistake } from './text-line.ts';

const mistake = (message: string): ParsedFrame => ({
  error: new ProtocolError('invalid_request', { message }),
  reference: {},
});

/** What `/pm` is followed by: whom, and what. `/pmx` is no private message. */
const privateForm = /^\/pm(?:\s+(\S+))?(?:\s+([^]*))?$/;

/** What a line asks for: `/pm user text`, or a text for everybody. */
export function parseLine(line: string): ParsedFrame {
  if (line.trim() === '') return mistake(words.empty);
  if (findLineMistake(line)) return mistake(words.unreadable);
  const [whole, user, text = ''] = privateForm.exec(line) ?? [];
  if (whole !== undefined) {
    if (user === undefined || text.trim() === '') return mistake(words.usage);
    const to = user.includes('@') ? { email: user } : { username: user };
    return { command: { kind: 'send_to', to, text }, reference: { user } };
  }
  if (countCodePoints(line) > limits.lobby.maxCodePoints) return mistake(words.tooLongForLobby);
  const command: Command = { kind: 'say_in_lobby', text: line };
  return { command, reference: {} };
}
