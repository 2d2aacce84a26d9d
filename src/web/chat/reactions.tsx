import { useEffect, useState } from 'preact/hooks';
import type { Message, Reaction } from '../../client/index.ts';
import { toName } from '../app/names.ts';
import { useMessenger } from '../app/slices.ts';
import { classes } from '../ui/classes.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { listReactions, settleReactions, toggleReaction } from './actions/toggles.ts';
import './reactions.css';

const texts = defineTexts({
  en: {
    reactions: 'Reactions',
    you: 'you',
    others: (names: string, n: number) =>
      names === '' ? countEn(n, 'person', 'people') : `${names} and ${countEn(n, 'other', 'others')}`,
  },
  ru: {
    reactions: 'Реакции',
    you: 'вы',
    others: (names: string, n: number) =>
      names === ''
        ? countRu(n, 'человек', 'человека', 'человек')
        : `${names} и ещё ${countRu(n, 'человек', 'человека', 'человек')}`,
  },
});

const maxNamed = 3;

/** Who gave a reaction: `Bob, Carol and 2 others`. */
function useGivers({ user_ids: ids }: Reaction): string {
  const { store, user } = useMessenger();
  const people = [...ids].sort((a, b) => Number(b === user?.id) - Number(a === user?.id));
  const named = people
    .filter((id) => id === user?.id || store.get(`person:${id}`))
    .slice(0, maxNamed)
    .map((id) => (id === user?.id ? texts().you : toName(store.get(`person:${id}`))));
  const rest = ids.length - named.length;
  return rest > 0 ? texts().others(named.join(', '), rest) : named.join(', ');
}

function Chip({ message, reaction }: { message: Message; reaction: Reaction }) {
  const messenger = useMessenger();
  const givers = useGivers(reaction);
  const [, setRead] = useState(false);
  const isOwn = reaction.user_ids.includes(messenger.user?.id ?? '');
  const readPeople = (): void => {
    const unknown = reaction.user_ids.filter((id) => !messenger.store.get(`person:${id}`)).slice(0, maxNamed);
    if (unknown.length > 0)
      messenger.getUsers(unknown).then(
        () => setRead(true),
        () => undefined,
      );
  };
  return (
    <button
      type="button"
      class={classes('reaction', isOwn && 'reaction-own')}
      aria-pressed={isOwn}
      aria-label={`${reaction.emoji} ${reaction.user_ids.length}: ${givers}`}
      title={givers}
      onPointerEnter={readPeople}
      onFocus={readPeople}
      onClick={() => toggleReaction(messenger, message, reaction.emoji)}
    >
      <span class="reaction-emoji">{reaction.emoji}</span>
      <span>{reaction.user_ids.length}</span>
    </button>
  );
}

/** The reactions to a message as buttons: pressing one adds or takes back one's own. */
export function Reactions({ message }: { message: Message }) {
  const { user } = useMessenger();
  const reactions = listReactions(message, user?.id);
  useEffect(() => settleReactions(message, user?.id), [message, user?.id]);
  if (reactions.length === 0) return null;
  return (
    <div class="reactions" role="group" aria-label={texts().reactions}>
      {reactions.map((reaction) => (
        <Chip key={reaction.emoji} message={message} reaction={reaction} />
      ))}
    </div>
  );
}
