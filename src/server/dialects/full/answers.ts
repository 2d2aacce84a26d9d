import type { FullAnswerType, FullServerFrame } from '../../../protocol/full.ts';
import type { Reference } from '../../realtime/dialect.ts';

/** What an answer says, and the name of it; JSON text that the database made is passed on as it is. */
export interface Answer {
  type: FullAnswerType;
  /** A JSON object. */
  fields: string;
}

export const toAnswer = <T extends FullAnswerType>(
  type: T,
  fields: Omit<FullServerFrame<T>, 'type' | 'ref'>,
): Answer => ({ type, fields: JSON.stringify(fields) });

/** Of keys with their values as JSON text. */
export const toAnswerOf = (type: FullAnswerType, values: Record<string, string>): Answer => ({
  type,
  fields: `{${Object.entries(values)
    .map(([key, json]) => `"${key}":${json}`)
    .join(',')}}`,
});

/** The text of an answer to the frame with that reference. */
export function toAnswerText({ type, fields }: Answer, { ref }: Reference): string {
  const rest = fields === '{}' ? '}' : `,${fields.slice(1)}`;
  return ref === undefined ? `{"type":"${type}"${rest}` : `{"type":"${type}","ref":${JSON.stringify(ref)}${rest}`;
}
