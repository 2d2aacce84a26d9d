import { useEffect, useRef } from 'preact/hooks';
import { useMessenger, useSlice } from '../../app/slices.ts';
import { draftsOf, isSameDraft, type DraftValue } from './drafts.ts';

const saveAfterMs = 1_000;

export interface DraftField {
  /** What stands in the field; undefined: it is about something else now, and the draft stays as it is. */
  value: DraftValue | undefined;
  /** Puts a draft into the field. */
  onRestore: (draft: DraftValue) => void;
}

/** Keeps the field of a chat and the draft that the server holds the same. The returned function says that it was sent. */
export function useDraft(chatId: string, { value, onRestore }: DraftField): () => void {
  const drafts = draftsOf(useMessenger());
  const own = useSlice(`chat:${chatId}`)?.own.draft;
  const field = useRef(value);
  field.current = value;
  /** What both have last agreed on. */
  const agreed = useRef<DraftValue>(null);
  const told = useRef<DraftValue>(null);

  const save = (): void => {
    if (field.current === undefined || isSameDraft(field.current, agreed.current)) return;
    agreed.current = field.current;
    drafts.save(chatId, field.current);
  };

  useEffect(() => {
    const known = drafts.get(chatId);
    agreed.current = known;
    told.current = drafts.ofServer(chatId);
    if (known) onRestore(known);
    addEventListener('pagehide', save);
    return () => {
      removeEventListener('pagehide', save);
      save();
    };
  }, [chatId]);

  useEffect(() => {
    const now = drafts.ofServer(chatId);
    if (isSameDraft(now, told.current)) return;
    told.current = now;
    if (drafts.takeEcho(chatId, now) || drafts.isUnsaved(chatId) || field.current === undefined) return;
    // What is being written here goes before what was written elsewhere.
    if (!isSameDraft(field.current, agreed.current) || isSameDraft(now, agreed.current)) return;
    agreed.current = now;
    onRestore(now);
  }, [own]);

  useEffect(() => {
    const timer = setTimeout(save, saveAfterMs);
    return () => clearTimeout(timer);
  }, [value?.text, value?.replyTo]);

  return () => {
    agreed.current = null;
    drafts.save(chatId, null);
  };
}
