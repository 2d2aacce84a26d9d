import type { Tape } from './tape.ts';

/** One thing that the protocol demands, and how to see whether it is so. */
export interface Rule<C> {
  /** `subject.what`, as `--rule` takes it. */
  id: string;
  /** The demand as a sentence. */
  says: string;
  /** Ends without a word when it is so; throws Skipped when it cannot be seen here, and any other error when it is not so. */
  check: (context: C) => Promise<void>;
}

export type Result = 'pass' | 'fail' | 'skipped';

export interface Outcome {
  id: string;
  says: string;
  result: Result;
  /** Why it failed or was skipped. */
  reason?: string;
  /** What was said meanwhile, the newest last. */
  frames?: string[];
  ms: number;
}

/** A rule cannot be checked against this other side. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** The other side did not do what a rule demands. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Broken(otherwise);
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** JSON with its keys in order, so that equal values are equal texts. */
export const toCanonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  ) ?? 'undefined';

/** Demands that two values are equal, the order of keys aside. */
export const demandEqual = (came: unknown, wanted: unknown, what: string): void =>
  demand(toCanonical(came) === toCanonical(wanted), `${what}: ${show(wanted)} was expected, ${show(came)} came`);

const maxShownFrames = 30;

async function judge<C>(rule: Rule<C>, context: C): Promise<Pick<Outcome, 'result' | 'reason'>> {
  try {
    await rule.check(context);
    return { result: 'pass' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { result: error instanceof Skipped ? 'skipped' : 'fail', reason };
  }
}

/** Checks one rule; `around` makes what it needs and takes it away again, whatever came of it. */
export async function checkRule<C>(
  rule: Rule<C>,
  tape: Tape,
  around: (check: (context: C) => Promise<void>) => Promise<void>,
): Promise<Outcome> {
  const startedAt = performance.now();
  const mark = tape.length;
  const { id, says } = rule;
  const whole: Rule<undefined> = { id, says, check: () => around(rule.check) };
  const judged = await judge(whole, undefined);
  return {
    id,
    says,
    ...judged,
    ...(judged.result === 'fail' && { frames: tape.since(mark).slice(-maxShownFrames) }),
    ms: Math.round(performance.now() - startedAt),
  };
}

/** The rules that `--rule` asks for: those with this id or of this subject; an error when there are none. */
export function chooseRules<R extends { id: string }>(rules: readonly R[], wanted: readonly string[] | undefined): R[] {
  if (wanted === undefined) return [...rules];
  const unknown = wanted.filter((name) => !rules.some(({ id }) => id === name || id.startsWith(`${name}.`)));
  if (unknown.length > 0)
    throw new Error(`no rule is called ${unknown.join(', ')}; there are ${rules.map(({ id }) => id).join(', ')}`);
  return rules.filter(({ id }) => wanted.some((name) => id === name || id.startsWith(`${name}.`)));
}
