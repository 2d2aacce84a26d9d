import { useEffect, useRef, useState } from 'preact/hooks';
import { go, paths } from '../app/router.ts';
import { useMessenger } from '../app/slices.ts';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Choice, TextField } from '../ui/field.tsx';
import { Note } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import { isTouch } from '../ui/touch.ts';
import { toErrorText } from '../app/error-text.ts';
import { PeoplePicker } from './people-picker.tsx';
import type { Found } from './person-item.tsx';
import './new-chat.css';

const texts = defineTexts({
  en: {
    title: 'New group',
    create: 'Create',
    name: 'Group name',
    noName: 'A group needs a name',
    history: 'New members can see',
    all: 'Full history',
    sinceJoined: 'Only new messages',
    members: 'Members',
    chosen: (n: number) => `${n} selected`,
  },
  ru: {
    title: 'Новая группа',
    create: 'Создать',
    name: 'Название группы',
    noName: 'Группе нужно название',
    history: 'Новые участники видят',
    all: 'Всю переписку',
    sinceJoined: 'Только новое',
    members: 'Участники',
    chosen: (n: number) => `Выбрано: ${n}`,
  },
});

const formId = 'new-group';
const maxNameLength = 255;

/** Makes a group. */
export function NewGroup() {
  const messenger = useMessenger();
  const [name, setName] = useState('');
  const [history, setHistory] = useState<'all' | 'since_joined'>('all');
  const [chosen, setChosen] = useState<readonly Found[]>([]);
  const [isMaking, setMaking] = useState(false);
  const [error, setError] = useState<{ isOfName: boolean; text: string }>();
  const ref = useRef<HTMLFormElement>(null);
  const t = texts();
  useEffect(() => {
    if (!isTouch()) ref.current?.querySelector('input')?.focus();
  }, []);

  const make = async (): Promise<void> => {
    setMaking(true);
    setError(undefined);
    try {
      const userIds = chosen.map(({ id }) => id);
      const chat = await messenger.createGroup({ name: name.trim(), userIds, history });
      go(paths.chat(chat.id), { replace: true });
    } catch (thrown) {
      setError({ isOfName: false, text: toErrorText(thrown) });
      setMaking(false);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name.trim() !== '') return void make();
    setError({ isOfName: true, text: t.noName });
    ref.current?.querySelector('input')?.focus();
  };

  return (
    <Page
      title={t.title}
      back={paths.home}
      actions={
        <Button kind="primary" type="submit" form={formId} busy={isMaking}>
          {t.create}
        </Button>
      }
    >
      <form id={formId} ref={ref} class="new-chat" noValidate onSubmit={submit}>
        {error && !error.isOfName && <Note kind="danger">{error.text}</Note>}
        <TextField
          label={t.name}
          value={name}
          onInput={setName}
          autocomplete="off"
          maxLength={maxNameLength}
          required
          error={error?.isOfName ? error.text : undefined}
        />
        <Choice
          label={t.history}
          value={history}
          onChange={setHistory}
          options={[
            { value: 'all', label: t.all },
            { value: 'since_joined', label: t.sinceJoined },
          ]}
        />
        <section class="new-chat" aria-label={t.members}>
          <h2 class="new-chat-members">
            {t.members}
            {chosen.length > 0 && <span class="new-chat-count">{t.chosen(chosen.length)}</span>}
          </h2>
          <PeoplePicker picked={chosen} onChange={setChosen} />
        </section>
      </form>
    </Page>
  );
}
