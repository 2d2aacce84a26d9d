import { subprotocol } from './version.ts';
import { fullClientDescriptions } from './full-socket-client.ts';
import { fullServerDescriptions } from './full-socket-server.ts';
import type { SocketDescription } from './socket.ts';

/** The full protocol as the documents show it. */
export const fullSocket: SocketDescription = {
  name: 'full',
  title: 'Full',
  description:
    'The protocol for clients that miss nothing: every frame is one JSON object with a `type`. A client’s frame may carry `ref`, and its one answer repeats it; what nobody asked for has none. ' +
    'Answers come in the order of the frames they answer. Changes of a chat carry its `version`, without holes. Unknown fields are to be ignored by both sides; an unknown type is an `error` to the server and to be passed over by a client.',
  address: '/ws',
  subprotocol,
  clientFrames: fullClientDescriptions,
  serverFrames: fullServerDescriptions,
};
