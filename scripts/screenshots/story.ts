/** What the people in the pictures say. The same story in both languages; nobody in it exists. */
import type { Motif } from './pictures.ts';

/** One line of a talk. */
export interface Line {
  who: string;
  text: string;
  /** Minutes since the line before; 1 by default. */
  after?: number;
  /** How many lines above stands the one that it answers. */
  replies?: number;
  /** Names that the text mentions as `@name`. */
  mentions?: string[];
  reactions?: Record<string, string[]>;
  pinned?: boolean;
  /** What it said at first. */
  before?: string;
}

export interface Group {
  name: string;
  description: string;
  picture?: Motif;
  /** The first one has made it, the second one is an admin. */
  members: string[];
}

export interface Talk {
  /** Absent: a direct chat with `with`. */
  group?: Group;
  with?: string;
  lines: Line[];
  /** Minutes between the last line and now. */
  ago: number;
  /** How many of the last lines the one in the pictures has not read. */
  unread?: number;
  pinned?: boolean;
  muted?: boolean;
  archived?: boolean;
  draft?: string;
  /** The other one wants no more messages. */
  blocked?: boolean;
}

export interface Person {
  name: string;
  username: string;
  about?: string;
  /** Absent: letters. */
  picture?: Motif;
  /** How many minutes ago they were there; absent: they are there. */
  seen?: number;
}

export interface Story {
  locale: 'en-GB' | 'ru-RU';
  /** The first is the one in whose browser the pictures are taken. */
  people: Person[];
  talks: Talk[];
  /** A group that the one in the pictures is only invited to. */
  invitation: Group;
  /** Whose messages the one in the pictures does not want. */
  blocks: string[];
  /** What is typed while the pictures are taken. */
  typed: { queued: string; refused: string; searched: string; group: string };
}
