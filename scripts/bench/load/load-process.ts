import { answerQuestions, type Questions } from '../support/child.ts';
import { IdleCrowd } from './idle.ts';
import { PacedLoad, type PacedInput } from './paced.ts';
import { makeRequests, type RequestsInput } from './requests.ts';
import { Sink, type SinkInput } from './sink.ts';
import { Talk, type TalkInput } from './talk.ts';

/*
 * The load generator: a process of its own, with sockets of node:net, so that it is cheaper than what it measures. It does
 * what it is asked and knows nothing of figures.
 */

const talks: Talk[] = [];
const sinks: Sink[] = [];
const paced = new PacedLoad();
const idle = new IdleCrowd();

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
  read: ({ sink, bytes }: { sink: number; bytes: number }) => sinks[sink]!.read(bytes),
  makeRequests: (input: RequestsInput) => makeRequests(input),
  openPaced: (input: { port: number; people: number }) => paced.open(input),
  runPaced: (input: PacedInput) => paced.run(input),
  openIdle: (input: { port: number; people: number }) => idle.open(input),
} satisfies Questions;

export type Load = typeof load;

answerQuestions(load);
