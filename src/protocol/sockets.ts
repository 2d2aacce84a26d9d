import { actionsSocket } from './actions.ts';
import { directSocket } from './direct.ts';
import { fullSocket } from './full-socket.ts';
import { lobbySocket } from './lobby.ts';
import { plainSocket, plainStringSocket } from './plain-socket.ts';
import { roomsChatSocket, roomsUserSocket } from './rooms.ts';
import type { SocketDescription } from './socket.ts';

/** Every way to speak on a socket, in the order in which the documents show them. */
export const socketDescriptions: readonly SocketDescription[] = [
  fullSocket,
  plainSocket,
  plainStringSocket,
  directSocket,
  lobbySocket,
  actionsSocket,
  roomsChatSocket,
  roomsUserSocket,
];
