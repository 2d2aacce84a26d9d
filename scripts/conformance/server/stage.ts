import type { FullClientInput, FullServerFrame } from '../../../src/protocol/full.ts';
import { Skipped, type Rule } from '../rule.ts';
import type { Tape } from '../tape.ts';
import { Peer, toTyped, type PeerOptions } from './peer.ts';
import type { Name, People, Person } from './people.ts';

export type ServerRule = Rule<Stage>;

/** The server under test, and who may log in there. */
export interface Place {
  /** `ws://…/ws`. */
  url: string;
  /** `http://…`, where HTTP is to be had. */
  httpUrl: string | undefined;
  people: People;
  tape: Tape;
  patienceMs: number;
  /** What was wrong with frames, whatever they were said for. */
  complaints: string[];
}

/** A place for one rule: its sockets are closed and its groups deleted when the rule is done. */
export class Stage implements AsyncDisposable {
  readonly place: Place;
  readonly #peers: Peer[] = [];
  readonly #groups: string[] = [];

  constructor(place: Place) {
    this.place = place;
  }

  /** A socket on which nobody is logged in. */
  async open(name: string, options: Partial<PeerOptions> = {}): Promise<Peer> {
    const { url, tape, patienceMs, complaints } = this.place;
    const peer = await Peer.open({
      url,
      name: `${name}#${this.#peers.length + 1}`,
      tape,
      patienceMs,
      complain: (text) => complaints.push(text),
      ...options,
    });
    this.#peers.push(peer);
    return peer;
  }

  /** A socket of somebody who is logged in. */
  async enter(name: Name, options: Partial<PeerOptions> = {}): Promise<Peer> {
    const peer = await this.open(name, options);
    await this.logIn(peer, this.place.people[name]);
    return peer;
  }

  async logIn(peer: Peer, person: Person): Promise<FullServerFrame<'ready'>> {
    const login = person.token === undefined ? person.login : { type: 'login' as const, token: person.token };
    return (peer.ready = toTyped('ready', await peer.ask(login)));
  }

  /** A group that the owner of the first socket makes with the others; its id. */
  async group(owner: Peer, others: Peer[], more: Partial<FullClientInput<'create_group'>> = {}): Promise<string> {
    const user_ids = others.map(idOf);
    const { chat_id } = await owner.get('opened', { type: 'create_group', name: 'Conformance', user_ids, ...more });
    this.#groups.push(chat_id);
    return chat_id;
  }

  /** Three people on one socket each, in a group that alice made. */
  async trio(): Promise<{ alice: Peer; bob: Peer; carol: Peer; chat: string }> {
    const [alice, bob, carol] = await Promise.all([this.enter('alice'), this.enter('bob'), this.enter('carol')]);
    const chat = await this.group(alice, [bob, carol]);
    await Promise.all([bob, carol].map((peer) => peer.untilVersion(chat, 1)));
    return { alice, bob, carol, chat };
  }

  /** The address of HTTP and somebody who was registered here; skips the rule where there are none. */
  needHttp(): { httpUrl: string; people: People } {
    const { httpUrl, people } = this.place;
    if (httpUrl === undefined || people.alice.token === undefined)
      throw new Skipped('needs people who were registered over HTTP');
    return { httpUrl, people };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer[Symbol.asyncDispose]()));
    if (this.#groups.length === 0) return;
    // What a rule made is of no use to anybody; that it cannot be deleted is no finding of this rule.
    const { url, tape, patienceMs, people } = this.place;
    const cleaner = await Peer.open({ url, name: 'cleaner', tape, patienceMs, complain: () => undefined });
    await using _ = cleaner;
    await this.logIn(cleaner, people.alice).catch(() => undefined);
    for (const chat_id of this.#groups) await cleaner.ask({ type: 'delete_group', chat_id }).catch(() => undefined);
  }
}

/** Who is logged in on a socket. */
export const idOf = (peer: Peer): string => peer.ready!.user.id;
