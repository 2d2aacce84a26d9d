import { ProtocolError } from '../../protocol/errors.ts';
import { messageText } from '../../protocol/text.ts';

/** What is wrong with a line as the text of a message, or undefined. */
export function findLineMistake(line: string): ProtocolError | undefined {
  const { error } = messageText.safeParse(line);
  if (!error) return undefined;
  return new ProtocolError('invalid_request', { message: error.issues[0]!.message });
}
