/** Who may do what in a group; the server decides, this only spares people buttons that would be refused. */
import type { MemberView } from '../../client/index.ts';

type Role = MemberView['role'];

/** May change the group, add people and invite. */
export const isAdmin = (role: Role): boolean => role !== 'member';

/** Whether one of a role may take one of another out. */
export const mayRemove = (own: Role, role: Role): boolean => own === 'owner' || (own === 'admin' && role === 'member');
