/** What is asked before something is done to a group or a member. */
import type { ChatView } from '../../client/index.ts';
import { usePerson } from '../app/names.ts';
import { go, paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { Confirm } from '../ui/dialog.tsx';
import { useDeed } from './deed.ts';
import { actions, outcomes, titles } from './question-texts.ts';

/** What one is about to do. */
export type GroupQuestion =
  | { kind: 'leave' | 'delete' }
  | { kind: 'promote' | 'demote' | 'transfer' | 'remove'; userId: string };

export interface QuestionProps {
  chat: ChatView;
  question: GroupQuestion;
  onEnding: (isEnding: boolean) => void;
  onClose: () => void;
}

const dangerous: readonly GroupQuestion['kind'][] = ['leave', 'delete', 'remove', 'transfer'];

/** Asks, and does it. */
export function Question({ chat, question, onEnding, onClose }: QuestionProps) {
  const messenger = useMessenger();
  const deed = useDeed();
  const { name } = usePerson('userId' in question ? question.userId : '');
  const handle = messenger.chat(chat.id);

  const acts: Record<GroupQuestion['kind'], (userId: string) => Promise<unknown>> = {
    leave: () => handle.leave(),
    delete: () => handle.deleteGroup(),
    promote: (userId) => handle.setRole(userId, 'admin'),
    demote: (userId) => handle.setRole(userId, 'member'),
    transfer: (userId) =>
      messenger.request({ method: 'POST', path: `/api/v1/chats/${chat.id}/transfer`, body: { user_id: userId } }),
    remove: (userId) => handle.removeMember(userId),
  };

  const confirm = async (): Promise<void> => {
    const isEnd = !('userId' in question);
    if (isEnd) onEnding(true);
    const isDone = await deed.run(() => acts[question.kind]('userId' in question ? question.userId : ''));
    if (isDone && isEnd) go(paths.home, { replace: true });
    else if (isDone) onClose();
    else onEnding(false);
  };

  return (
    <Confirm
      title={titles()[question.kind]}
      text={toOutcome(chat, question, name)}
      action={actions()[question.kind]}
      danger={dangerous.includes(question.kind)}
      busy={deed.busy}
      error={deed.error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    />
  );
}

function toOutcome(chat: ChatView, { kind }: GroupQuestion, person: string): string {
  const t = outcomes();
  const group = chat.name ?? '';
  if (kind !== 'leave') return t[kind](kind === 'delete' ? group : person);
  if (chat.own.role !== 'owner') return t.leave(group);
  return chat.members.length > 1 ? t.ownerLeaves(group) : t.lastLeaves(group);
}
