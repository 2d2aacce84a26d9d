import { useState } from 'preact/hooks';
import type { ChatView } from '../../client/index.ts';
import { useMessenger } from '../app/slices.ts';
import { PictureEditor } from '../settings/picture-editor.tsx';
import { defineTexts } from '../texts/texts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { useDeed } from './deed.ts';
import './edit-group.css';

const texts = defineTexts({
  en: {
    title: 'Edit group',
    name: 'Name',
    description: 'Description',
    needed: 'A group needs a name.',
    save: 'Save',
  },
  ru: {
    title: 'Изменить группу',
    name: 'Название',
    description: 'Описание',
    needed: 'Группе нужно название.',
    save: 'Сохранить',
  },
});

/** The server's own bounds, in code points; a field counts UTF-16 units, so that it never allows more. */
const maxName = 255;
const maxDescription = 500;

/** Changes what a group is called and looks like. A picture is changed at once, the words when they are saved. */
export function EditGroup({ chat, onClose }: { chat: ChatView; onClose: () => void }) {
  const messenger = useMessenger();
  const [name, setName] = useState(chat.name ?? '');
  const [description, setDescription] = useState(chat.description ?? '');
  const [isBlank, setBlank] = useState(false);
  const deed = useDeed();
  const t = texts();

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBlank(name.trim() === '');
    if (name.trim() === '') return;
    const fields = { name: name.trim(), description: description.trim() === '' ? null : description.trim() };
    const isSame = fields.name === chat.name && fields.description === chat.description;
    if (isSame || (await deed.run(() => messenger.chat(chat.id).updateGroup(fields)))) onClose();
  };

  return (
    <Dialog
      title={t.title}
      onClose={onClose}
      actions={
        <Button kind="primary" type="submit" form="edit-group" busy={deed.busy}>
          {t.save}
        </Button>
      }
    >
      <PictureEditor
        id={chat.name ?? ''}
        name={chat.name ?? ''}
        src={chat.avatar_url}
        path={`/api/v1/chats/${chat.id}/avatar`}
        onChange={() => Promise.resolve()}
      />
      <form id="edit-group" class="edit-group" onSubmit={(event) => void save(event)}>
        <TextField
          label={t.name}
          value={name}
          onInput={setName}
          maxLength={maxName}
          autocomplete="off"
          error={isBlank ? t.needed : undefined}
        />
        <TextField
          label={t.description}
          value={description}
          onInput={setDescription}
          maxLength={maxDescription}
          rows={3}
        />
      </form>
      {deed.error && (
        <p class="field-error" role="alert">
          {deed.error}
        </p>
      )}
    </Dialog>
  );
}
