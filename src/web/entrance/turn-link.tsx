import { Link } from '../ui/link.tsx';

/** Shows the other form without leaving the address; undefined where the forms have their own. */
export type Turn = ((mode: 'login' | 'register') => void) | undefined;

/** Leads from one form to the other. */
export const TurnLink = ({ to, turn, label }: { to: 'login' | 'register'; turn: Turn; label: string }) => (
  <Link
    href={`/${to}`}
    onClick={(event) => {
      if (!turn) return;
      event.preventDefault();
      turn(to);
    }}
  >
    {label}
  </Link>
);
