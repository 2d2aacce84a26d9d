import { useSlice } from '../app/slices.ts';
import { Bubble } from './bubble.tsx';

/** The messages of a chat. `seq`: the message to jump to. */
export function Timeline({ chatId }: { chatId: string; seq: number | undefined }) {
  const { rows, pending } = useSlice(`messages:${chatId}`);
  return (
    <div role="log">
      {[...rows, ...pending].map((row) => (
        <Bubble key={row.client_id} message={row} />
      ))}
    </div>
  );
}
