import { commandNames, type CommandName } from './command-names.ts';
import { requireYes, usage, type Commands, type Desk } from './command.ts';
import { Complaint } from './complaint.ts';
import { toSafeLine } from './safe-text.ts';

const isCommand = (name: string): name is CommandName => (commandNames as readonly string[]).includes(name);

function help(desk: Desk, rest: string): void {
  const { t, marks, paint } = desk.look;
  const name = rest.replace(/^\//, '');
  if (name !== '' && !isCommand(name)) throw new Complaint(t.unknownCommand(name));
  const shown = name === '' ? commandNames : [name];
  const heads = shown.map((command) => `/${command} ${t.commands[command][0]}`.trimEnd());
  const width = Math.max(...heads.map((head) => head.length));
  if (name === '') desk.print(t.helpTop);
  desk.print(...shown.map((command, i) => `  ${heads[i]!.padEnd(width)}  ${paint.dim(t.commands[command][1])}`));
  if (name !== '') return;
  const steps = (['queued', 'failed', 'stored', 'delivered', 'seen'] as const).map(
    (step) => `${marks[step]} ${t.progress[step]}`,
  );
  desk.print(t.helpMarks(steps.join(', ')));
}

async function showMe(desk: Desk): Promise<void> {
  const { messenger, look } = desk;
  const me = (await messenger.request({ method: 'GET', path: '/api/v1/users/me' })) as Record<string, unknown>;
  for (const key of ['name', 'username', 'email', 'phone', 'id'] as const) {
    const value = me[key];
    if (typeof value === 'string') desk.print(`  ${look.t.account[key]}: ${toSafeLine(value)}`);
  }
}

/** Oneself, the login and the terminal. */
export const selfCommands: Commands<'help' | 'me' | 'as' | 'frames' | 'logout' | 'quit'> = {
  help: { aliases: ['h', '?'], run: help },
  me: { run: showMe },
  as: {
    run(desk, rest) {
      if (rest === '') throw usage(desk, 'as');
      return desk.logInAs(rest);
    },
  },
  frames: {
    run(desk, rest) {
      if (rest !== '' && rest !== 'off') throw usage(desk, 'frames');
      desk.showsFrames = rest === '';
      desk.print(desk.showsFrames ? desk.look.t.framesOn : desk.look.t.framesOff);
    },
  },
  logout: {
    run(desk, rest) {
      requireYes(desk, 'logout', rest);
      return desk.logOut();
    },
  },
  quit: { aliases: ['q', 'exit'], run: (desk) => desk.quit() },
};
