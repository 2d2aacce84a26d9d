import { useState } from 'preact/hooks';
import { useMessenger } from '../app/slices.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

/** Where one writes. */
export function Composer({ chatId }: { chatId: string }) {
  const chat = useMessenger().chat(chatId);
  const [text, setText] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        chat.send(text);
        setText('');
      }}
    >
      <TextField label="Message" value={text} onInput={setText} />
      <Button type="submit">Send</Button>
    </form>
  );
}
