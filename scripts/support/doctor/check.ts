/** Tables whose rows a check looks at, by the id that a slice of them is cut by. */
export const sliceColumns = {
  chats: 'id',
  groups: 'chat_id',
  memberships: 'chat_id',
  messages: 'chat_id',
  message_reads: 'chat_id',
  message_edits: 'chat_id',
  reactions: 'chat_id',
  mentions: 'chat_id',
  drafts: 'chat_id',
  users: 'id',
  sessions: 'user_id',
} as const;
export type CheckedTable = keyof typeof sliceColumns;

/** What one check saw. */
export interface Finding {
  name: string;
  /** How many rows were looked at, and of what. */
  looked: number;
  of: string;
  defects: number;
  /** The first of them, for people. */
  subjects: string[];
  isNote: boolean;
}

/** What must be true of every row of a table. */
export interface Check {
  name: string;
  table: CheckedTable;
  /** A statement that answers one `subject` a defect, among rows of the slice ($1, $2]; one snapshot, so a live server is no defect. */
  find: string;
  /** Not a defect: worth knowing, and the exit code stays 0. */
  isNote?: true;
  /** Rows of a load that is under way, or was cut off, look like this too. */
  isLeftByLoads?: true;
}

/** The rows of a slice. */
export const inSlice = (column: string): string => `${column} > $1 and ${column} <= $2`;
