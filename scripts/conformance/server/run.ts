import { checkRule, chooseRules, demand, type Outcome } from '../rule.ts';
import { Tape } from '../tape.ts';
import { readPeople, registerPeople } from './people.ts';
import { changeRules } from './rules-changes.ts';
import { frameRules } from './rules-frames.ts';
import { limitRules } from './rules-limits.ts';
import { liveRules } from './rules-live.ts';
import { loginRules } from './rules-login.ts';
import { ownRules } from './rules-own.ts';
import { resumeRules } from './rules-resume.ts';
import { sendRules } from './rules-send.ts';
import { syncRules } from './rules-sync.ts';
import { Stage, type Place, type ServerRule } from './stage.ts';

/** Looks back on all frames of the run, so it stands last. */
const shapes: ServerRule = {
  id: 'frames.shapes',
  says: 'Every frame of the server has the shape that the protocol gives it, and every error the retry of its code.',
  check: ({ place: { complaints } }) => {
    demand(complaints.length === 0, `${complaints.length} have not; the first:\n${complaints.slice(0, 3).join('\n')}`);
    return Promise.resolve();
  },
};

export const serverRules: readonly ServerRule[] = [
  ...loginRules,
  ...frameRules,
  ...limitRules,
  ...sendRules,
  ...changeRules,
  ...syncRules,
  ...resumeRules,
  ...ownRules,
  ...liveRules,
  shapes,
];

export interface ServerRun {
  /** `ws://…`; without a path `/ws` is meant. */
  url: string;
  /** `identifier:password` of three people; without them they are registered over HTTP. */
  people?: readonly string[] | undefined;
  /** Only these rules or subjects. */
  rules?: readonly string[] | undefined;
  /** How long an answer may take. */
  patienceMs?: number;
  tape?: Tape;
  say?: (outcome: Outcome) => void;
}

function toAddress(given: string): string {
  const url = new URL(given);
  if (!/^wss?:$/.test(url.protocol))
    throw new Error(`the address of a server begins with ws:// or wss://, not ${given}`);
  if (url.pathname === '/') url.pathname = '/ws';
  return url.href;
}

/** Plays client against a server and says of each rule whether it holds. */
export async function runAgainstServer(options: ServerRun): Promise<Outcome[]> {
  const { patienceMs = 5_000, tape = new Tape(), say = () => undefined } = options;
  const url = toAddress(options.url);
  const rules = chooseRules(serverRules, options.rules);
  const httpUrl = options.people ? undefined : new URL(url.replace(/^ws/, 'http')).origin;
  const people = options.people ? readPeople(options.people) : await registerPeople(httpUrl!);
  const place: Place = { url, httpUrl, people, tape, patienceMs, complaints: [] };
  const outcomes: Outcome[] = [];
  for (const rule of rules) {
    const outcome = await checkRule(rule, tape, async (check) => {
      await using stage = new Stage(place);
      await check(stage);
    });
    outcomes.push(outcome);
    say(outcome);
  }
  return outcomes;
}
