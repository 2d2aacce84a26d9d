import { commandNames, type CommandName } from './command-names.ts';
import { requireOpen, type Command, type Commands, type Desk } from './command.ts';
import { chatCommands } from './commands-chats.ts';
import { messageCommands, toContent } from './commands-messages.ts';
import { peopleCommands } from './commands-people.ts';
import { selfCommands } from './commands-self.ts';
import { Complaint } from './complaint.ts';
import { parseLine } from './parse-line.ts';

export const commands: Commands = { ...chatCommands, ...messageCommands, ...peopleCommands, ...selfCommands };

const byTypedName = new Map<string, Command>(
  commandNames.flatMap((name: CommandName) =>
    [name, ...(commands[name].aliases ?? [])].map((typed) => [typed, commands[name]]),
  ),
);

/** Every name that may be typed after the slash. */
export const typedNames: readonly string[] = [...byTypedName.keys()];

/** Does what a typed line says. @throws Complaint, MessengerError */
export async function runLine(desk: Desk, line: string): Promise<void> {
  const parsed = parseLine(line);
  if ('text' in parsed) {
    if (parsed.text.trim() === '') return;
    const conversation = requireOpen(desk);
    return conversation.send(toContent(desk, conversation, parsed.text));
  }
  const { command, rest } = parsed;
  const isNumber = /^\d+$/.test(command);
  const found = isNumber ? commands.open : byTypedName.get(command);
  try {
    if (found === undefined) throw new Complaint(desk.look.t.unknownCommand(command));
    await found.run(desk, isNumber ? command : rest);
  } catch (error) {
    // The next lines of a script were written for the chat that should be open now: they must not be said in another.
    if (!desk.screen.isTerminal && (found === undefined || found.opens)) desk.closeChat();
    throw error;
  }
}
