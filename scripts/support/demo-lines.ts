import { randomUUID } from 'node:crypto';
import type { DatasetRecord } from './dataset.ts';

export interface Demo {
  host: string;
  port: number;
  /** The people of fake_data.json. */
  users: DatasetRecord<'users'>[];
}

/** A personal chat of the first two people, and the message in a group that only the last has not read. */
const personalChat = '27784f95-d0e0-478d-b224-f718fe2da52c';
const unreadMessage = 'b0b47faf-fafc-4447-b983-a3cc88a4eb5f';

/** What a newcomer pastes into terminals to see the demo at work. */
export function toDemoLines({ host, port, users }: Demo): string[] {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const [james, vincent, jason, samantha] = users;
  const timestamp = new Date().toISOString().replace('T', ' ').replace(/\..*/, '+00:00');
  const message = { client_id: randomUUID(), sender_id: james?.id, chat_id: personalChat, timestamp, text: 'Hello!' };
  const frame = (value: unknown): string => `  ${JSON.stringify(value)}`;
  return [
    '',
    `Once the server listens, open http://${name}:${port} in a browser and log in as one of these people,`,
    'or open a terminal for each and paste',
    `  npx wscat -c ws://${name}:${port}/ws`,
    'and into it the line of that person:',
    ...users.map((user) => `${frame({ email: user.email, password: user.password })}   ${user.name}`),
    `Then ${james?.name} writes to ${vincent?.name}:`,
    frame(message),
    `${samantha?.name} reads the last message of a group, and ${vincent?.name} is told that all have seen it:`,
    frame({ message_id: unreadMessage }),
    `${jason?.name} makes a group:`,
    frame({ name: 'Car.', users: [james, vincent, jason].map((user) => user?.id) }),
    'The history of a chat:',
    `  curl 'http://${name}:${port}/history/${personalChat}?limit=10&offset=0'`,
    '',
  ];
}
