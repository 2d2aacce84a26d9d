import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Message, Messenger, Person } from '../../../client/index.ts';
import { toErrorText } from '../../app/error-text.ts';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { toast } from '../../ui/toast.tsx';
import { targetOf, type Target } from '../target.ts';
import { toSendable } from './measure.ts';
import { toKnown, toMentions, toTokens, type Token } from './mentions.ts';
import { texts } from './texts.ts';
import { useDraft } from './use-draft.ts';

const usualMaxMentions = 50;

/** The newest own message that one may correct. */
function findLast({ store, user }: Messenger, chatId: string): Message | undefined {
  return store
    .get(`messages:${chatId}`)
    .rows.findLast((row) => row.sender_id === user?.id && row.deleted_at === undefined && !row.forwarded);
}

/** A correction as it is being written. */
interface Correction {
  of: Target;
  text: string;
}

/** What is being written in a chat: a message, an answer or a correction. */
export function useMessage(chatId: string) {
  const messenger = useMessenger();
  const chat = messenger.chat(chatId);
  const targetSignal = targetOf(chatId);
  const target = targetSignal.value;
  const edited = target?.kind === 'edit' ? target.message : undefined;
  const [draft, show] = useState('');
  const [correction, setCorrection] = useState<Correction>();
  // What the field shows follows its target at once: the next key may come before any effect has run.
  const text = !edited ? draft : correction && correction.of === target ? correction.text : edited.text;
  const draftTokens = useRef<Token[]>([]);
  const correctionTokens = useMemo(() => (edited ? toTokens(edited.text, edited.mentions) : []), [edited]);
  const tokens = edited ? correctionTokens : draftTokens.current;
  /** The message that is answered, while another one is corrected or as long as it is not held. */
  const [awaited, setAwaited] = useState<number>();
  const { rows } = useSlice(`messages:${chatId}`);
  const answered = target?.kind === 'reply' ? target.message.seq : awaited;

  const noteSent = useDraft(chatId, {
    value: edited ? undefined : draft === '' && answered === undefined ? null : { text: draft, replyTo: answered },
    onRestore: (value) => {
      show(value?.text ?? '');
      answer(value?.replyTo);
    },
  });

  const answer = (seq: number | undefined): void => {
    const message = seq === undefined ? undefined : messenger.store.findMessage(chatId, seq);
    targetSignal.value = message && { kind: 'reply', message };
    setAwaited(message ? undefined : seq);
  };

  const before = useRef<Target | undefined>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = target;
    if (target?.kind === 'edit' && last?.kind === 'reply') setAwaited(last.message.seq);
    if (target?.kind === 'reply') setAwaited(undefined);
  }, [target]);

  useEffect(() => {
    if (!target && awaited !== undefined && messenger.store.findMessage(chatId, awaited)) answer(awaited);
  }, [rows, awaited, target]);

  // What is written stays with the draft; a correction that was not saved is given up.
  useEffect(() => () => void (targetSignal.value = undefined), [targetSignal]);

  /** Gives up the correction, or else the answer. */
  const leaveTarget = (): void => {
    targetSignal.value = undefined;
    if (!edited) setAwaited(undefined);
  };

  const correct = async (message: Message, words: string, mentions: ReturnType<typeof toMentions>): Promise<void> => {
    leaveTarget();
    if (words === messenger.store.findMessage(chatId, message.seq)?.text) return;
    try {
      await chat.edit(message.seq, { text: words, mentions });
    } catch (error) {
      // What was written is not lost.
      const again = (): void =>
        void (targetSignal.value = { kind: 'edit', message: { ...message, text: words, mentions } });
      toast(toErrorText(error), { label: texts().again, onSelect: again });
    }
  };

  /** Sends or saves what is in the field. `people`: who can be mentioned. */
  const submit = (people: readonly Person[]): void => {
    const words = toSendable(text);
    if (words === '') return;
    const max = messenger.limits?.max_mentions ?? usualMaxMentions;
    const mentions = toMentions(words, tokens, toKnown(people), max);
    if (edited) {
      void correct(edited, words, mentions);
      return;
    }
    chat.send({
      text: words,
      ...(answered !== undefined && { replyTo: answered }),
      ...(mentions.length > 0 && { mentions }),
    });
    draftTokens.current = [];
    show('');
    leaveTarget();
    noteSent();
  };

  return {
    text,
    target,
    submit,
    leaveTarget,
    setText(value: string): void {
      if (target?.kind === 'edit') {
        setCorrection({ of: target, text: value });
        return;
      }
      show(value);
      if (value !== '') chat.typing();
    },
    notePicked: (token: Token): void => void tokens.push(token),
    /** Begins to correct one's newest message, if there is one. */
    editLast(): boolean {
      const message = target ? undefined : findLast(messenger, chatId);
      if (message) targetSignal.value = { kind: 'edit', message };
      return message !== undefined;
    },
  };
}
