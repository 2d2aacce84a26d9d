import type { Message } from '../../client/index.ts';

/** The reactions to a message as buttons: pressing one adds or takes back one's own. */
export const Reactions = ({ message: _message }: { message: Message }) => null;
