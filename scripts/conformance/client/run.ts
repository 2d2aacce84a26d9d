import { checkRule, chooseRules, type Outcome, type Rule } from '../rule.ts';
import { Tape } from '../tape.ts';
import { Play } from './play.ts';
import { listScripts, type Script } from './script.ts';
import { playSteps } from './steps.ts';
import type { Subject } from './subject.ts';

const toRule = ({ id, says }: Script): Rule<Play> => ({ id, says, check: playSteps });

export const listClientRules = (): { id: string; says: string }[] => listScripts();

export interface ClientRun {
  subject: Subject;
  rules?: readonly string[] | undefined;
  /** How long the client may take for what it has to do. */
  patienceMs?: number;
  /** Where to listen; by default anywhere. */
  port?: number | undefined;
  tape?: Tape;
  say?: (outcome: Outcome) => void;
}

/** Plays server to a client and says of each rule whether it keeps it. */
export async function runAgainstClient(options: ClientRun): Promise<Outcome[]> {
  const { subject, patienceMs = 5_000, tape = new Tape(), say = () => undefined, port } = options;
  const outcomes: Outcome[] = [];
  for (const script of chooseRules(listScripts(), options.rules)) {
    const outcome = await checkRule(toRule(script), tape, async (check) => {
      await using play = await Play.start({ script, subject, tape, patienceMs, port });
      await check(play);
    });
    outcomes.push(outcome);
    say(outcome);
  }
  return outcomes;
}
