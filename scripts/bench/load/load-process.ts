import { answerQuestions, type Questions } from '../support/child.ts';
import { CatchUp, type HistoryInput, type SyncInput } from './catch-up.ts';
import { IdleCrowd } from './idle.ts';
import { Live, type LiveInput } from './live.ts';
import { PacedLoad, type PacedInput } from './paced.ts';
import { makeRequests, type RequestsInput } from './requests.ts';
import { Sink, type SinkInput } from './sink.ts';
import { dropAll, storm, type StormInput } from './storm.ts';
import { Talk, type TalkInput } from './talk.ts';

/*
 * The load generator: a process of its own, with sockets of node:net, so that it is cheaper than what it measures. It does
 * what it is asked and knows nothing of figures.
 */

const talks: Talk[] = [];
const sinks: Sink[] = [];
const paced = new PacedLoad();
const idle = new IdleCrowd();
const catchUp = new CatchUp();
const lives: Live[] = [];

const load = {
  async openTalk(input: TalkInput): Promise<number> {
    const talk = new Talk(input);
    await talk.open();
    return talks.push(talk) - 1;
  },
  talk: ({ talk, ms }: { talk: number; ms: number }) => talks[talk]!.talk(ms),
  async openSink(input: SinkInput): Promise<number> {
    const sink = new Sink();
    await sink.open(input);
    return sinks.push(sink) - 1;
  },
  /** Resolves when they have connected; what they say is on its way. */
  openDeaf: (input: SinkInput) => new Sink().openDeaf(input),
  read: ({ sink, bytes }: { sink: number; bytes: number }) => sinks[sink]!.read(bytes),
  makeRequests: (input: RequestsInput) => makeRequests(input),
  openPaced: (input: { port: number; people: number }) => paced.open(input),
  runPaced: (input: PacedInput) => paced.run(input),
  openIdle: (input: { port: number; people: number }) => idle.open(input),
  openCatchUp: (input: { port: number; person: number }) => catchUp.open(input),
  sync: (input: SyncInput) => catchUp.sync(input),
  readHistory: (input: HistoryInput) => catchUp.readHistory(input),
  resume: (input: { token: string; ms: number }) => catchUp.resume(input),
  listAll: (input: { ms: number; limit: number }) => catchUp.listAll(input),
  storm: (input: StormInput) => storm(input),
  dropStorm: () => dropAll(),
  async openLive(input: LiveInput): Promise<number> {
    const live = new Live(input);
    await live.open();
    return lives.push(live) - 1;
  },
  talkLive: ({ live, ...input }: { live: number; ms: number; perSecond: number }) => lives[live]!.run(input),
  pauseSockets: ({ live, ...input }: { live: number; person: number; count: number }) => lives[live]!.pause(input),
  fillPaused: ({ live, ...input }: { live: number; chat: number; messages: number; text: string }) =>
    lives[live]!.fill(input),
  dropPaused: ({ live }: { live: number }) => lives[live]!.dropPaused(),
} satisfies Questions;

export type Load = typeof load;

answerQuestions(load);
