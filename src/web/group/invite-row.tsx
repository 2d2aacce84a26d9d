import { useRef, useState } from 'preact/hooks';
import { toMoment } from '../texts/dates.ts';
import { countEn, countRu, defineTexts } from '../texts/texts.ts';
import { IconButton } from '../ui/button.tsx';

/** As the server tells it: `src/protocol/invites.ts`. */
export interface Invite {
  id: string;
  token: string;
  title: string | null;
  expires_at: string | null;
  max_uses: number | null;
  uses: number;
}

const texts = defineTexts({
  en: {
    untitled: 'Invite link',
    until: (when: string) => `expires ${when}`,
    forever: 'never expires',
    expired: 'expired',
    usedUp: 'used up',
    uses: (uses: number) => (uses === 0 ? 'no one has joined yet' : `${countEn(uses, 'person', 'people')} joined`),
    usesOf: (uses: number, max: number) => `${uses} of ${max} joined`,
    link: (title: string) => `Link: ${title}`,
    copy: (title: string) => `Copy: ${title}`,
    revoke: (title: string) => `Revoke: ${title}`,
    copied: 'Link copied.',
    selected: 'Link selected. Copy it with Ctrl+C or the context menu.',
  },
  ru: {
    untitled: 'Ссылка-приглашение',
    until: (when: string) => `истекает ${when}`,
    forever: 'бессрочно',
    expired: 'срок истёк',
    usedUp: 'места закончились',
    uses: (uses: number) =>
      uses === 0 ? 'пока никто не вступил' : `по ссылке: ${countRu(uses, 'человек', 'человека', 'человек')}`,
    usesOf: (uses: number, max: number) => `по ссылке: ${uses} из ${max}`,
    link: (title: string) => `Ссылка: ${title}`,
    copy: (title: string) => `Скопировать: ${title}`,
    revoke: (title: string) => `Отозвать: ${title}`,
    copied: 'Ссылка скопирована.',
    selected: 'Ссылка выделена. Скопируйте её через Ctrl+C или контекстное меню.',
  },
});

function toState({ expires_at: expiresAt, max_uses: maxUses, uses }: Invite): string {
  const t = texts();
  if (expiresAt !== null && new Date(expiresAt).getTime() <= Date.now()) return t.expired;
  if (maxUses !== null && uses >= maxUses) return t.usedUp;
  return expiresAt === null ? t.forever : t.until(toMoment(expiresAt));
}

/** One link, to copy or to revoke. */
export function InviteRow({ invite, onRevoke }: { invite: Invite; onRevoke: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState<string>();
  const t = texts();
  const title = invite.title ?? t.untitled;
  const { uses, max_uses: max } = invite;
  const link = `${location.origin}/invite/${invite.token}`;

  const copy = async (): Promise<void> => {
    try {
      // Browsers have no clipboard where the address is not https.
      await navigator.clipboard.writeText(link);
      setSaid(t.copied);
    } catch {
      input.current!.select();
      setSaid(t.selected);
    }
  };

  return (
    <li class="invite-row">
      <p class="invite-row-title">{title}</p>
      <p class="invite-row-state">
        {toState(invite)} · {max === null ? t.uses(uses) : t.usesOf(uses, max)}
      </p>
      <div class="invite-row-link">
        <input ref={input} class="field-input" readOnly aria-label={t.link(title)} value={link} />
        <IconButton icon="copy" label={t.copy(title)} onClick={() => void copy()} />
        <IconButton icon="trash" label={t.revoke(title)} onClick={onRevoke} />
      </div>
      <p class="invite-row-state" role="status">
        {said}
      </p>
    </li>
  );
}
