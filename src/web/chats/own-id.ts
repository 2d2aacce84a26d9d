import { session } from '../app/session.ts';

/** Who has logged in, known also before there is a connection; read it while rendering. */
export const ownId = (): string | undefined => (session.value.kind === 'in' ? session.value.userId : undefined);
