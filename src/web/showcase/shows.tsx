/** Every component of the design system in its states. */
import { useState } from 'preact/hooks';
import { Avatar } from '../ui/avatar.tsx';
import { Badge } from '../ui/badge.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { CheckItem } from '../ui/check-item.tsx';
import { Confirm, Dialog } from '../ui/dialog.tsx';
import { Choice, SearchField, Switch, TextField } from '../ui/field.tsx';
import { Icon, iconNames } from '../ui/icon.tsx';
import { Link } from '../ui/link.tsx';
import { ListItem } from '../ui/list-item.tsx';
import { MenuButton } from '../ui/menu.tsx';
import { EmptyState, Note } from '../ui/note.tsx';
import { Page } from '../ui/page.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { toast, Toasts } from '../ui/toast.tsx';

interface ShowProps {
  theme: 'light' | 'dark';
}

const nothing = (): void => undefined;
const long = 'A title that is much longer than any place where it could stand, whatever the screen';

const Avatars = () => (
  <>
    <Avatar id="a" name="Alice Liddell" />
    <Avatar id="b" name="Боб" online />
    <Avatar id="c" name="Picture" src="/icons/192.png" online />
    <Avatar id="d" name="Small" size={2} />
    <Avatar id="e" name="Large" size={6} />
  </>
);

const Badges = () => (
  <>
    <Badge count={1} label="1 unread message" />
    <Badge count={1_234} label="1234 unread messages" />
    <Badge kind="quiet" count={56} label="56 unread messages" />
  </>
);

const Buttons = () => (
  <>
    {(['primary', 'secondary', 'plain', 'danger'] as const).map((kind) => (
      <Button key={kind} kind={kind}>
        {kind}
      </Button>
    ))}
    <Button icon="add">With an icon</Button>
    <Button disabled>Disabled</Button>
    <Button kind="primary" busy>
      Busy
    </Button>
    <IconButton icon="search" label="Search" />
    <IconButton icon="send" label="Send" kind="primary" />
    <IconButton icon="trash" label="Delete" disabled />
  </>
);

function Dialogs() {
  const [shown, setShown] = useState<'dialog' | 'confirm'>();
  const close = (): void => setShown(undefined);
  return (
    <>
      <Button onClick={() => setShown('dialog')}>Open a dialog</Button>
      <Button onClick={() => setShown('confirm')}>Ask</Button>
      {shown === 'dialog' && (
        <Dialog title="A dialog" onClose={close}>
          <p>It says something.</p>
        </Dialog>
      )}
      {shown === 'confirm' && (
        <Confirm
          title="Delete the message?"
          text="For everybody; it cannot be taken back."
          action="Delete"
          danger
          error="The server cannot be reached."
          onConfirm={nothing}
          onClose={close}
        />
      )}
    </>
  );
}

function Fields() {
  const [text, setText] = useState('Text');
  const [checked, setChecked] = useState(true);
  const [choice, setChoice] = useState<'one' | 'two'>('one');
  const shared = { value: text, onInput: setText };
  return (
    <>
      <TextField label="A field" hint="What it is for" {...shared} />
      <TextField label="A wrong one" error="This is taken" {...shared} />
      <TextField label="Several lines" rows={3} {...shared} />
      <TextField label="Disabled" disabled {...shared} />
      <TextField label="Only to be read" readOnly {...shared} />
      <SearchField label="Search" value="" onInput={nothing} />
      <Switch label="A switch" hint="What it does" checked={checked} onChange={setChecked} />
      <Switch label="Disabled switch" checked={false} onChange={nothing} disabled />
      <Choice
        label="One of a few"
        options={[
          { value: 'one', label: 'One' },
          { value: 'two', label: 'Two' },
        ]}
        value={choice}
        onChange={setChoice}
      />
    </>
  );
}

const Icons = () => (
  <ul class="showcase-icons">
    {iconNames.map((name) => (
      <li key={name}>
        <Icon name={name} />
        {name}
      </li>
    ))}
  </ul>
);

const Links = () => (
  <p>
    Some text with <Link href="/ui#link">a link</Link> in it.
  </p>
);

const ListItems = () => (
  <ul>
    <li>
      <ListItem title="Only shown" subtitle="Below it" leading={<Avatar id="a" name="Only Shown" />} />
    </li>
    <li>
      <ListItem title="A link" href="/ui#list-item" trailing={<Badge count={3} label="3 unread messages" />} />
    </li>
    <li>
      <ListItem title="Selected" subtitle="It is looked at" href="/ui#list-item" selected />
    </li>
    <li>
      <ListItem title={long} subtitle={long} onSelect={nothing} leading={<Icon name="group" />} />
    </li>
  </ul>
);

const Menus = () => (
  <MenuButton
    label="More"
    items={[
      { label: 'Edit', icon: 'edit', onSelect: nothing },
      { label: 'Cannot be chosen', disabled: true, onSelect: nothing },
      { label: 'Delete', icon: 'trash', danger: true, onSelect: nothing },
    ]}
  />
);

const Notes = () => (
  <>
    <Note>How things stand</Note>
    <Note kind="warning" action={<Button kind="plain">Do something</Button>}>
      Something is not as it should be
    </Note>
    <Note kind="danger">Something went wrong</Note>
    <EmptyState icon="search" title="Nothing was found" text="Try other words">
      <Button>Look elsewhere</Button>
    </EmptyState>
  </>
);

const Pages = ({ theme }: ShowProps) => (
  <Page title={`A screen, ${theme}`} back="/ui#page" actions={<IconButton icon="more" label="More" />}>
    <p>What scrolls below its head.</p>
  </Page>
);

const ToastsOf = ({ theme }: ShowProps) => (
  <>
    <Button onClick={() => toast('The message was deleted', { label: 'Undo', onSelect: nothing })}>
      Say something
    </Button>
    {theme === 'light' && <Toasts />}
  </>
);

function PasswordFields() {
  const [text, setText] = useState('open sesame');
  const shared = { value: text, onInput: setText };
  return (
    <>
      <PasswordField kind="current" label="A password" {...shared} />
      <PasswordField kind="new" label="A wrong one" error="This is too short" {...shared} />
    </>
  );
}

function CheckItems() {
  const [checked, setChecked] = useState(true);
  const leading = <Avatar id="a" name="Alice Liddell" />;
  return (
    <ul>
      <li>
        <CheckItem leading={leading} title="Alice Liddell" subtitle="@alice" checked={checked} onChange={setChecked} />
      </li>
      <li>
        <CheckItem leading={leading} title={long} checked={false} disabled onChange={nothing} />
      </li>
    </ul>
  );
}

export const shows = {
  avatar: Avatars,
  badge: Badges,
  button: Buttons,
  'check-item': CheckItems,
  dialog: Dialogs,
  field: Fields,
  icon: Icons,
  link: Links,
  'list-item': ListItems,
  menu: Menus,
  note: Notes,
  page: Pages,
  'password-field': PasswordFields,
  toast: ToastsOf,
};

export type ShowName = keyof typeof shows;
